"""Rows that hold from one day to another, both inclusive; an empty last day means still open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone

if TYPE_CHECKING:
    from datetime import date


class DateRange(Func):
    """daterange(first, last, '[]'): both days inclusive, an empty last day means open."""

    function = "daterange"
    template = "%(function)s(%(expressions)s, '[]')"


def employed_on(day: date, of: str = "") -> Q:
    """Whether a person has not left by that day; `of`: where the person stands, as "head__"."""
    return Q(**{f"{of}left_on__isnull": True}) | Q(**{f"{of}left_on__gte": day})


def no_overlap(name: str) -> ExclusionConstraint:
    """One employee holds at most one row of the table on any day."""
    return ExclusionConstraint(
        name=name,
        expressions=[
            ("employee", RangeOperators.EQUAL),
            (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
        ],
    )


def dates_in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name, condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))
    )


class DatedQuerySet(models.QuerySet):
    """Rows with starts_on and ends_on, both inclusive; ends_on null means still open."""

    def current(self) -> DatedQuerySet:
        return self.on(timezone.localdate())

    def on(self, day: date) -> DatedQuerySet:
        return self.between(day, day)

    def between(self, first: date, last: date) -> DatedQuerySet:
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first), starts_on__lte=last)
