"""Exact sums of ratings, as they are or as they were at a moment."""

from datetime import date, datetime
from typing import Any

import pandas as pd
from django.db import connection

from surveys.queries.facts import EACH
from surveys.rules.rating import OVERALL

# Live now (no moment given) or at the moment. The first form can use the index of live rows.
_LIVE = "t.counted_to IS NULL"
_LIVE_AT = "t.counted_from <= %(as_of)s AND (t.counted_to IS NULL OR t.counted_to > %(as_of)s)"

# Squares of scores fit bigint (1e16); their sum is kept by PostgreSQL in 128 bits.
_PERSONS = """SELECT t.employee_id, t.department_id, t.position_id, count(*),
        sum(t.person_score)::text, sum(t.person_score * t.person_score)::text
    FROM {ratings}
    WHERE t.answered_on BETWEEN %(first)s AND %(last)s AND {live}
        AND t.employee_id IS NOT NULL AND t.person_score IS NOT NULL
    GROUP BY 1, 2, 3
    ORDER BY 1, 2 NULLS FIRST, 3 NULLS FIRST"""

_DEPARTMENTS = """SELECT t.department_id, count(*),
        sum(t.score)::text, sum(t.score * t.score)::text
    FROM {ratings}
    WHERE t.answered_on BETWEEN %(first)s AND %(last)s AND {live}
        AND t.score IS NOT NULL
    GROUP BY 1
    ORDER BY 1 NULLS FIRST"""

# The overall scores stand in columns of their own.
_OVERALL = "surveys_rating t"
_DIMENSION = f"(SELECT * FROM {EACH} WHERE t.dimension = %(dimension)s) t"  # noqa: S608


def person_totals(
    first: date, last: date, *, as_of: datetime | None = None, dimension: str = OVERALL
) -> pd.DataFrame:
    """Columns employee_id, department_id, position_id, n, total, sumsq, sorted by the three ids.

    n: counted answers with a score of the person; total (1e-6 points) and sumsq (their squares)
    are Python integers of any size in object columns, so means and variances can be exact. Days
    inclusive. `as_of`: as counted at that moment.
    """
    rows = _rows(_PERSONS, first, last, as_of, dimension)
    return _frame(rows, ["employee_id", "department_id", "position_id"])


def department_totals(
    first: date, last: date, *, as_of: datetime | None = None, dimension: str = OVERALL
) -> pd.DataFrame:
    """Columns department_id, n, total, sumsq over the whole response's score, each response once,
    in the department that is stored with it; otherwise as person_totals."""
    return _frame(_rows(_DEPARTMENTS, first, last, as_of, dimension), ["department_id"])


def _rows(
    statement: str, first: date, last: date, as_of: datetime | None, dimension: str
) -> list[tuple[Any, ...]]:
    ratings = _OVERALL if dimension == OVERALL else _DIMENSION
    with connection.cursor() as cursor:
        cursor.execute(
            statement.format(live=_LIVE if as_of is None else _LIVE_AT, ratings=ratings),
            {"first": first, "last": last, "as_of": as_of, "dimension": dimension},
        )
        return cursor.fetchall()


def _frame(rows: list[tuple[Any, ...]], ids: list[str]) -> pd.DataFrame:
    columns: dict[str, Any] = {
        name: pd.array([row[i] for row in rows], dtype="Int64") for i, name in enumerate(ids)
    }
    k = len(ids)
    columns["n"] = pd.array([row[k] for row in rows], dtype="int64")
    columns["total"] = pd.Series([int(row[k + 1]) for row in rows], dtype=object)
    columns["sumsq"] = pd.Series([int(row[k + 2]) for row in rows], dtype=object)
    return pd.DataFrame(columns)
