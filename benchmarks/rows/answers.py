"""Answers: taken in from a workbook, cleaned, summed."""

from __future__ import annotations

import csv
import datetime
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from python_calamine import CalamineWorkbook

from benchmarks.company import FIRST, QUESTIONS, Company
from benchmarks.harness import Row, measured
from benchmarks.rows.rebuild import MOST, bare_sums
from core import tables
from core.exports import Column, Sheet, write_csv, write_xlsx
from surveys.cleaning.queries.export import COLUMNS, verdict_rows
from surveys.cleaning.services import clean_survey
from surveys.models import Survey
from surveys.services.intake import import_responses
from surveys.services.rollups import rebuild_rollups

SIZE = 100_000
PEOPLE = 2_000
HEADER = (
    "response_no", "event_no", "customer_no", "employee_no", "department_code", "channel",
    "interviewer_no", "device", "started_at", "submitted_at",
)  # fmt: skip


def run(size: int, runs: int) -> Iterator[Row]:
    company = Company()
    company.hire(PEOPLE)
    codes = [f"B{number}" for number in range(runs)]
    for code in codes:
        company.open_survey(code)
    with TemporaryDirectory() as name:
        files = [Path(name) / f"{code}.xlsx" for code in codes]
        for number, file in enumerate(files):
            _workbook(file, size, number, PEOPLE)
        yield _imports(company, codes, files, size)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    yield cleaned(company, codes, size)
    yield _verdicts(codes, size)
    yield _rollups(company, size * runs, runs)


# --- taking in -----------------------------------------------------------------------------------


def _workbook(file: Path, size: int, seed: int, people: int) -> None:
    """Answers over the year as customers give them; some hurry, some tick one column."""
    random = np.random.default_rng(seed)
    marks = random.choice([1, 2, 3, 4, 5], p=[0.03, 0.05, 0.12, 0.35, 0.45], size=(size, QUESTIONS))
    marks[::40] = marks[::40, :1]
    seconds = random.integers(60, 600, size)
    seconds[::50] = 4
    served, days = random.integers(1, people + 1, size), random.integers(0, 365, size)
    times = random.integers(8 * 3600, 20 * 3600, size)
    start = datetime.datetime.combine(FIRST, datetime.time())

    def rows() -> Iterator[tuple[Any, ...]]:
        for i in range(size):
            began = start + datetime.timedelta(days=int(days[i]), seconds=int(times[i]))
            ended = began + datetime.timedelta(seconds=int(seconds[i]))
            yield (
                f"R{seed}-{i}", "", "", f"B{served[i]:07d}", "", "online", "", f"device-{seed}-{i}",
                began.isoformat(), ended.isoformat(), *map(str, marks[i].tolist()),
            )  # fmt: skip

    columns = [Column(key, key) for key in (*HEADER, *(f"q_a{i:02d}" for i in range(QUESTIONS)))]
    write_xlsx(file, [Sheet("answers", columns, rows())])


def _imports(company: Company, codes: list[str], files: list[Path], size: int) -> Row:
    def taken(number: int) -> None:
        import_responses(tables.read(files[number]), codes[number], actor=company.operator)

    def bare(number: int) -> None:
        _bare_import(files[number])

    runs = len(codes)
    job = measured("import from xlsx", size, taken, runs=runs)
    return Row(job, measured("calamine, checks, COPY", size, bare, runs=runs), 2.5, 300)


def _bare_import(file: Path) -> None:
    """The cells read, dates and marks checked, one row an answer copied."""
    text = StringIO()
    for row in CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()[1:]:
        ended = datetime.datetime.fromisoformat(str(row[9]))
        marks = [int(str(cell)) for cell in row[10:]]
        if not all(1 <= mark <= 5 for mark in marks):
            raise ValueError(row[0])
        answers = json.dumps(dict(enumerate(marks)))
        text.write(f"{row[0]}\t{row[3]}\t{row[8]}\t{ended.isoformat()}\t{answers}\n")
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS bare_answer (no text PRIMARY KEY, who text,"
            " began timestamp, ended timestamp, answers jsonb); TRUNCATE bare_answer"
        )
        cursor.copy_expert("COPY bare_answer FROM STDIN", text)


def answers_of(company: Company, code: str, size: int, seed: int) -> None:
    """The same answers stored in a survey, for jobs that are about what becomes of them."""
    with TemporaryDirectory() as name:
        file = Path(name) / f"{code}.xlsx"
        _workbook(file, size, seed, company.people)
        import_responses(tables.read(file), code, actor=company.operator)


# --- cleaning ------------------------------------------------------------------------------------


def cleaned(company: Company, codes: list[str], size: int) -> Row:
    """Each survey of `size` answers cleaned for the first time."""

    def work(number: int) -> None:
        survey = Survey.objects.get(code=codes[number])
        clean_survey(survey, actor=company.operator, now=timezone.now())

    job = measured("cleaning, every check", size, work, runs=len(codes))
    bare = measured("read JSONB, vectorised pass, flags", size,
                    lambda number: _bare_cleaning(codes[number]), runs=len(codes))  # fmt: skip
    return Row(job, bare, 5.0, 1536)


def _bare_cleaning(code: str) -> None:
    """The marks read into one array, straight lines and hurry found, a flag an answer written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id, extract(epoch FROM r.submitted_at - r.started_at)::float8, r.answers"
            " FROM surveys_response r JOIN surveys_survey s ON s.id = r.survey_id"
            " WHERE s.code = %s",
            [code],
        )
        rows = cursor.fetchall()
        marks = np.array([list(json.loads(row[2]).values()) for row in rows], dtype=float)
        seconds = np.array([row[1] for row in rows])
        flags = (marks.std(axis=1) == 0) | (seconds < np.median(seconds) / 3)
        np.corrcoef(marks, rowvar=False)
        text = StringIO(
            "".join(f"{row[0]}\t{int(f)}\n" for row, f in zip(rows, flags, strict=True))
        )
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS bare_flag (response bigint PRIMARY KEY, flag int);"
            " TRUNCATE bare_flag"
        )
        cursor.copy_expert("COPY bare_flag FROM STDIN", text)


def _verdicts(codes: list[str], size: int) -> Row:
    """The file of a survey's verdicts, which is what leaves of its answers one by one."""
    with TemporaryDirectory() as name:
        file = Path(name) / "verdicts.csv"

        def written(number: int) -> None:
            write_csv(file, COLUMNS, verdict_rows(Survey.objects.get(code=codes[number])))

        def bare(number: int) -> None:
            _bare_verdicts(file, codes[number])

        runs = len(codes)
        job = measured("verdicts of a survey, csv", size, written, runs=runs)
        return Row(job, measured("read, csv.writer", size, bare, runs=runs), 3.0, 60)


def _bare_verdicts(file: Path, code: str) -> None:
    """The newest verdict of each answer read in batches and written."""
    with (
        transaction.atomic(),
        connection.chunked_cursor() as cursor,
        file.open("w", encoding="utf-8", newline="") as text,
    ):
        writer = csv.writer(text)
        cursor.execute(
            "SELECT DISTINCT ON (r.response_no) r.response_no, v.verdict, v.checks::text,"
            " v.evidence::text FROM surveys_response r JOIN surveys_verdict v"
            " ON v.answered_on = r.answered_on AND v.response_id = r.id"
            " JOIN surveys_survey s ON s.id = r.survey_id WHERE s.code = %s"
            " ORDER BY r.response_no, v.seq DESC",
            [code],
        )
        while batch := cursor.fetchmany(5000):
            writer.writerows(batch)


# --- sums ---------------------------------------------------------------------------------------


def _rollups(company: Company, size: int, runs: int) -> Row:
    def rebuilt(_number: int) -> None:
        with transaction.atomic():
            rebuild_rollups(actor=company.operator)

    job = measured("sums of ratings rebuilt", size, rebuilt, runs=runs)
    return Row(job, measured("integer sums in SQL", size, bare_sums, runs=runs), MOST)
