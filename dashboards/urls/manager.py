"""Department dashboards, people, comments."""

from django.urls import URLPattern, path

from dashboards.views.manager import comments, department, people

urlpatterns: list[URLPattern] = [
    path("dashboard/", department.dashboard, name="dashboard"),
    path("dashboard/<str:code>/", department.department, name="department"),
    path("dashboard/<str:code>/export/", department.export, name="department_export"),
    path("people/", people.people, name="people"),
    path("comments/", comments.comments, name="comments"),
]
