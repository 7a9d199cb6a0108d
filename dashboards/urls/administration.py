"""People and roles, settings, jobs, audit trail."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
