"""Sums and numbers of a month x department from the rollups: as quick with millions of answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Sum

from surveys.models import AnswerRollup
from surveys.rules.sums import Sums

_BY_DEPARTMENT = """SELECT month, department_id, dimension, sum(n)::bigint, sum(total)::text,
        sum(sumsq)::text
    FROM surveys_ratingrollup
    WHERE month BETWEEN %(first)s AND %(last)s AND department_id = ANY(%(departments)s)
        AND (dimension = 'overall') = %(overall)s
    GROUP BY 1, 2, 3 HAVING sum(n) > 0"""

_BY_EMPLOYEE = """SELECT employee_id, sum(person_n)::bigint, sum(person_total)::text,
        sum(person_sumsq)::text
    FROM surveys_ratingrollup
    WHERE month BETWEEN %(first)s AND %(last)s AND department_id = ANY(%(departments)s)
        AND dimension = 'overall' AND employee_id IS NOT NULL
    GROUP BY 1 HAVING sum(person_n) > 0"""


def overall_by_month(
    departments: Collection[int], first: date, last: date
) -> dict[date, dict[int, Sums]]:
    """Month -> department -> sums of the overall scores of the answers stored with it, not with
    those below it. Months by their first days, both inclusive."""
    found: dict[date, dict[int, Sums]] = defaultdict(dict)
    for month, department, _dimension, sums in _rows(departments, first, last, overall=True):
        found[month][department] = sums
    return found


def dimensions_by_month(
    departments: Collection[int], first: date, last: date
) -> dict[date, dict[str, dict[int, Sums]]]:
    """Month -> dimension -> department -> sums, otherwise as overall_by_month."""
    found: dict[date, dict[str, dict[int, Sums]]] = defaultdict(lambda: defaultdict(dict))
    for month, department, dimension, sums in _rows(departments, first, last, overall=False):
        found[month][dimension][department] = sums
    return found


def _rows(
    departments: Collection[int], first: date, last: date, *, overall: bool
) -> list[tuple[date, int, str, Sums]]:
    values: dict[str, Any] = {
        "departments": list(departments),
        "first": first,
        "last": last,
        "overall": overall,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BY_DEPARTMENT, values)
        return [
            (month, department, dimension, Sums(n, int(total), int(sumsq)))
            for month, department, dimension, n, total, sumsq in cursor.fetchall()
        ]


def people_sums(departments: Collection[int], first: date, last: date) -> dict[int, Sums]:
    """Employee -> sums of the person's own scores from answers stored with these departments."""
    values: dict[str, Any] = {"departments": list(departments), "first": first, "last": last}
    with connection.cursor() as cursor:
        cursor.execute(_BY_EMPLOYEE, values)
        return {who: Sums(n, int(total), int(sq)) for who, n, total, sq in cursor.fetchall()}


def points_by_month(
    departments: Collection[int], first: date, last: date
) -> dict[date, dict[str, dict[int, int]]]:
    """Month -> measure (score, nps) -> point -> counted answers; see models.AnswerRollup."""
    rows = (
        AnswerRollup.objects.filter(
            month__range=(first, last), department__in=list(departments), n__gt=0
        )
        .values_list("month", "measure", "point")
        .annotate(Sum("n"))
    )
    found: dict[date, dict[str, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    for month, measure, point, n in rows:
        found[month][measure][point] = n
    return found


def months_with_answers(departments: Collection[int]) -> list[date]:
    """The months in which answers of these departments count, the earliest first."""
    rows = AnswerRollup.objects.filter(department__in=list(departments), n__gt=0)
    return sorted(rows.values_list("month", flat=True).distinct())


__all__ = [
    "dimensions_by_month",
    "months_with_answers",
    "overall_by_month",
    "people_sums",
    "points_by_month",
]
