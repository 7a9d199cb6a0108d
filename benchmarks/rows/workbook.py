"""Writing files: a payroll workbook and an export of responses, 100,000 lines of 20 columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rustpy_xlsxwriter import write_worksheet

from benchmarks.harness import Row, measured
from core.exports import Sheet, write_csv, write_xlsx
from incentives.exports.payroll import PAYROLL

SIZE = 100_000
KEYS = [column.key for column in PAYROLL]


def run(size: int, runs: int) -> Iterator[Row]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        bare = measured("rustpy-xlsxwriter, generator", size,
                        lambda _number: _bare_xlsx(folder, size), runs=runs)  # fmt: skip
        job = measured("payroll workbook", size,
                       lambda _number: _xlsx(folder, size), runs=runs)  # fmt: skip
        yield Row(job, bare, 2.1, 60)
        bare = measured("csv.writer", size, lambda _number: _bare_csv(folder, size), runs=runs)
        job = measured("csv export", size, lambda _number: _csv(folder, size), runs=runs)
        yield Row(job, bare, 3.0)
        many = measured("csv export", 10 * size,
                        lambda _number: _csv(folder, 10 * size), runs=runs)  # fmt: skip
        yield Row(many, job, 13.0)


def _rows(size: int) -> Iterator[tuple[Any, ...]]:
    for i in range(size):
        yield (
            "PB-2025-11", i + 1, f"E{i:06d}", "王小明", "华东一区", "青穗汽车", "2025-11",
            "PERF_PAY", "绩效工资", "add", Decimal(200_000 + i) / 100, "CNY", "monthly_wage", "",
            "by_grade", f"2025-11-1/PAY/E{i:06d}", "", "POLICY v1", "2025-11-1", "",
        )  # fmt: skip


def _xlsx(folder: Path, size: int) -> None:
    write_xlsx(folder / "payroll.xlsx", [Sheet("Payroll", PAYROLL, _rows(size))])


def _bare_xlsx(folder: Path, size: int) -> None:
    records = (dict(zip(KEYS, (float(one) if isinstance(one, Decimal) else one for one in row),
                        strict=True)) for row in _rows(size))  # fmt: skip
    write_worksheet(records, str(folder / "bare.xlsx"), sheet_name="Payroll")


def _csv(folder: Path, size: int) -> None:
    write_csv(folder / "export.csv", KEYS, _rows(size))


def _bare_csv(folder: Path, size: int) -> None:
    with (folder / "bare.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(KEYS)
        writer.writerows(_rows(size))
