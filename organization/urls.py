"""Roster import, pay profiles, the working calendar."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
