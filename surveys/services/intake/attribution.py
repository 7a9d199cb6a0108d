"""For whom an answer counts: looked up once for a whole file, then frozen.

Employee, department and position come from the service event, else from the answer itself, else
from the placement on the day of the answer.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.tables import Errors
from customers.models import Customer, ServiceEvent, ServiceEventPerson
from organization.models import Department, Employee, Placement
from surveys.queries.facts import chunks
from surveys.rules.rating import Person
from surveys.services.intake.sent import SHANGHAI, Named, Sent

LOOKUP = 10_000


@dataclass(slots=True)
class Event:
    id: int
    customer_id: int
    customer_no: str
    department_id: int
    day: date
    people: tuple[Person, ...] = ()


@dataclass(slots=True)
class Attributed:
    """A sent answer with its references. `customer_id` None and a customer_no: not known yet."""

    sent: Sent
    event: Event | None
    department_id: int | None
    people: tuple[Person, ...]


@dataclass
class Registers:
    """What the answers of a file refer to."""

    employees: dict[str, int] = field(default_factory=dict)
    departments: dict[str, int] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    placements: dict[int, tuple[list[date], list[tuple[int, int]]]] = field(default_factory=dict)
    _people: dict[tuple[Person, ...], tuple[Person, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, sent: Sequence[Named]) -> "Registers":
        """Everything the answers name, in a few queries for any number of them."""
        found = cls(departments=dict(Department.objects.values_list("code", "pk")))
        numbers = {no for each in sent for no in each.employee_nos}
        for row in _in(Employee.objects, "employee_no", numbers, "employee_no", "pk"):
            found.employees[row[0]] = row[1]
        found.events = _events({each.event_no for each in sent if each.event_no})
        found.placements = _placements(found.employees.values())
        return found

    def placed(self, employee: int, day: date) -> tuple[int, int] | None:
        """(department, position) on a day; after the last placement ended, that one: an answer to
        a service given before still finds its person."""
        starts, places = self.placements.get(employee, ([], []))
        at = bisect_right(starts, day)
        return places[at - 1] if at else None

    def note_unknown(self, named: Named, errors: Errors) -> None:
        """Numbers that stand in no register go to `errors`."""
        unknown = [("employee_no", no) for no in named.employee_nos if no not in self.employees]
        if named.event_no and named.event_no not in self.events:
            unknown.append(("event_no", named.event_no))
        if named.department_code and named.department_code not in self.departments:
            unknown.append(("department_code", named.department_code))
        for column, number in unknown:
            errors.add(named.row, column, _("%(no)s is unknown") % {"no": number})

    def attribute(self, sent: Sent, errors: Errors) -> Attributed:
        """The people an answer counts for; what is unknown or does not fit goes to `errors`."""
        self.note_unknown(sent, errors)
        event = self.events.get(sent.event_no) if sent.event_no else None
        if event and sent.customer_no and sent.customer_no != event.customer_no:
            errors.add(sent.row, "customer_no", _("is not the customer of the event"))
        if event and event.people:  # it was frozen there: whom else the answer names is no matter
            return Attributed(sent, event, event.people[0][1], event.people)
        named = self.departments.get(sent.department_code)
        own = self._own_people(sent, event, named, errors)
        department = event.department_id if event else named
        return Attributed(sent, event, own[0][1] if own else department, own)

    def _own_people(
        self, sent: Sent, event: Event | None, named: int | None, errors: Errors
    ) -> tuple[Person, ...]:
        """The people the answer itself names, as far as they are known."""
        people: list[Person] = []
        day = event.day if event else sent.answered_on
        for number in sent.employee_nos:
            employee = self.employees.get(number)
            if employee is None:
                continue
            place = self.placed(employee, day)
            if place is None:
                errors.add(
                    sent.row,
                    "employee_no",
                    _("%(no)s was not employed on %(day)s") % {"no": number, "day": day},
                )
                continue
            department = event.department_id if event else named or place[0]
            people.append((employee, department, place[1]))
        if len({person[0] for person in people}) < len(people):
            errors.add(sent.row, "employee_no", _("somebody is named twice"))
        elif len({person[2] for person in people}) < len(people):
            errors.add(sent.row, "employee_no", _("at most one person per position"))
        found = tuple(people)
        return self._people.setdefault(found, found)  # the same few people over and over


def customers(numbers: Iterable[str]) -> dict[str, int]:
    """Customer number -> id; unknown ones are created."""
    wanted = {number for number in numbers if number}
    known = dict(_in(Customer.objects, "customer_no", wanted, "customer_no", "pk"))
    missing = sorted(wanted - known.keys())
    if missing:
        Customer.objects.bulk_create(
            [Customer(customer_no=number) for number in missing],
            ignore_conflicts=True,
            batch_size=5000,
        )
        known.update(_in(Customer.objects, "customer_no", missing, "customer_no", "pk"))
    return known


def _events(numbers: Iterable[str]) -> dict[str, Event]:
    rows = _in(
        ServiceEvent.objects,
        "event_no",
        numbers,
        *("event_no", "pk", "customer_id", "customer__customer_no", "department_id", "occurred_at"),
    )
    events = {
        row[0]: Event(*row[1:5], day=row[5].astimezone(SHANGHAI).date())  # type: ignore[misc]
        for row in rows
    }
    by_id = {event.id: event for event in events.values()}
    served = _in(
        ServiceEventPerson.objects.order_by("event_id", "order"),
        "event_id",
        by_id,
        *("event_id", "employee_id", "department_id", "position_id"),
    )
    for event_id, *person in served:
        by_id[event_id].people += ((person[0], person[1], person[2]),)
    return events


def _placements(
    employees: Iterable[int],
) -> dict[int, tuple[list[date], list[tuple[int, int]]]]:
    found: dict[int, tuple[list[date], list[tuple[int, int]]]] = {}
    rows = _in(
        Placement.objects.order_by("employee_id", "starts_on"),
        "employee_id",
        employees,
        *("employee_id", "starts_on", "department_id", "position_id"),
    )
    for employee, starts_on, department, position in rows:
        starts, places = found.setdefault(employee, ([], []))
        starts.append(starts_on)
        places.append((department, position))
    return found


def _in(rows: Any, column: str, values: Iterable[Any], *wanted: str) -> list[tuple[Any, ...]]:
    """Rows whose column is one of many values, in pieces a statement can carry."""
    found: list[tuple[Any, ...]] = []
    queryset: QuerySet[Any] = rows.all()
    for chunk in chunks(sorted(set(values)), LOOKUP):
        found += queryset.filter(**{f"{column}__in": chunk}).values_list(*wanted)
    return found
