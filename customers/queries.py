"""Reads about customers and their service events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.utils import timezone

from customers.models import ContactRefusal, ServiceEventPerson, SurveyContact
from customers.rules import (
    DAYS_BETWEEN,
    MOST_REMINDERS,
    YEAR,
    LeaveAlone,
    TooOften,
    invitation_refused,
)


def invited_on(customer_id: int, on: date) -> list[date]:
    """The days (Asia/Shanghai) of invitations that can bear on one planned for `on`."""
    return _invited([customer_id], on).get(customer_id, [])


def _invited(customer_ids: Iterable[int], on: date) -> dict[int, list[date]]:
    first, last = on - YEAR - timedelta(days=1), on + timedelta(days=DAYS_BETWEEN + 1)
    rows = SurveyContact.objects.filter(
        customer_id__in=list(customer_ids),
        kind=SurveyContact.Kind.INVITATION,
        sent_at__date__gte=first,
        sent_at__date__lte=last,
    ).values_list("customer_id", "sent_at")
    found: dict[int, list[date]] = {}
    for customer_id, moment in rows:
        found.setdefault(customer_id, []).append(timezone.localdate(moment))
    return found


def not_to_invite(customer_ids: Iterable[int], on: date) -> dict[int, LeaveAlone | TooOften]:
    """customer id -> why no invitation may go out on that day; those who may be invited are absent.
    Two queries for any number of customers; permissions.may_contact says the same of one."""
    wanted = list(customer_ids)
    found: dict[int, LeaveAlone | TooOften] = {}
    for customer_id, days in _invited(wanted, on).items():
        refused = invitation_refused(days, on)
        if refused is not None:
            found[customer_id] = refused
    refusals = ContactRefusal.objects.filter(customer_id__in=wanted, taken_back_at=None)
    for customer_id in refusals.values_list("customer_id", flat=True):
        found[customer_id] = LeaveAlone.REFUSED
    return found


def may_remind(references: Mapping[str, int]) -> set[str]:
    """Of references of invitations (each with its customer's id) those that may still be reminded
    of: sent once, reminded less than twice, and the customer has not refused."""
    sent: dict[str, list[str]] = {}
    rows = SurveyContact.objects.filter(
        reference__in=list(references), customer_id__in=set(references.values())
    )
    for reference, customer_id, kind in rows.values_list("reference", "customer_id", "kind"):
        if references[reference] == customer_id:
            sent.setdefault(reference, []).append(kind)
    refused = set(
        ContactRefusal.objects.filter(
            customer_id__in=set(references.values()), taken_back_at=None
        ).values_list("customer_id", flat=True)
    )
    kinds = SurveyContact.Kind
    return {
        reference
        for reference, found in sent.items()
        if kinds.INVITATION in found
        and found.count(kinds.REMINDER) < MOST_REMINDERS
        and references[reference] not in refused
    }


def people_of(event_ids: Iterable[int]) -> dict[int, list[tuple[int, int, int]]]:
    """event id -> [(employee_id, department_id, position_id)], lead first; as attributed now."""
    found: dict[int, list[tuple[int, int, int]]] = {}
    rows = ServiceEventPerson.objects.filter(event_id__in=list(event_ids))
    for event_id, *person in rows.order_by("event_id", "order").values_list(
        "event_id", "employee_id", "department_id", "position_id"
    ):
        found.setdefault(event_id, []).append((person[0], person[1], person[2]))
    return found
