"""The sums of ratings and of points rebuilt from a year of answers, none of them wrong."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, transaction

from benchmarks.filled import a_year
from benchmarks.harness import Row, measured
from surveys.queries.facts import EACH
from surveys.services.rollups import rebuild_rollups

MOST = 2.7
_BARE_SUMS = f"""INSERT INTO bare_sum
SELECT date_trunc('month', t.answered_on), t.department_id, t.employee_id, t.dimension, count(*),
    sum(t.score), sum(t.score * t.score)
FROM {EACH} WHERE t.counted_to IS NULL
GROUP BY 1, 2, 3, 4"""  # noqa: S608 - constants only


def run(size: int, runs: int) -> Iterator[Row]:
    company = a_year(size)

    def rebuilt(_number: int) -> None:
        with transaction.atomic():
            rebuild_rollups(actor=company.operator)

    job = measured("sums rebuilt, none of them wrong", size, rebuilt, runs=runs)
    yield Row(job, measured("integer sums in SQL", size, bare_sums, runs=runs), MOST)


def bare_sums(_number: int) -> None:
    """The sums of a month, department, person and dimension into an empty table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS bare_sum (month date, department bigint, employee bigint,"
            " dimension text, n bigint, total bigint, sumsq numeric); TRUNCATE bare_sum"
        )
        cursor.execute(_BARE_SUMS)
