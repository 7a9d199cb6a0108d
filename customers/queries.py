"""Reads about customers and their service events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils import timezone

from customers.models import ServiceEventPerson, SurveyContact
from customers.rules import DAYS_BETWEEN, YEAR


def invited_on(customer_id: int, on: date) -> list[date]:
    """The days (Asia/Shanghai) of invitations that can bear on one planned for `on`."""
    first, last = on - YEAR - timedelta(days=1), on + timedelta(days=DAYS_BETWEEN + 1)
    moments = SurveyContact.objects.filter(
        customer_id=customer_id,
        kind=SurveyContact.Kind.INVITATION,
        sent_at__date__gte=first,
        sent_at__date__lte=last,
    ).values_list("sent_at", flat=True)
    return [timezone.localdate(moment) for moment in moments]


def people_of(event_ids: Iterable[int]) -> dict[int, list[tuple[int, int, int]]]:
    """event id -> [(employee_id, department_id, position_id)], lead first; as attributed now."""
    found: dict[int, list[tuple[int, int, int]]] = {}
    rows = ServiceEventPerson.objects.filter(event_id__in=list(event_ids))
    for event_id, *person in rows.order_by("event_id", "order").values_list(
        "event_id", "employee_id", "department_id", "position_id"
    ):
        found.setdefault(event_id, []).append((person[0], person[1], person[2]))
    return found
