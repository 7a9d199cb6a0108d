"""URL map: each app brings its own urls modules, pages and API apart."""

from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver
from drf_spectacular.views import SpectacularAPIView

from core import csp, health, metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("csp-report/", csp.report, name="csp_report"),
    path("api/v1/", include("customers.urls")),
    path("api/v1/", include("surveys.urls.api")),
    path("api/v1/", include("assessments.urls.api")),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("", include("surveys.urls.collection")),
    path("", include("surveys.urls.desk")),
    path("", include("assessments.urls.pages")),
    path("", include("incentives.urls.decisions")),
    path("", include("incentives.urls.payroll")),
    path("", include("organization.urls")),
    path("", include("dashboards.urls")),
]
handler400 = "dashboards.views.errors.bad_request"
handler500 = "dashboards.views.errors.failed"
