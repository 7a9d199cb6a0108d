"""The people of one department with what customers say about their own part."""

from __future__ import annotations

from dataclasses import dataclass

from assessments.rules.periods import Span
from core.models import User
from core.stats import Mean
from dashboards.queries.manager.parts import FEW
from organization.models import Department, Employee, Placement, Position
from surveys.queries.rollups import people_sums
from surveys.rules.sums import NOTHING
from surveys.rules.suppression import hidden_groups


@dataclass(frozen=True)
class Person:
    """`mean` is None under the minimum of answers, and where it would give away who is under it;
    under 30 answers a person is shown and not compared."""

    employee: Employee
    position: Position | None
    n: int
    mean: Mean | None

    @property
    def few(self) -> bool:
        return self.mean is not None and self.n < FEW


def staff_of(department: Department, span: Span, viewer: User) -> list[Person]:
    """Who works in the department itself at the end of the period, or has answers of it there, as
    far as the account may see them: those with enough answers by their mean, then the others."""
    sums = people_sums([department.pk], span.first, span.last)
    placed = {
        row.employee_id: row.position
        for row in Placement.objects.on(span.last)
        .filter(department=department)
        .select_related("position")
    }
    hidden = hidden_groups({who: one.n for who, one in sums.items()})
    seen = Employee.objects.visible_to(viewer).filter(pk__in=sums.keys() | placed.keys())
    people = []
    for employee in seen:
        one = sums.get(employee.pk, NOTHING)
        shown = one.n and employee.pk not in hidden
        people.append(Person(employee, placed.get(employee.pk), one.n, one.mean if shown else None))
    return sorted(people, key=_order)


def _order(person: Person) -> tuple[int, float, str]:
    if person.mean is not None and person.mean.mean is not None and not person.few:
        return (0, -person.mean.mean, person.employee.sort_key)
    return (1 if person.mean is not None else 2 if person.n else 3, 0.0, person.employee.sort_key)
