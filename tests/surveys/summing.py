"""Sums of departments for tests that store those of persons themselves."""

from __future__ import annotations

from importlib import import_module

from django.db import connection

from surveys.models import DepartmentRollup

FILL: str = import_module("surveys.migrations.0011_sums_of_departments").FILL


def departments_follow() -> None:
    """Make the sums of departments what the stored sums of persons add up to."""
    DepartmentRollup.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(FILL)
