"""Periods and schemes."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
