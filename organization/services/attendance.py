"""Take attendance. A correction is a new version; the old one stays, with its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.locks import Lock, take
from core.models import User
from core.permissions import require
from core.tables import Table
from organization.imports.attendance import AttendanceRow, read_attendance
from organization.models import Attendance, Employee
from organization.permissions import may_import_roster


@dataclass
class AttendanceReport:
    created: int = 0
    corrected: int = 0
    unchanged: int = 0


def import_attendance(
    tables: Sequence[Table], *, actor: User, dry_run: bool = False, now: datetime | None = None
) -> AttendanceReport:
    """Take the days of employees and months. Any fault: BadRows with all, nothing changed."""
    require(may_import_roster(actor))
    rows, faults = read_attendance(tables)
    with transaction.atomic():
        take(Lock.ATTENDANCE)
        numbers = {row.employee_no for row in rows}
        ids = dict(
            Employee.objects.filter(employee_no__in=numbers).values_list("employee_no", "id")
        )
        for row in rows:
            if row.employee_no and row.employee_no not in ids:
                row.cells.fault(
                    "employee_no", _("unknown employee %(number)s") % {"number": row.employee_no}
                )
        faults.errors.raise_if_any()
        report = _write(rows, ids, now or timezone.now())
        if report.created or report.corrected:
            months = sorted({row.month for row in rows})
            audit.record(actor, "attendance.imported", None, months=months, **asdict(report))
        if dry_run:
            transaction.set_rollback(True)
    return report


def _write(rows: list[AttendanceRow], ids: dict[str, int], now: datetime) -> AttendanceReport:
    report, new, replaced = AttendanceReport(), [], []
    current = _current({row.month for row in rows}, list(ids.values()))
    for row in rows:
        employee_id = ids[row.employee_no]
        stored = current.get((employee_id, row.month))
        if stored and stored[1:4] == row.days:
            report.unchanged += 1
            continue
        if stored:
            replaced.append(stored[0])
        working, present, leave = row.days
        new.append(
            Attendance(
                employee_id=employee_id,
                month=row.month,
                working_days=working,
                present_days=present,
                statutory_leave_days=leave,
                version=stored[4] + 1 if stored else 1,
                created_at=now,
            )
        )
    Attendance.objects.filter(pk__in=replaced).update(superseded_at=now)
    Attendance.objects.bulk_create(new, batch_size=5000)
    report.created, report.corrected = len(new) - len(replaced), len(replaced)
    return report


def _current(months: set[date], employee_ids: list[int]) -> dict[tuple[int, date], Any]:
    """(employee id, month) -> (row id, working, present, leave, version)."""
    rows = Attendance.objects.filter(
        month__in=months, employee_id__in=employee_ids, superseded_at__isnull=True
    ).values_list(
        "employee_id",
        "month",
        "id",
        "working_days",
        "present_days",
        "statutory_leave_days",
        "version",
    )
    return {(row[0], row[1]): row[2:] for row in rows}
