"""The survey desk: surveys, answers, cleaning review, analysis, questionnaires."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
