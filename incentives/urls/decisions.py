"""Appeals, awards and pay to decide, policies."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
