"""Days worked, from HR: one row per employee and month."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.tables import Table, columns
from core.tables.cells import Cells, Faults, rows_of

COLUMNS = ("employee_no", "period", "working_days", "present_days", "statutory_leave_days")
LONGEST_MONTH = Decimal(32)


@dataclass(frozen=True)
class AttendanceRow:
    cells: Cells
    employee_no: str
    month: date
    days: tuple[Decimal, Decimal, Decimal]  # working, present, statutory leave


def read_attendance(tables: Sequence[Table]) -> tuple[list[AttendanceRow], Faults]:
    """Rows in file order, the faulty ones too (so that unknown numbers in them can be named);
    faults are collected, not raised."""
    used = [table for table in tables if table.header or table.rows]
    if not used:
        raise InvalidInput(_("The file holds no table."))
    faults, rows, seen = Faults(many=len(used) > 1), [], set()
    for table in used:
        where = columns(table, required=COLUMNS)
        for cells in rows_of(table, where, faults):
            row = _row(cells)
            if (row.employee_no, row.month) in seen:
                row.cells.fault("period", _("the same employee and month stand in the file twice"))
            seen.add((row.employee_no, row.month))
            rows.append(row)
    return rows, faults


def _row(cells: Cells) -> AttendanceRow:
    number = cells.code("employee_no")
    month = _month(cells)
    working = cells.decimal("working_days", required=True, below=LONGEST_MONTH)
    present = cells.decimal("present_days", required=True, below=LONGEST_MONTH)
    leave = cells.decimal("statutory_leave_days", below=LONGEST_MONTH) or Decimal(0)
    for column, days in (("present_days", present), ("statutory_leave_days", leave)):
        if working is not None and days is not None and days > working:
            cells.fault(column, _("more than the working days of the month"))
    return AttendanceRow(
        cells, number, month, (working or Decimal(0), present or Decimal(0), leave)
    )


def _month(cells: Cells) -> date:
    text = cells.raw("period")
    match = re.fullmatch(r"(\d{4})-(\d{2})", text, re.ASCII)
    if match and 1 <= int(match[2]) <= 12 and int(match[1]) >= 1:
        return date(int(match[1]), int(match[2]), 1)
    cells.fault("period", _("a month is written as in 2025-11"))
    return date.min
