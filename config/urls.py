"""URL map: each app brings its own urls module."""

from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from core import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("dashboards.urls")),
]
