"""Take measured facts: a changed figure is a new version, a locked period takes none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.imports.measurements import (
    COLUMNS,
    OPTIONAL,
    MeasurementRow,
    read_measurements,
    row_of,
)
from assessments.models import Indicator, Measurement, Period
from assessments.permissions import may_import_measurements, may_measure
from assessments.queries.schemes import indicator_versions
from assessments.rules.periods import Span, parse
from core import audit
from core.locks import Lock, take
from core.models import User
from core.permissions import require
from core.tables import Table
from core.tables.cells import Cells, Faults
from organization.models import Employee

MEASUREMENT_COLUMNS = (*COLUMNS, *OPTIONAL)
Key = tuple[str, str, str, str]  # indicator, employee number, period, source


@dataclass
class MeasurementReport:
    created: int = 0
    corrected: int = 0
    unchanged: int = 0


def import_measurements(
    tables: Sequence[Table], *, actor: User, dry_run: bool = False
) -> MeasurementReport:
    """Take a file. Any fault: BadRows with all of them, nothing changed."""
    require(may_import_measurements(actor))
    rows, faults = read_measurements(tables, _units())
    return _take(rows, faults, actor, dry_run)


def record_measurements(entries: Sequence[Mapping[str, Any]], *, actor: User) -> MeasurementReport:
    """Take rows of an API call, keys as the columns of a file. A fault names the entry, from 1."""
    require(may_import_measurements(actor))
    faults, units, rows = Faults(), _units(), []
    for number, entry in enumerate(entries, start=1):
        values = {name: None if x is None else str(x) for name, x in entry.items()}
        row = row_of(Cells(number, values, faults), units)
        if row is not None:
            rows.append(row)
    return _take(rows, faults, actor, dry_run=False)


def _units() -> dict[str, str]:
    return {code: version.unit for code, version in indicator_versions().items()}


@transaction.atomic
def _take(
    rows: list[MeasurementRow], faults: Faults, actor: User, dry_run: bool
) -> MeasurementReport:
    # Scoring takes the same lock before it locks a period's data: no figure slips in between.
    take(Lock.MEASUREMENTS)
    employees = dict(
        Employee.objects.filter(employee_no__in={r.employee_no for r in rows}).values_list(
            "employee_no", "id"
        )
    )
    stored = _stored({row.span.key for row in rows}, list(employees.values()))
    report, new, seen = MeasurementReport(), [], set[Key]()
    locked = _locked_spans()
    for row in rows:
        if row.key in seen:
            row.cells.fault("source_ref", _("the same figure stands in the file twice"))
        seen.add(row.key)
        if row.employee_no not in employees:
            row.cells.fault(
                "employee_no", _("unknown employee %(number)s") % {"number": row.employee_no}
            )
            continue
        version, numerator, denominator = stored.get(row.key, (0, None, None))
        if (numerator, denominator) == (row.numerator, row.denominator):
            report.unchanged += 1
            continue
        if (lock := _lock_over(row.span, locked)) is not None:
            row.cells.fault("period", _("%(key)s is locked") % {"key": lock.key})
        new.append((row, employees[row.employee_no], version + 1))
    faults.errors.raise_if_any()
    if rows:
        require(may_measure(actor, employees.values()))
    _write(new, actor)
    report.created = sum(1 for _row, _employee, version in new if version == 1)
    report.corrected = len(new) - report.created
    if new and not dry_run:
        keys = sorted({row.span.key for row in rows})
        audit.record(
            actor,
            "measurements.taken",
            None,
            periods=keys,
            created=report.created,
            corrected=report.corrected,
        )
    if dry_run:
        transaction.set_rollback(True)
    return report


def _stored(keys: set[str], employee_ids: list[int]) -> dict[Key, tuple[int, Any, Any]]:
    rows = (
        Measurement.objects.filter(period_key__in=keys, employee_id__in=employee_ids)
        .order_by("period_key", "employee_id", "indicator_id", "source_ref", "-version")
        .distinct("period_key", "employee_id", "indicator_id", "source_ref")
        .values_list(
            "indicator__code",
            "employee__employee_no",
            "period_key",
            "source_ref",
            "version",
            "numerator",
            "denominator",
        )
    )
    return {(row[0], row[1], row[2], row[3]): row[4:] for row in rows}


def _locked_spans() -> list[Span]:
    keys = Period.objects.filter(cutoff_at__isnull=False).values_list("key", flat=True)
    return [parse(key) for key in keys]


def _lock_over(span: Span, locked: list[Span]) -> Span | None:
    """The locked period a figure would still change: its own or a longer one around it."""
    return next((lock for lock in locked if lock.contains(span)), None)


def _write(new: list[tuple[MeasurementRow, int, int]], actor: User) -> None:
    indicators = dict(Indicator.objects.values_list("code", "id"))
    Measurement.objects.bulk_create(
        [
            Measurement(
                indicator_id=indicators[row.indicator],
                employee_id=employee_id,
                period_key=row.span.key,
                first_day=row.span.first,
                last_day=row.span.last,
                source_ref=row.source_ref,
                version=version,
                numerator=row.numerator,
                denominator=row.denominator,
                created_by=actor,
            )
            for row, employee_id, version in new
        ],
        batch_size=5000,
    )
