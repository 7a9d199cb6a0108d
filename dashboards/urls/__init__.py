"""The pages across apps; login and passwords in urls.account."""

from django.urls import URLPattern, URLResolver, include, path

from dashboards.views import demo, home, styleguide

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("language/", home.set_language, name="set_language"),
    path("theme/", home.set_theme, name="set_theme"),
    path("account/", home.account, name="account"),
    path("notices/", home.notices, name="notices"),
    path("notices/read/", home.read_notices, name="notices_read"),
    path("jobs/<int:pk>/progress/", home.job_progress, name="job_progress"),
    path("demo/answer/<str:code>/", demo.answer_as_customer, name="demo_answer"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("", include("dashboards.urls.account")),
    path("", include("dashboards.urls.employee")),
    path("", include("dashboards.urls.manager")),
    path("", include("dashboards.urls.decisions")),
    path("", include("dashboards.urls.files")),
    path("", include("dashboards.urls.data_files")),
    path("", include("dashboards.urls.administration")),
]
