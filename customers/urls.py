"""Addresses of the customers app, below /api/v1/."""

from django.urls import URLPattern, path

from customers.api import EventsView

urlpatterns: list[URLPattern] = [path("events/", EventsView.as_view(), name="api-events")]
