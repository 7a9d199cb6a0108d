"""Sums and numbers of a month x department from the rollups: as quick with millions of answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q, Sum

from core.months import EVER
from surveys.models import AnswerRollup
from surveys.queries.desk import Part, listed
from surveys.rules.sums import NOTHING, Sums
from surveys.rules.telling import Person

_OVERALL = """SELECT month, survey_id, department_id, 'overall', n, total, sumsq::text
    FROM surveys_departmentrollup
    WHERE month BETWEEN %(first)s AND %(last)s AND n > 0 AND {rows}"""

# Unnested in the list of columns, as facts.EACH.
_BY_DIMENSION = """SELECT * FROM (
    SELECT month, survey_id, department_id, unnest(dimensions), unnest(ns) AS n, unnest(totals),
        unnest(sumsqs)::text
    FROM surveys_departmentrollup
    WHERE month BETWEEN %(first)s AND %(last)s AND {rows}) each WHERE n > 0"""

_BY_EMPLOYEE = """SELECT month, survey_id, department_id, employee_id, sum(n)::bigint,
        sum(person_n)::bigint, sum(person_total)::text, sum(person_sumsq)::text
    FROM surveys_ratingrollup
    WHERE month BETWEEN %(first)s AND %(last)s AND {rows}
    GROUP BY 1, 2, 3, 4 HAVING sum(n) > 0 OR sum(person_n) > 0"""

# As bigint, like the columns: then PostgreSQL looks a row up in a hash of the list. With the
# integer[] that small numbers make, it compares each row with one number after the other.
_OF_DEPARTMENTS = "department_id = ANY(%(departments)s::bigint[])"
_OF_SURVEYS = (
    "survey_id = ANY(%(surveys)s::bigint[]) AND (%(departments)s::bigint[] IS NULL"
    " OR department_id = ANY(%(departments)s::bigint[]))"
)


class Cell(NamedTuple):
    """Sums of the answers of a month to a survey that are stored with a department itself."""

    month: date
    survey: int
    department: int | None
    dimension: str
    sums: Sums


class PersonCell(NamedTuple):
    """As Cell, of one person's own scores (`sums`), or of the answers that name nobody."""

    month: date
    survey: int
    department: int | None
    employee: int | None
    person: Person
    sums: Sums


def overall_by_month(
    departments: Collection[int], first: date, last: date
) -> dict[date, dict[int, Sums]]:
    """Month -> department -> sums of the overall scores of the answers stored with it, not with
    those below it. Months by their first days, both inclusive."""
    found: dict[date, dict[int, Sums]] = defaultdict(dict)
    for cell in department_cells(departments, first, last, overall=True):
        assert cell.department is not None
        before = found[cell.month].get(cell.department, NOTHING)
        found[cell.month][cell.department] = before.plus(cell.sums)
    return found


def department_cells(
    departments: Collection[int], first: date, last: date, *, overall: bool
) -> list[Cell]:
    """The cells of these departments: of the overall score, or of the dimensions."""
    values = {"departments": list(departments)}
    kind = _OVERALL if overall else _BY_DIMENSION
    return _cells(kind.format(rows=_OF_DEPARTMENTS), values, (first, last))


def survey_cells(
    surveys: Collection[int],
    days: tuple[date, date] = EVER,
    *,
    overall: bool | None = None,
    part: Part = None,
) -> list[Cell]:
    """The cells of these surveys, within a part; of the overall score, of the dimensions, or of
    all."""
    kinds = [_OVERALL] * (overall is not False) + [_BY_DIMENSION] * (overall is not True)
    statement = " UNION ALL ".join(kind.format(rows=_OF_SURVEYS) for kind in kinds)
    return _cells(statement, {"surveys": list(surveys), "departments": listed(part)}, days)


def _cells(statement: str, values: Mapping[str, Any], days: tuple[date, date]) -> list[Cell]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**values, "first": days[0], "last": days[1]})
        return [
            Cell(month, survey, department, dimension, Sums(n, total, int(sumsq)))
            for month, survey, department, dimension, n, total, sumsq in cursor.fetchall()
        ]


def department_people(departments: Collection[int], first: date, last: date) -> list[PersonCell]:
    """What is answered about persons in these departments."""
    return _people(_OF_DEPARTMENTS, {"departments": list(departments)}, (first, last))


def survey_people(
    survey: int, days: tuple[date, date] = EVER, part: Part = None
) -> list[PersonCell]:
    """What a survey's answers, those of a part, say about persons."""
    return _people(_OF_SURVEYS, {"surveys": [survey], "departments": listed(part)}, days)


def _people(rows: str, values: Mapping[str, Any], days: tuple[date, date]) -> list[PersonCell]:
    with connection.cursor() as cursor:
        cursor.execute(
            _BY_EMPLOYEE.format(rows=rows), {**values, "first": days[0], "last": days[1]}
        )
        return [
            PersonCell(
                month, survey, department, who, Person(n, own), Sums(own, int(total), int(sumsq))
            )
            for month, survey, department, who, n, own, total, sumsq in cursor.fetchall()
        ]


def nps_by_month(
    departments: Collection[int], first: date, last: date
) -> dict[tuple[date, int], dict[int, int]]:
    """(month, survey) -> department -> counted answers to the question of recommending, without
    those of the departments below it."""
    rows = (
        AnswerRollup.objects.filter(
            month__range=(first, last), department__in=list(departments), measure="nps", n__gt=0
        )
        .values_list("month", "survey", "department")
        .annotate(Sum("n"))
    )
    found: dict[tuple[date, int], dict[int, int]] = defaultdict(dict)
    for month, survey, department, n in rows:
        found[month, survey][department] = n
    return found


def points_by_month(
    departments: Collection[int], first: date, last: date
) -> dict[tuple[date, int], dict[str, dict[int, int]]]:
    """(month, survey) -> measure (score, nps) -> point -> counted answers; see
    models.AnswerRollup."""
    rows = (
        AnswerRollup.objects.filter(
            month__range=(first, last), department__in=list(departments), n__gt=0
        )
        .values_list("month", "survey", "measure", "point")
        .annotate(Sum("n"))
    )
    found: dict[tuple[date, int], dict[str, dict[int, int]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for month, survey, measure, point, n in rows:
        found[month, survey][measure][point] = n
    return found


def bands_of(
    survey: int, days: tuple[date, date] = EVER, part: Part = None
) -> list[tuple[date, bool, int, int]]:
    """(month, whether a department is named, band of the score, counted answers) of a survey."""
    inside = Q() if part is None else Q(department__in=part)
    rows = (
        AnswerRollup.objects.filter(inside, survey=survey, month__range=days, measure="score")
        .filter(n__gt=0)
        .annotate(named=Q(department__isnull=False))
        .values_list("month", "named", "point")
        .annotate(Sum("n"))
    )
    return list(rows)


def months_with_answers(departments: Collection[int]) -> list[date]:
    """The months in which answers of these departments count, the earliest first."""
    rows = AnswerRollup.objects.filter(department__in=list(departments), n__gt=0)
    return sorted(rows.values_list("month", flat=True).distinct())
