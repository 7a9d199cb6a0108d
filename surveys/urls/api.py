"""Addresses of the surveys app, below /api/v1/."""

from django.urls import URLPattern, path

from surveys.api import ResponsesView

urlpatterns: list[URLPattern] = [path("responses/", ResponsesView.as_view(), name="api-responses")]
