"""Department dashboards, people, comments."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
