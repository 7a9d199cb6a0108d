"""Every benchmark still runs, at a size that says nothing about speed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from benchmarks.__main__ import FILLED, NAMES
from benchmarks.harness import Job, Row, Run, line
from benchmarks.loading import loading

REPOSITORY = Path(__file__).resolve().parents[2]
JOBS = {
    "scoring": ["scoring, 12 indicators"],
    "pages": ["answer page, GET and POST"],
    "intake": ["API, batches of 500"],
    "workers": ["scoring by two processes", "cleaning by two processes"],
    "monthly": ["messages of a monthly run"],
    "workbook": ["payroll workbook", *2 * ["answers as csv"], *2 * ["answers as xlsx"]],
    "answers": [
        "import from xlsx",
        "cleaning, every check",
        "verdicts of a survey, csv",
        "sums of ratings rebuilt",
    ],
    "cleaning": ["cleaning, every check"],
    "rebuild": ["sums rebuilt, none of them wrong"],
    "ratings": ["scoring a month from ratings", "scoring the year from ratings"],
    "dashboards": [
        "a company's month, 40 pages",
        "a company's year, 40 pages",
        "a shop's month, 40 pages",
    ],
}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in FILLED])
def test_a_benchmark_measures_its_rows(name: str) -> None:
    _measures_its_rows(name, "--size=200")


@pytest.mark.django_db
def test_a_year_of_answers_is_made_once_for_the_benchmarks_that_need_one() -> None:
    size = 300 + os.getpid() % 500  # nobody else's, and few
    kept = f"%_bench_year_{size}"
    first, *others, last = FILLED
    _measures_its_rows(first, f"--size={size}", "--keep")
    made = _databases(kept)
    assert len(made) == 1
    for name in others:
        _measures_its_rows(name, f"--size={size}", "--keep")
        assert _databases(kept) == made
    _measures_its_rows(last, f"--size={size}")  # finds it, and drops it
    assert _databases(kept) == []


def _measures_its_rows(name: str, *words: str) -> None:
    done = _benchmark(name, *words)
    rows = [text for text in done.stdout.splitlines() if text.startswith("| ")][1:]
    assert [text.split(" | ")[0].removeprefix("| ") for text in rows] == JOBS[name]
    missed = sum("NOT MET" in text for text in rows)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (
        int(missed > 0), f"{missed} bars missed.",
    )  # fmt: skip


def _benchmark(*words: str) -> subprocess.CompletedProcess[str]:
    template = str(connection.settings_dict["TEST"]["TEMPLATE"])
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *words, "--runs=1"],
        cwd=REPOSITORY, env={**os.environ, "TEMPLATE_DATABASE": template},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    return done


def _databases(pattern: str) -> list[tuple[int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_database WHERE datname LIKE %s", [pattern])
        return cursor.fetchall()


@pytest.mark.django_db
def test_after_loading_every_index_is_there_again() -> None:
    before = _indexes()
    with loading():
        inside = {name for name, _definition in _indexes()}
        assert {name for name, _definition in before} - inside >= {"surveys_rating_live"}
        assert "surveys_response_pkey" in inside
    assert _indexes() == before
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_replication_role")
        assert cursor.fetchone() == ("origin",)


def _indexes() -> list[tuple[str, str]]:
    """Of the tables of answers; those of a month are found by their definition only."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CASE WHEN tablename ~ '_[0-9]{6}$' THEN tablename ELSE indexname END,"
            " regexp_replace(indexdef, ' INDEX \\S+ ', ' INDEX ') FROM pg_indexes"
            " WHERE tablename ~ '^surveys_(response|verdict|rating)(_[0-9]{6})?$' ORDER BY 1, 2"
        )
        return cursor.fetchall()


def test_a_row_is_the_medians_and_says_whether_its_bars_are_met() -> None:
    job = Job("job", 5, [Run(3.0, 1.0, 90, 10), Run(1.0, 2.0, 80, 30), Run(2.0, 3.0, 70, 20)])
    bare = Job("bare", 5, [Run(1.0, 1.0, 50, 0)])
    assert Row(job, bare, 2.0, 20).met == "met"
    assert Row(job, bare, 1.9, 20).met == "NOT MET"
    assert Row(job, bare, 2.0, 19).met == "NOT MET"
    assert line(Row(job, bare, 2.0)) == (
        "| job | 5 | 2.00 | 2.00 | bare | 1.00 | 2.00 | ≤ 2.00 | 20 |  |  |  |  |  | met |"
    )
    assert Row(job, bare, 2.0, p95=0.041, latest=0.04).met == "NOT MET"
    assert line(Row(job, bare, None, p95=0.039, latest=0.04)).endswith("| 39 | ≤ 40 |  |  | met |")
    assert Row(job, bare, count=51, most_of_them=50).met == "NOT MET"
    assert line(Row(job, bare, count=50, most_of_them=50)).endswith("|  |  | 50 | ≤ 50 | met |")
