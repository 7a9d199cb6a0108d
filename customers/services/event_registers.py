"""What the events of one call refer to, looked up once for all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from customers.imports.events import EventRow
from customers.models import EventReattribution, ServiceEvent
from customers.queries import people_of
from organization.models import Department, Employee, Placement

LOOKUP = 10_000


@dataclass(frozen=True)
class Attribution:
    """The event's department, and (employee, department, position) ids of its people in order."""

    department_id: int
    people: tuple[tuple[int, int, int], ...]


Place = tuple[date, date | None, int, int]  # from, to (inclusive), department, position


@dataclass
class Registers:
    employees: dict[str, int] = field(default_factory=dict)
    departments: dict[str, int] = field(default_factory=dict)
    places: dict[int, list[Place]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Sequence[EventRow]) -> Registers:
        found = cls(departments=dict(Department.objects.values_list("code", "id")))
        numbers = {number for row in rows for number in row.employee_nos}
        for page in pages(numbers):
            people = Employee.objects.filter(employee_no__in=page)
            found.employees.update(people.values_list("employee_no", "id"))
        for page in pages(found.employees.values()):
            placements = Placement.objects.filter(employee_id__in=page)
            for employee_id, *place in placements.order_by("employee_id", "starts_on").values_list(
                "employee_id", "starts_on", "ends_on", "department_id", "position_id"
            ):
                found.places.setdefault(employee_id, []).append(tuple(place))  # type: ignore[arg-type]
        return found

    def note_unknown(self, row: EventRow) -> None:
        """Numbers that stand in no register become faults."""
        for number in row.employee_nos:
            if number not in self.employees:
                row.cells.fault(
                    "employee_no", _("unknown employee %(number)s") % {"number": number}
                )
        if row.department_code and row.department_code not in self.departments:
            row.cells.fault(
                "department_code", _("unknown department %(code)s") % {"code": row.department_code}
            )

    def attribute(self, row: EventRow) -> Attribution | None:
        """Freeze who served; what is unknown or does not fit becomes a fault (and None)."""
        self.note_unknown(row)
        department = self.departments.get(row.department_code)
        day = timezone.localdate(row.occurred_at)
        people = [self._person(row, number, day, department) for number in row.employee_nos]
        placed = tuple(person for person in people if person is not None)
        if len({position for _e, _d, position in placed}) < len(placed):
            row.cells.fault("employee_no", _("at most one person per position"))
        if not row.cells.ok:
            return None
        where = department if department is not None else placed[0][1]
        return Attribution(where, placed)

    def _person(
        self, row: EventRow, number: str, day: date, department: int | None
    ) -> tuple[int, int, int] | None:
        employee = self.employees.get(number)
        if employee is None:
            return None
        place = self._place(employee, day)
        if place is None:
            row.cells.fault(
                "employee_no",
                _("%(number)s was not employed on %(day)s")
                % {"number": number, "day": day.isoformat()},
            )
            return None
        return employee, department if department is not None else place[2], place[3]

    def _place(self, employee: int, day: date) -> Place | None:
        places = self.places.get(employee, [])
        at = bisect_right(places, day, key=lambda place: place[0])
        if not at or (places[at - 1][1] or date.max) < day:
            return None
        return places[at - 1]


@dataclass(frozen=True)
class StoredEvent:
    id: int
    customer_no: str
    stage: str
    channel: str
    occurred_at: datetime
    department_id: int


@dataclass
class Known:
    """Stored events by number, with every attribution that was ever stated for them: a file sent
    again after a re-attribution still says what was true when it was made, and changes nothing."""

    events: dict[str, StoredEvent] = field(default_factory=dict)
    attributions: dict[str, list[tuple[tuple[int, ...], int]]] = field(default_factory=dict)

    @classmethod
    def of(cls, numbers: Iterable[str]) -> Known:
        known = cls()
        for page in pages(numbers):
            for number, *facts in ServiceEvent.objects.filter(event_no__in=page).values_list(
                "event_no",
                "id",
                "customer__customer_no",
                "stage",
                "channel",
                "occurred_at",
                "department_id",
            ):
                known.events[str(number)] = StoredEvent(*facts)  # type: ignore[arg-type]
        names = {event.id: number for number, event in known.events.items()}
        for page in pages(names):
            known._take_page(names, page)
        return known

    def _take_page(self, names: dict[int, str], page: list[int]) -> None:
        people = people_of(page)
        for event_id in page:
            event = self.events[names[event_id]]
            current = tuple(person[0] for person in people.get(event_id, ()))
            self.attributions[names[event_id]] = [(current, event.department_id)]
        for event_id, before, department_id in EventReattribution.objects.filter(
            event_id__in=page
        ).values_list("event_id", "before", "department_before_id"):
            earlier = tuple(person[0] for person in before)
            self.attributions[names[event_id]].append((earlier, department_id))

    def people(self, number: str) -> set[tuple[int, ...]]:
        return {people for people, _department in self.attributions[number]}

    def attributed_like(self, number: str, people: tuple[int, ...], department: int | None) -> bool:
        """Whether these people (and this department, when stated) were ever attributed."""
        return any(
            people == held and department in (None, where)
            for held, where in self.attributions[number]
        )


def pages(values: Iterable[Any]) -> Iterator[list[Any]]:
    """The distinct values in order, in pieces that one statement can carry."""
    ordered = sorted(set(values))
    for start in range(0, len(ordered), LOOKUP):
        yield ordered[start : start + LOOKUP]
