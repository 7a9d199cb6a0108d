"""Record service events: who served whom, where and when, frozen as it was on that day.

Set-based: the number of statements does not grow with the events of one call (5,000 a page)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.models import User
from core.permissions import require
from core.tables import Table
from customers.imports.events import REQUIRED, EventFile, EventRow, read_items, read_tables
from customers.permissions import may_record_events, may_record_events_of
from customers.services import event_store as store
from customers.services.event_registers import Attribution, Known, Registers

EVENT_COLUMNS = REQUIRED


@dataclass
class EventReport:
    """What a call did. `created` holds the numbers of the events that are new."""

    created: set[str] = field(default_factory=set)
    unchanged: int = 0
    customers_created: int = 0
    contacts_updated: int = 0
    kept: list[str] = field(default_factory=list)  # known events whose row names other people


def import_events(tables: Sequence[Table], *, actor: User, dry_run: bool = False) -> EventReport:
    """Take the events of a file.

    People are named lead first, at most one per position; department and position are those of
    the day of the service, or the department given. Unknown customers are created, unknown
    employees and departments are faults. A known event takes new contact fields and keeps its
    attribution (`kept` of the report; a correction is a re-attribution); anything else that
    differs is a fault. Any fault: BadRows with all of them, nothing changed.
    """
    return _record(read_tables(tables), actor, dry_run, keep=True)


def record_events(items: Sequence[Mapping[str, Any]], *, actor: User) -> EventReport:
    """The same for objects of the API; row N of a fault is the Nth object. There another
    attribution than the stored one is a fault too: the caller gets the conflict."""
    return _record(read_items(items), actor, dry_run=False, keep=False)


def _record(file: EventFile, actor: User, dry_run: bool, *, keep: bool) -> EventReport:
    require(may_record_events(actor))
    with transaction.atomic():
        report = _apply(file, actor, keep)
        if report.created or report.contacts_updated:
            audit.record(
                actor,
                "events.imported",
                None,
                created=len(report.created),
                unchanged=report.unchanged,
                customers_created=report.customers_created,
                contacts_updated=report.contacts_updated,
                event_nos_sha256=_digest(report.created),
            )
        if dry_run:
            transaction.set_rollback(True)
    return report


def _apply(file: EventFile, actor: User, keep: bool) -> EventReport:
    registers = Registers.of(file.rows)
    known = Known.of([row.event_no for row in file.rows])
    report = EventReport()
    new: list[tuple[EventRow, Attribution]] = []
    for row in file.rows:
        if not row.cells.ok:
            registers.note_unknown(row)
        elif row.event_no in known.events:
            _compare(row, known, registers, report.kept if keep else None)
        elif (attribution := registers.attribute(row)) is not None:
            new.append((row, attribution))
    file.faults.errors.raise_if_any()
    touched = {event.department_id for event in known.events.values()}
    touched |= {placed.department_id for _row, placed in new}
    touched |= {person[1] for _row, placed in new for person in placed.people}
    if touched:
        require(may_record_events_of(actor, touched))

    report.unchanged = len(file.rows) - len(new)
    customers, report.customers_created = store.customers({row.customer_no for row in file.rows})
    ids = store.events([(row, customers[row.customer_no], placed) for row, placed in new])
    report.created = set(ids)
    raced = [row for row, _placed in new if row.event_no not in ids]
    if raced:  # somebody stored them since we looked: now they are known
        known = Known.of([row.event_no for row in raced])
        for row in raced:
            _compare(row, known, registers, report.kept if keep else None)
        file.faults.errors.raise_if_any()
        report.unchanged += len(raced)
    store.people([(ids[row.event_no], placed) for row, placed in new if row.event_no in ids])
    report.contacts_updated = store.contacts(_contacts(file, customers))
    return report


def _contacts(file: EventFile, customers: dict[str, int]) -> dict[int, tuple[str, str, str]]:
    """customer id -> (name, phone, e-mail): of several rows the last that states a field."""
    stated: dict[int, tuple[str, str, str]] = {}
    for row in file.rows:
        key = customers[row.customer_no]
        name, phone, email = stated.get(key, ("", "", ""))
        stated[key] = (row.name or name, row.phone or phone, row.email or email)
    return stated


def _compare(row: EventRow, known: Known, registers: Registers, kept: list[str] | None) -> None:
    """A known event: what was stored stays; a row that says otherwise is a fault. Another
    attribution is none where `kept` collects the numbers of such events."""
    registers.note_unknown(row)
    stored = known.events[row.event_no]
    for column, stated, held in (
        ("customer_no", row.customer_no, stored.customer_no),
        ("stage", row.stage, stored.stage),
        ("channel", row.channel, stored.channel),
        ("occurred_at", row.occurred_at, stored.occurred_at),
    ):
        if stated != held:
            row.cells.fault(
                column,
                _("event %(no)s is stored with another value") % {"no": row.event_no},
                conflict=True,
            )
    people = tuple(registers.employees.get(number, 0) for number in row.employee_nos)
    department = registers.departments.get(row.department_code)
    if not row.cells.ok or known.attributed_like(row.event_no, people, department):
        return
    if kept is not None:
        kept.append(row.event_no)
        return
    row.cells.fault(
        "employee_no" if people not in known.people(row.event_no) else "department_code",
        _("event %(no)s is attributed otherwise; a correction is a re-attribution")
        % {"no": row.event_no},
        conflict=True,
    )


def _digest(numbers: set[str]) -> str:
    return hashlib.sha256("\n".join(sorted(numbers)).encode()).hexdigest()
