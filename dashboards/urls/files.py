"""Employee files."""

from django.urls import URLPattern, path

from dashboards.views import files

urlpatterns: list[URLPattern] = [
    path("employees/", files.employees, name="employees"),
    path("employees/<path:employee_no>/", files.employee_file, name="employee_file"),
]
