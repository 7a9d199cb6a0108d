"""Where customers answer, and the invitations that bring them there."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
