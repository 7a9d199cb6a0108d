"""Pages of departments over a year of answers: every number comes from the sums of a month."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from importlib import import_module

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.company import Company
from benchmarks.filled import a_year
from benchmarks.harness import Row, measured

PAGES = 40  # requests a run
LATEST = 0.1  # seconds
STATEMENTS = 25
LOOKED_AT = (
    ("a company's month", "/dashboard/HQ/?period=2025-11"),
    ("a company's year", "/dashboard/HQ/?period=2025"),
    ("a shop's month", "/dashboard/S01/?period=2025-11"),
)


def run(size: int, runs: int) -> Iterator[Row]:
    company = a_year(size)
    import_module("config.wsgi")  # loaded and frozen, as a process that serves pages
    bare = measured(f"{PAGES} reads of the sums", size, _bare, runs=runs)
    for name, address in LOOKED_AT:
        job = measured(f"{name}, {PAGES} pages", size, partial(_pages, company, address), runs=runs)
        yield Row(
            job, bare, p95=_p95(company, address), latest=LATEST,
            count=_statements(company, address), most_of_them=STATEMENTS,
        )  # fmt: skip


def _pages(company: Company, address: str, _number: int) -> list[float]:
    """Seconds of each request as an analyst makes them, the slowest last."""
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(company.analyst)
    taken = []
    for _each in range(PAGES):
        began = time.perf_counter()
        answer = client.get(address)
        taken.append(time.perf_counter() - began)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")
    return sorted(taken)


def _p95(company: Company, address: str) -> float:
    """Of a process that has been asked before."""
    _pages(company, address, 0)
    return _pages(company, address, 0)[PAGES * 95 // 100 - 1]


def _statements(company: Company, address: str) -> int:
    """How many a page sends, of an account that is signed in."""
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(company.analyst)
    client.get(address)
    with CaptureQueriesContext(connection) as sent:
        client.get(address)
    return len(sent)


def _bare(_number: int) -> None:
    with connection.cursor() as cursor:
        for _each in range(PAGES):
            cursor.execute(
                "SELECT month, department_id, sum(n), sum(total), sum(sumsq)"
                " FROM surveys_ratingrollup WHERE month BETWEEN '2024-11-01' AND '2025-11-01'"
                " GROUP BY 1, 2"
            )
            cursor.fetchall()
