"""Every benchmark still runs, at a size that says nothing about speed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from benchmarks.__main__ import NAMES
from benchmarks.harness import Job, Row, Run, line

REPOSITORY = Path(__file__).resolve().parents[2]
JOBS = {
    "scoring": ["scoring, 12 indicators"],
    "pages": ["answer page, GET and POST"],
    "intake": ["API, batches of 500"],
    "workers": ["scoring by two processes", "cleaning by two processes"],
    "workbook": ["payroll workbook", "csv export", "csv export"],
    "answers": [
        "import from xlsx",
        "cleaning, every check",
        "sums of ratings rebuilt",
    ],
    "dashboards": [
        "a company's month, 40 pages",
        "a company's year, 40 pages",
        "a shop's month, 40 pages",
    ],
}


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_measures_its_rows(name: str) -> None:
    template = str(connection.settings_dict["TEST"]["TEMPLATE"])
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", name, "--size=200", "--runs=1"],
        cwd=REPOSITORY, env={**os.environ, "TEMPLATE_DATABASE": template},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    rows = [text for text in done.stdout.splitlines() if text.startswith("| ")][1:]
    assert [text.split(" | ")[0].removeprefix("| ") for text in rows] == JOBS[name]
    missed = sum("NOT MET" in text for text in rows)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (
        int(missed > 0), f"{missed} bars missed.",
    )  # fmt: skip


def test_a_row_is_the_medians_and_says_whether_its_bars_are_met() -> None:
    job = Job("job", 5, [Run(3.0, 1.0, 90, 10), Run(1.0, 2.0, 80, 30), Run(2.0, 3.0, 70, 20)])
    bare = Job("bare", 5, [Run(1.0, 1.0, 50, 0)])
    assert Row(job, bare, 2.0, 20).met == "met"
    assert Row(job, bare, 1.9, 20).met == "NOT MET"
    assert Row(job, bare, 2.0, 19).met == "NOT MET"
    assert line(Row(job, bare, 2.0)) == (
        "| job | 5 | 2.00 | 2.00 | bare | 1.00 | 2.00 | ≤ 2.00 | 20 |  |  |  | met |"
    )
    assert Row(job, bare, 2.0, p95=0.041, latest=0.04).met == "NOT MET"
    assert line(Row(job, bare, None, p95=0.039, latest=0.04)).endswith("| 39 | ≤ 40 | met |")
