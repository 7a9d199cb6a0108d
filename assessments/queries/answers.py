"""Exact sums of people's counted responses, live or as of a cut-off."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from assessments.rules.peers import PersonTotal
from organization.models import Department, Employee, Position

# Squares of scores fit bigint (1e16); their sum is kept by PostgreSQL in 128 bits, so both sums
# are exact whatever the order of rows.
_SUMS = """
SELECT t.employee_id, t.department_id, t.position_id, r.channel, count(*),
    sum(t.person_score), sum(t.person_score * t.person_score)
FROM surveys_rating t
JOIN surveys_response r ON r.answered_on = t.answered_on AND r.id = t.response_id
WHERE t.answered_on BETWEEN %(first)s AND %(last)s AND r.answered_on BETWEEN %(first)s AND %(last)s
    AND t.person_score IS NOT NULL AND t.employee_id IS NOT NULL
    AND {live}
GROUP BY 1, 2, 3, 4
"""
_WINDOW = """
SELECT t.employee_id, t.position_id, count(*), sum(t.person_score),
    sum(t.person_score * t.person_score)
FROM surveys_rating t
WHERE t.answered_on BETWEEN %(first)s AND %(last)s
    AND t.person_score IS NOT NULL AND t.employee_id IS NOT NULL
    AND {live}
GROUP BY 1, 2
"""
_NOW = "t.counted_to IS NULL"
_THEN = "t.counted_from <= %(as_of)s AND (t.counted_to IS NULL OR t.counted_to > %(as_of)s)"


class AnswerSum(NamedTuple):
    """One person's counted responses of one department, position and collection mode."""

    employee: str
    department: str
    position: str
    mode: str
    n: int
    total: int  # 1e-6 points
    sumsq: int


def period_sums(first: date, last: date, *, as_of: datetime | None) -> list[AnswerSum]:
    """Sums of the responses answered first..last (both inclusive) that count (as of a moment)."""
    departments = _codes(Department.objects.values_list("id", "code"))
    positions = _codes(Position.objects.values_list("id", "code"))
    rows = _fetch(_SUMS, first, last, as_of)
    people = _employee_numbers({row[0] for row in rows})
    return sorted(
        AnswerSum(
            people[employee],
            departments[department],
            positions[position],
            channel,
            n,
            int(total),
            int(sumsq),
        )
        for employee, department, position, channel, n, total, sumsq in rows
    )


def window_sums(first: date, last: date, *, as_of: datetime | None) -> list[PersonTotal]:
    """Sums per person and position, modes together."""
    positions = _codes(Position.objects.values_list("id", "code"))
    rows = _fetch(_WINDOW, first, last, as_of)
    people = _employee_numbers({row[0] for row in rows})
    return sorted(
        PersonTotal(people[employee], positions[position], "", n, int(total), int(sumsq))
        for employee, position, n, total, sumsq in rows
    )


def _fetch(sql: str, first: date, last: date, as_of: datetime | None) -> list[tuple]:
    statement = sql.format(live=_NOW if as_of is None else _THEN)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"first": first, "last": last, "as_of": as_of})
        return cursor.fetchall()


def _codes(rows: Iterable[tuple[int, str]]) -> dict[int | None, str]:
    """id -> code; a response without department or position has the code ""."""
    codes: dict[int | None, str] = defaultdict(str)
    codes.update(rows)
    return codes


def _employee_numbers(ids: set[int]) -> dict[int, str]:
    return dict(Employee.objects.filter(pk__in=ids).values_list("id", "employee_no"))
