"""Writing files: a payroll workbook, and exports of answers in 20 columns, up to a million."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rustpy_xlsxwriter import write_worksheet

from benchmarks.harness import Job, Row, measured
from core.exports import MAX_ROWS, Column, Sheet, write_csv, write_xlsx
from core.workdays import SHANGHAI
from incentives.exports.payroll import PAYROLL

SIZE = 100_000
KEYS = [column.key for column in PAYROLL]
MARKS = 12
ANSWERS = [
    Column("response_no", "response_no"), Column("employee_no", "employee_no"),
    Column("department", "department"), Column("channel", "channel"),
    Column("started_at", "started_at", "datetime"),
    Column("submitted_at", "submitted_at", "datetime"),
    Column("answered_on", "answered_on", "date"), Column("score", "score", "number"),
    *(Column(f"a{i:02d}", f"a{i:02d}", "int") for i in range(MARKS)),
]  # fmt: skip
_NOON = datetime.datetime(2025, 11, 3, 12, tzinfo=SHANGHAI)
_SECOND = datetime.timedelta(seconds=1)
_Rows = Iterator[tuple[Any, ...]]


def run(size: int, runs: int) -> Iterator[Row]:
    with TemporaryDirectory() as name:
        folder = Path(name)

        def job(name: str, work: Callable[[Path, int], None], rows: int = size) -> Job:
            return measured(name, rows, lambda _number: work(folder, rows), runs=runs)

        bare = job("rustpy-xlsxwriter, generator", _bare_payroll)
        yield Row(job("payroll workbook", _payroll), bare, 2.1, 60)
        for kind, work, name, bare_work in (
            ("csv", _csv, "csv.writer", _bare_csv),
            ("xlsx", _xlsx, "rustpy-xlsxwriter, generator", _bare_xlsx),
        ):
            title = f"answers as {kind}"
            one = job(title, work)
            yield Row(one, job(name, bare_work), 3.0, 60)
            # A sheet holds no more than a million and a bit.
            yield Row(job(title, work, min(10 * size, MAX_ROWS - 1)), one, 13.0, 60)


# --- payroll -------------------------------------------------------------------------------------


def _entries(size: int) -> _Rows:
    for i in range(size):
        yield (
            "PB-2025-11", i + 1, f"E{i:06d}", "王小明", "华东一区", "青穗汽车", "2025-11",
            "PERF_PAY", "绩效工资", "add", Decimal(200_000 + i) / 100, "CNY", "monthly_wage", "",
            "by_grade", f"2025-11-1/PAY/E{i:06d}", "", "POLICY v1", "2025-11-1", "",
        )  # fmt: skip


def _payroll(folder: Path, size: int) -> None:
    write_xlsx(folder / "payroll.xlsx", [Sheet("Payroll", PAYROLL, _entries(size))])


def _bare_payroll(folder: Path, size: int) -> None:
    records = (dict(zip(KEYS, (float(one) if isinstance(one, Decimal) else one for one in row),
                        strict=True)) for row in _entries(size))  # fmt: skip
    write_worksheet(records, str(folder / "bare.xlsx"), sheet_name="Payroll")


# --- answers -------------------------------------------------------------------------------------


def _answers(size: int) -> _Rows:
    for i in range(size):
        began = _NOON + i % 86_400 * _SECOND
        yield (
            f"R{i:07d}", f"E{i % 2000:06d}", "华东一区", "online", began, began + 240 * _SECOND,
            began.date(), 60 + i % 41 / 4, *(1 + (i + k) % 5 for k in range(MARKS)),
        )  # fmt: skip


def _csv(folder: Path, size: int) -> None:
    write_csv(folder / "answers.csv", [column.key for column in ANSWERS], _answers(size))


def _bare_csv(folder: Path, size: int) -> None:
    with (folder / "bare.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.key for column in ANSWERS])
        writer.writerows(_answers(size))


def _xlsx(folder: Path, size: int) -> None:
    write_xlsx(folder / "answers.xlsx", [Sheet("Answers", ANSWERS, _answers(size))])


def _bare_xlsx(folder: Path, size: int) -> None:
    keys = [column.key for column in ANSWERS]
    records = (dict(zip(keys, _without_zone(row), strict=True)) for row in _answers(size))
    write_worksheet(records, str(folder / "bare.xlsx"), sheet_name="Answers")


def _without_zone(row: tuple[Any, ...]) -> Iterator[Any]:
    """The library takes times without a zone."""
    return (one.replace(tzinfo=None) if isinstance(one, datetime.datetime) else one for one in row)
