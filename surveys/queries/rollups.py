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

# Nobody's own part is the whole answer.
_BY_EMPLOYEE = """SELECT month, employee_id, sum(n)::bigint, sum(total)::text, sum(sumsq)::text
    FROM (
        SELECT month, employee_id,
            CASE WHEN employee_id IS NULL THEN n ELSE person_n END AS n,
            CASE WHEN employee_id IS NULL THEN total ELSE person_total END AS total,
            CASE WHEN employee_id IS NULL THEN sumsq ELSE person_sumsq END AS sumsq
        FROM surveys_ratingrollup
        WHERE month BETWEEN %(first)s AND %(last)s AND department_id = ANY(%(departments)s)
            AND dimension = 'overall') parts
    GROUP BY 1, 2 HAVING sum(n) > 0"""


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


def people_by_month(
    departments: Collection[int], first: date, last: date
) -> dict[date, dict[int | None, Sums]]:
    """Month -> employee -> sums of the person's own scores from answers stored with these
    departments; under None the answers that name nobody."""
    values: dict[str, Any] = {"departments": list(departments), "first": first, "last": last}
    found: dict[date, dict[int | None, Sums]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_BY_EMPLOYEE, values)
        for month, who, n, total, sq in cursor.fetchall():
            found[month][who] = Sums(n, int(total), int(sq))
    return found


def nps_by_month(
    departments: Collection[int], first: date, last: date
) -> dict[date, dict[int, int]]:
    """Month -> department -> counted answers to the question of recommending, without those of
    the departments below it."""
    rows = (
        AnswerRollup.objects.filter(
            month__range=(first, last), department__in=list(departments), measure="nps", n__gt=0
        )
        .values_list("month", "department")
        .annotate(Sum("n"))
    )
    found: dict[date, dict[int, int]] = defaultdict(dict)
    for month, department, n in rows:
        found[month][department] = n
    return found


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
    "nps_by_month",
    "overall_by_month",
    "people_by_month",
    "points_by_month",
]
