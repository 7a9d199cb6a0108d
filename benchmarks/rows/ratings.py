"""Scoring a month and a year of 2,000 people from a year of ratings. It is taken back each time:
what is scored once is not scored again, and the year of answers may be needed as it was."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from functools import partial

from django.db import connection, transaction

from assessments import services
from assessments.rules.periods import parse
from benchmarks.company import Company
from benchmarks.filled import a_year
from benchmarks.harness import Row, measured

MONTH, YEAR = "2025-11", "2025"


class _Undone(Exception):
    """What was done is taken back."""


def run(size: int, runs: int) -> Iterator[Row]:
    company = a_year(size)
    for name, key in (("a month", MONTH), ("the year", YEAR)):
        job = measured(f"scoring {name} from ratings", size, partial(_scored, company, key),
                       runs=runs)  # fmt: skip
        span = parse(key)
        sums = partial(_bare, span.window_first, span.first, span.last)
        bare = measured("the sums it needs in SQL", size, sums, runs=runs)
        yield Row(job, bare)


def _scored(company: Company, key: str, _number: int) -> None:
    try:
        with transaction.atomic():
            if services.score_period(key, actor=company.scorer).finished_at is None:
                raise RuntimeError(f"{key} was not scored")
            raise _Undone
    except _Undone:
        pass


def _bare(window: datetime.date, first: datetime.date, last: datetime.date, _number: int) -> None:
    """Of each person over the twelve months, and over the period itself."""
    with connection.cursor() as cursor:
        for since in sorted({window, first}):
            cursor.execute(
                "SELECT employee_id, count(*), sum(person_score),"
                " sum(person_score::numeric * person_score) FROM surveys_rating"
                " WHERE answered_on BETWEEN %s AND %s"
                " AND counted_to IS NULL GROUP BY 1",
                [since, last],
            )
            cursor.fetchall()
