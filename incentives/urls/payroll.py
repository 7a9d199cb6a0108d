"""Month close, batches, lines and their lineage, ledger, corrections."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
