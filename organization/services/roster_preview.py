"""What a roster would change, person by person; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.models import User
from core.permissions import require
from core.tables import Table
from organization.imports.roster import EmployeeRow, read_roster
from organization.permissions import may_import_roster
from organization.rules import Plan
from organization.services.roster import RosterReport, apply_roster, digest_of
from organization.services.roster_employees import EmployeePlan

MOST = 500  # people named one by one; the counts are of all


@dataclass(frozen=True)
class Change:
    """One change of one person: `kind` is new, transfer, pay or person. `before` and `after` are
    (department, position) or (base wage, performance pay); empty where there is none."""

    kind: str
    employee_no: str
    name: str
    day: date | None = None
    before: tuple[Any, ...] = ()
    after: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Preview:
    """Counts of everything, and the first people of each kind."""

    report: RosterReport
    changes: list[Change]


def preview_roster(
    tables: Sequence[Table], *, actor: User, effective: date | None = None
) -> Preview:
    """As import_roster would do it, taken back at once. Raises the same BadRows."""
    require(may_import_roster(actor))
    roster = read_roster(tables)
    with transaction.atomic():
        day = effective or timezone.localdate()
        report, plan = apply_roster(roster, actor, day, digest_of(tables))
        changes = _changes(plan, roster.employees)
        transaction.set_rollback(True)
    return Preview(report, changes)


def _changes(plan: EmployeePlan, rows: Mapping[str, EmployeeRow]) -> list[Change]:
    names = {number: row.name for number, row in rows.items()}
    new = {one.employee_no for one in plan.people if one.employee_no not in plan.known}
    found = [
        Change("new", number, names[number], *_opened(plan.places.get(number)))
        for number in sorted(new)
    ]
    for kind, plans in (("transfer", plan.places), ("pay", plan.pay)):
        found += [
            Change(kind, number, names[number], *_moved(one, rows[number].left_on))
            for number, one in sorted(plans.items())
            if number not in new and one
        ]
    found += [
        Change("person", one.employee_no, one.name, one.left_on)
        for one in sorted(plan.people, key=lambda one: one.employee_no)
        if one.employee_no in plan.known
    ]
    return found[:MOST]


def _opened(plan: Plan | None) -> tuple[date | None, tuple[Any, ...], tuple[Any, ...]]:
    if plan is None or not plan.opened:
        return None, (), ()
    return plan.opened[-1].starts_on, (), plan.opened[-1].value[:2]


def _moved(
    plan: Plan, left_on: date | None
) -> tuple[date | None, tuple[Any, ...], tuple[Any, ...]]:
    """From which day, from what, to what; a row that ends, or never comes, because the person
    leaves has no `after`, one corrected in place (the first too, when the day of hiring is) no
    `before`."""
    if not plan.changed and not plan.opened:
        return left_on, plan.dropped[-1].value[:2], ()
    before = plan.changed[-1].value[:2] if plan.changed else ()
    if plan.opened:
        return plan.opened[-1].starts_on, before, plan.opened[-1].value[:2]
    last = plan.changed[-1]
    if left_on is None or last.ends_on != left_on:
        return last.starts_on, (), before
    return last.ends_on, before, ()
