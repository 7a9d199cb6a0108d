"""Correct who served in an event: decided, reasoned, audited; what was before stays readable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import InvalidInput
from core.models import User
from core.permissions import require
from customers.models import EventReattribution, ServiceEvent, ServiceEventPerson
from customers.permissions import may_reattribute
from customers.queries import people_of
from organization.models import Department, Employee
from organization.queries import placement_on

Person = tuple[int, int, int]  # employee, department, position ids


@transaction.atomic
def reattribute_event(
    event: ServiceEvent,
    people: Sequence[Employee],
    *,
    actor: User,
    reason: str,
    department: Department | None = None,
    now: datetime | None = None,
) -> EventReattribution:
    """Attribute the event to these people, lead first, with their positions of that day and
    `department` (default: their own). Answers already given keep their frozen attribution: they
    are corrected one by one, each as a decision of its own."""
    event = ServiceEvent.objects.select_for_update().get(pk=event.pk)
    before = people_of([event.pk]).get(event.pk, [])
    concerned = {p[0] for p in before} | {one.pk for one in people}
    require(may_reattribute(actor, concerned, [event.department_id]))
    if not reason.strip():
        raise InvalidInput(_("A re-attribution needs a reason."))
    after = _placed(event, people, department)
    new_department = after[0][1] if after and department is None else None
    department_id = department.pk if department else new_department or event.department_id
    touched = {event.department_id, department_id, *(person[1] for person in after)}
    require(may_reattribute(actor, concerned, touched))
    if (after, department_id) == (before, event.department_id):
        raise InvalidInput(_("The event is attributed like that already."))
    history = EventReattribution.objects.create(
        event=event,
        number=event.reattributions.count() + 1,
        department_before_id=event.department_id,
        department_after_id=department_id,
        before=before,
        after=after,
        reason=reason.strip(),
        decided_by=actor,
        decided_at=now or timezone.now(),
    )
    _store(event, after, department_id)
    audit.record(
        actor, "event.reattributed", event, number=history.number, before=before, after=after
    )
    return history


def _placed(
    event: ServiceEvent, people: Sequence[Employee], department: Department | None
) -> list[Person]:
    day = timezone.localdate(event.occurred_at)
    places = placement_on([person.pk for person in people], day)
    placed: list[Person] = []
    for person in people:
        place = places.get(person.pk)
        if place is None:
            raise InvalidInput(
                _("%(number)s was not employed on %(day)s.")
                % {"number": person.employee_no, "day": day.isoformat()}
            )
        where = department.pk if department else place.department_id
        placed.append((person.pk, where, place.position_id))
    if len({position for _employee, _department, position in placed}) < len(placed):
        raise InvalidInput(_("At most one person per position."))
    return placed


def _store(event: ServiceEvent, people: list[Person], department_id: int) -> None:
    event.people.all().delete()
    ServiceEventPerson.objects.bulk_create(
        ServiceEventPerson(
            event=event,
            employee_id=person[0],
            department_id=person[1],
            position_id=person[2],
            order=order,
        )
        for order, person in enumerate(people)
    )
    event.department_id = department_id
    event.save(update_fields=["department"])
