"""The employees of a roster: who is new, who changed, which dated rows close and open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext as _

from core.names import sort_key
from organization.imports.roster import EmployeeRow, RosterFile
from organization.models import Employee, PayProfile, Placement
from organization.rules import (
    Employment,
    Plan,
    Refusal,
    RosterRefused,
    Span,
    plan_spans,
    without_planned,
)
from organization.services.roster_departments import unknown_department

if TYPE_CHECKING:
    from organization.services.roster import RosterReport

PERSON = ("name", "sort_key", "email", "phone", "hired_on", "left_on")
PLACE = ("department_code", "position_code", "city", "legal_entity")
PAY = ("base_wage", "performance_pay")
BATCH = 5000


@dataclass
class EmployeePlan:
    """Employees to write (new ones have no id yet) and, by number, what their spans become."""

    people: list[Employee] = field(default_factory=list)
    places: dict[str, Plan] = field(default_factory=dict)
    pay: dict[str, Plan] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    total: int = 0

    def write(
        self, report: RosterReport, departments: dict[str, int], positions: dict[str, int]
    ) -> None:
        new = [person for person in self.people if person.pk is None]
        old = [person for person in self.people if person.pk is not None]
        ids = dict(self.known)
        for person in Employee.objects.bulk_create(new, batch_size=BATCH):
            ids[person.employee_no] = person.pk
        _overwrite(Employee, old, PERSON)

        def placement(number: str, span: Span) -> Placement:
            department, position, city, legal_entity = span.value
            return Placement(
                id=span.key,
                employee_id=ids[number],
                department_id=departments[department],
                position_id=positions[position],
                city=city,
                legal_entity=legal_entity,
                starts_on=span.starts_on,
                ends_on=span.ends_on,
            )

        def profile(number: str, span: Span) -> PayProfile:
            return PayProfile(
                id=span.key,
                employee_id=ids[number],
                base_wage=span.value[0],
                performance_pay=span.value[1],
                starts_on=span.starts_on,
                ends_on=span.ends_on,
            )

        closed, opened = _write_spans(
            Placement,
            self.places,
            placement,
            ("department", "position", "city", "legal_entity", "starts_on", "ends_on"),
        )
        report.placements_closed, report.placements_opened = closed, opened
        closed, opened = _write_spans(PayProfile, self.pay, profile, (*PAY, "starts_on", "ends_on"))
        report.pay_profiles_closed, report.pay_profiles_opened = closed, opened
        self._count(report, len(new))

    def _count(self, report: RosterReport, created: int) -> None:
        touched = {person.employee_no for person in self.people}
        for plans in (self.places, self.pay):
            touched |= {no for no, plan in plans.items() if plan}
        report.employees_created = created
        report.employees_changed = len(touched) - created
        report.employees_unchanged = self.total - len(touched)


def plan_employees(
    roster: RosterFile, stored_departments: set[str], effective: date
) -> EmployeePlan:
    """Compare every row with what is stored; faults are collected."""
    stored = {
        person.employee_no: person
        for person in Employee.objects.filter(employee_no__in=roster.employees)
    }
    ids = [person.pk for person in stored.values()]
    places = _spans(Placement, ids, ("department__code", "position__code", "city", "legal_entity"))
    pay = _spans(PayProfile, ids, PAY)
    plan = EmployeePlan(
        known={number: person.pk for number, person in stored.items()},
        total=len(roster.employees),
    )
    departments = stored_departments | roster.named_departments
    for row in roster.faulty_employees:
        if row.department_code and row.department_code not in departments:
            row.cells.fault("department_code", unknown_department(row.department_code))
    for number, row in roster.employees.items():
        if row.department_code not in departments:
            row.cells.fault("department_code", unknown_department(row.department_code))
            continue
        _plan_one(plan, number, row, stored.get(number), places, pay, effective)
    return plan


def _plan_one(
    plan: EmployeePlan,
    number: str,
    row: EmployeeRow,
    person: Employee | None,
    places: dict[int, list[Span]],
    pay: dict[int, list[Span]],
    effective: date,
) -> None:
    work = Employment(
        row.hired_on,
        row.left_on,
        person.hired_on if person else None,
        person.left_on if person else None,
    )
    spans = places[person.pk] if person else []
    holds, _planned = without_planned(spans, work.left_on, effective)
    known = holds[-1].value[2:] if holds else ("", "")  # what the file leaves empty stays
    city, entity = row.city or known[0], row.legal_entity or known[1]
    place = (row.department_code, row.position_code, city, entity)
    current = holds[-1].value if holds else place
    try:
        plan.places[number] = plan_spans(spans, place, work, effective)
        earned = pay[person.pk] if person else []
        if row.pay is not None or earned:
            held, _planned = without_planned(earned, work.left_on, effective)
            value = row.pay if row.pay is not None else (held or earned)[-1].value
            current = (*current, *(held[-1].value if held else value))
            place = (*place, *value)
            plan.pay[number] = plan_spans(earned, value, work, effective)
    except RosterRefused as refused:
        _explain(row, refused, _first_difference(current, place), effective)
        return
    if changed := _person(number, row, person):
        plan.people.append(changed)


def _first_difference(before: tuple[Any, ...], after: tuple[Any, ...]) -> str:
    pairs = zip((*PLACE, *PAY), before, after, strict=False)
    return next((name for name, old, new in pairs if old != new), "department_code")


def _explain(row: EmployeeRow, refused: RosterRefused, column: str, effective: date) -> None:
    day = refused.day.isoformat()
    if refused.refusal is Refusal.EFFECTIVE_BEFORE_CURRENT:
        text = _("differs, but what is stored begins on %(day)s, after the effective date %(date)s")
    elif refused.refusal is Refusal.EFFECTIVE_AFTER_LEAVING:
        text = _("differs, but the last day %(day)s is before the effective date %(date)s")
    elif refused.refusal is Refusal.LEFT_BEFORE_CURRENT:
        column, text = "left_on", _("before %(day)s, when the current placement or pay began")
    elif refused.refusal is Refusal.HIRED_BEFORE_LEAVING:
        column, text = "hired_on", _("must be after %(day)s, the last day of the employment before")
    elif refused.refusal is Refusal.PLANNED_AFTER_LEAVING:
        text = _("is planned from %(day)s, after the last day: state what holds until then")
    else:
        column, text = "hired_on", _("after %(day)s, when the first placement or pay ended")
    row.cells.fault(column, text % {"day": day, "date": effective.isoformat()})


def _person(number: str, row: EmployeeRow, person: Employee | None) -> Employee | None:
    """The employee to write, None when nothing about the person changed."""
    new = person or Employee(employee_no=number, hired_on=row.hired_on)
    before = [getattr(new, name) for name in PERSON]
    if person is None or person.name != row.name:
        new.name, new.sort_key = row.name, sort_key(row.name)
    new.email, new.hired_on, new.left_on = row.email, row.hired_on, row.left_on
    if row.phone is not None:
        new.phone = row.phone
    if person is not None and before == [getattr(new, name) for name in PERSON]:
        return None
    return new


def _spans(
    model: type[models.Model], employee_ids: list[int], value: Iterable[str]
) -> dict[int, list[Span]]:
    rows = model._default_manager.filter(employee_id__in=employee_ids).order_by(
        "employee_id", "starts_on"
    )
    spans: dict[int, list[Span]] = defaultdict(list)
    for key, employee_id, starts_on, ends_on, *held in rows.values_list(
        "id", "employee_id", "starts_on", "ends_on", *value
    ):
        spans[employee_id].append(Span(tuple(held), starts_on, ends_on, key))
    return spans


def _write_spans(
    model: type[models.Model], plans: dict[str, Plan], build: Any, fields: tuple[str, ...]
) -> tuple[int, int]:
    """Close before opening: no day may be held twice, not even between two statements. Returns how
    many were closed, changed or dropped, and how many opened."""
    dropped = [span.key for plan in plans.values() for span in plan.dropped]
    model._default_manager.filter(pk__in=dropped).delete()
    changed = [build(number, span) for number, plan in plans.items() for span in plan.changed]
    opened = [build(number, span) for number, plan in plans.items() for span in plan.opened]
    _overwrite(model, changed, fields)
    model._default_manager.bulk_create(opened, batch_size=BATCH)
    return len(changed) + len(dropped), len(opened)


def _overwrite(model: type[models.Model], rows: list[Any], fields: Iterable[str]) -> None:
    """Write stored rows again in a few statements (an upsert; bulk_update's CASE is quadratic)."""
    model._default_manager.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=list(fields),
    )
