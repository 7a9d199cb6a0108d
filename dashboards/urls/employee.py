"""What an employee sees of the own results; the same page for those who may see others'."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
