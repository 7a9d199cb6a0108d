"""The inbox of decisions."""

from django.urls import URLPattern, path

from dashboards.views import inbox

urlpatterns: list[URLPattern] = [path("inbox/", inbox.inbox, name="inbox")]
