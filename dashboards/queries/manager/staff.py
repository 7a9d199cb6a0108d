"""The people of one department with what customers say about their own part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from core.models import User
from core.stats import Mean
from dashboards.queries.manager.frame import Frame
from dashboards.queries.manager.parts import FEW
from organization.models import Employee, Placement, Position
from surveys.queries.rollups import PersonCell, department_people
from surveys.rules.sums import NOTHING, Sums
from surveys.rules.suppression import MINIMUM
from surveys.rules.telling import hidden_people


@dataclass(frozen=True)
class Person:
    """`mean` is over the months in which the person's figure may be shown, None where there is
    none; `n` counts the answers behind it, or where it is hidden all of them. Under 30 answers a
    person is shown and not compared."""

    employee: Employee
    position: Position | None
    n: int
    mean: Mean | None

    @property
    def few(self) -> bool:
        return self.mean is not None and self.n < FEW


def staff_of(frame: Frame, viewer: User) -> list[Person]:
    """Who works in the department itself at the end of the period, or has answers of it there, as
    far as the account may see them: those with enough answers by their mean, then the others."""
    department, span = frame.department, frame.span
    counts, shown = _sums(frame, department_people([department.pk], span.first, span.last))
    placed = {
        row.employee_id: row.position
        for row in Placement.objects.on(span.last)
        .filter(department=department)
        .select_related("position")
    }
    people = []
    for employee in Employee.objects.visible_to(viewer).filter(pk__in=counts.keys() | placed):
        sums = shown.get(employee.pk, NOTHING)
        n = sums.n or counts.get(employee.pk, 0)
        position = placed.get(employee.pk)
        people.append(Person(employee, position, n, sums.mean if sums.n else None))
    return sorted(people, key=_order)


def _sums(frame: Frame, cells: Iterable[PersonCell]) -> tuple[dict[int, int], dict[int, Sums]]:
    """Employee -> all answers, and employee -> sums of what may be shown: decided survey by survey
    and month by month, as for departments, or a longer period less its months would tell a small
    one."""
    pieces: dict[tuple[date, int], dict[int | None, PersonCell]] = defaultdict(dict)
    for cell in cells:
        pieces[cell.month, cell.survey][cell.employee] = cell
    counts: dict[int, int] = {}
    shown: dict[int, Sums] = {}
    for (month, survey), found in pieces.items():
        visible = frame.is_shown(month, survey, frame.department.pk, own=True)
        least = frame.minimums.get(survey, MINIMUM)
        hidden = hidden_people({who: cell.person for who, cell in found.items()}, least)
        for who, cell in found.items():
            if who is None or not cell.sums.n:
                continue
            counts[who] = counts.get(who, 0) + cell.sums.n
            if visible and who not in hidden:
                shown[who] = shown.get(who, NOTHING).plus(cell.sums)
    return counts, shown


def _order(person: Person) -> tuple[int, float, str]:
    if person.mean is not None and person.mean.mean is not None and not person.few:
        return (0, -person.mean.mean, person.employee.sort_key)
    return (1 if person.mean is not None else 2 if person.n else 3, 0.0, person.employee.sort_key)
