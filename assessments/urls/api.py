"""Addresses of the assessments app, below /api/v1/."""

from django.urls import URLPattern, path

from assessments.api import MeasurementsView

urlpatterns: list[URLPattern] = [
    path("measurements/", MeasurementsView.as_view(), name="api-measurements")
]
