"""Scoring a month: everybody, twelve indicators, from the database and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from io import StringIO

from django.db import connection

from assessments import services
from benchmarks.company import Company
from benchmarks.harness import Row, measured

SIZE = 10_000
LARGE = 100_000
_CENT = Decimal("0.01")


def run(size: int, runs: int) -> Iterator[Row]:
    """`size` people; with the size of the bar also ten times as many."""
    company = Company()
    month = 0
    for people in (size, LARGE) if size == SIZE else (size,):
        company.hire(people)
        keys = [company.measure(month + number + 1) for number in range(runs)]
        month += runs

        def score(number: int, keys: list[str] = keys) -> None:
            services.score_period(keys[number], actor=company.scorer)

        def bare(number: int, keys: list[str] = keys) -> None:
            _bare(keys[number])

        job = measured("scoring, 12 indicators", people, score, runs=runs)
        yardstick = measured("read, Decimal, COPY", people, bare, runs=runs)
        large = people >= LARGE
        yield Row(job, yardstick, 1.7 if large else 2.7, 500 if large else None)


def _bare(key: str) -> None:
    """The figures read, points and their sum in Decimal, a row per figure and per person stored."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT employee_id, indicator_id, numerator, denominator FROM assessments_measurement"
            " WHERE period_key = %s ORDER BY 1, 2",
            [key],
        )
        sums: dict[int, Decimal] = defaultdict(Decimal)
        results = StringIO()
        for employee, indicator, numerator, denominator in cursor.fetchall():
            points = min(100 * numerator / denominator, Decimal(100)).quantize(_CENT, ROUND_HALF_UP)
            sums[employee] += 8 * points
            results.write(f"{employee}\t{indicator}\t{numerator}\t{denominator}\t{points}\n")
        cards = StringIO()
        for employee, total in sums.items():
            cards.write(f"{employee}\t{(total / 88).quantize(_CENT, ROUND_HALF_UP)}\n")
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS bare_result (employee bigint, indicator bigint, numerator"
            " numeric, denominator numeric, points numeric, PRIMARY KEY (employee, indicator));"
            "CREATE TABLE IF NOT EXISTS bare_card (employee bigint PRIMARY KEY, composite numeric);"
            "TRUNCATE bare_result, bare_card"
        )
        for table, text in (("bare_result", results), ("bare_card", cards)):
            text.seek(0)
            cursor.copy_expert(f"COPY {table} FROM STDIN", text)
