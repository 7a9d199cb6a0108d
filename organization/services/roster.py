"""Take a roster: everything it states holds from the effective date on, or nothing changes.

Set-based throughout: the number of queries does not grow with the rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from django.db import connection, transaction
from django.utils import timezone

from core import audit
from core.locks import Lock, take
from core.models import User
from core.permissions import require
from core.tables import Table
from organization.imports.roster import RosterFile, read_roster
from organization.models import Department, Employee, Position
from organization.permissions import may_import_roster
from organization.services.roster_departments import plan_departments
from organization.services.roster_employees import EmployeePlan, plan_employees


@dataclass
class RosterReport:
    """What an import did, or would do. Counts of rows."""

    departments_created: int = 0
    departments_changed: int = 0
    positions_created: int = 0
    employees_created: int = 0
    employees_changed: int = 0
    placements_opened: int = 0
    placements_closed: int = 0
    pay_profiles_opened: int = 0
    pay_profiles_closed: int = 0
    employees_unchanged: int = 0
    addresses_changed: int = 0

    @property
    def changes(self) -> int:
        counts: dict[str, int] = asdict(self)
        return sum(counts.values()) - self.employees_unchanged


def import_roster(
    tables: Sequence[Table],
    *,
    actor: User,
    effective: date | None = None,
    dry_run: bool = False,
) -> RosterReport:
    """Take departments and employees from the tables of one call, in any order.

    New people are placed from the day of hiring; a change of department, position, city, legal
    entity or pay opens a new row on `effective` (default today) and closes the old one the day
    before. Absent rows change nothing, the same tables twice change nothing. Unknown positions
    are created. Any fault: BadRows with all of them, nothing changed.
    """
    require(may_import_roster(actor))
    roster = read_roster(tables)
    with transaction.atomic():
        day = effective or timezone.localdate()
        report, _plan = apply_roster(roster, actor, day, digest_of(tables))
        if dry_run:
            transaction.set_rollback(True)
    return report


def apply_roster(
    roster: RosterFile, actor: User, effective: date, digest: str
) -> tuple[RosterReport, EmployeePlan]:
    """Write what the file states, inside the caller's transaction; BadRows writes nothing."""
    take(Lock.ROSTER)
    report = RosterReport()
    stored = {row.code: row for row in Department.objects.all()}
    departments = plan_departments(roster, stored)
    employees = plan_employees(roster, set(stored), effective)
    roster.faults.errors.raise_if_any()

    departments.write_tree(report)
    ids = dict(Department.objects.values_list("code", "id"))
    report.positions_created = _create_positions(roster)
    positions = dict(Position.objects.values_list("code", "id"))
    employees.write(report, ids, positions)
    accounts = _readdress(roster)
    report.addresses_changed = len(accounts)
    heads = {row.head_no for row in roster.departments.values() if row.head_no}
    departments.write_heads(
        report,
        dict(Employee.objects.filter(employee_no__in=heads).values_list("employee_no", "id")),
    )
    if report.changes:
        audit.record(
            actor,
            "roster.imported",
            None,
            effective=effective,
            content_sha256=digest,
            accounts_readdressed=accounts,
            **asdict(report),
        )
    return report, employees


_READDRESS = """UPDATE core_user account SET email = employee.email
    FROM organization_employee employee
    WHERE employee.user_id = account.id AND employee.employee_no = ANY(%s)
        AND account.email <> employee.email
    RETURNING account.id"""


def _readdress(roster: RosterFile) -> list[int]:
    """Accounts of the people in the file are written to at the address the roster states: links
    to set a password go there. Returns the accounts (ids) that had another one."""
    with connection.cursor() as cursor:
        cursor.execute(_READDRESS, [list(roster.employees)])
        return sorted(row[0] for row in cursor.fetchall())


def _create_positions(roster: RosterFile) -> int:
    """Positions the file names for the first time; their names are given on the settings page."""
    named = {row.position_code for row in roster.employees.values()}
    known = set(Position.objects.filter(code__in=named).values_list("code", flat=True))
    new = [Position(code=code, name_zh=code, name_en=code) for code in sorted(named - known)]
    Position.objects.bulk_create(new)
    return len(new)


def digest_of(tables: Sequence[Table]) -> str:
    """SHA-256 of what the tables say, whatever the file format."""
    content = [[list(table.header), [list(row) for row in table.rows]] for table in tables]
    content.sort(key=json.dumps)  # as text: an empty cell and a filled one have no order
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
