"""Who would be invited to a survey and who not, and why: the same reading before and at it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import User
from core.months import EVER
from customers.models import CustomerContact, ServiceEvent, ServiceEventPerson
from customers.queries import not_to_invite
from customers.rules import LeaveAlone, TooOften
from organization.models import Role
from organization.queries import departments_held, has_role
from surveys.models import Invitation, ResponseKey, Survey

MOST_EVENTS = 2000


class LeftOut(models.TextChoices):
    """Why an event gets no invitation."""

    INVITED = "invited", _("invited to this survey already")
    ANSWERED = "answered", _("has answered already")
    REFUSED = "refused", _("asked not to be surveyed")
    RECENTLY = "recently", _("was invited less than 30 days ago")
    THIS_YEAR = "this_year", _("was invited four times within a year")
    OTHER_EVENT = "other_event", _("is invited for a later service")
    NO_ADDRESS = "no_address", _("has left no address for this way")
    OTHER_STAGE = "other_stage", _("another kind of service than this survey asks about")


BY_RULE = {
    LeaveAlone.REFUSED: LeftOut.REFUSED,
    TooOften.RECENTLY: LeftOut.RECENTLY,
    TooOften.THIS_YEAR: LeftOut.THIS_YEAR,
}


@dataclass(frozen=True)
class Planned:
    """An event and, where it gets no invitation, the reason."""

    event: ServiceEvent
    reason: LeftOut | None


@dataclass(frozen=True)
class Plan:
    rows: tuple[Planned, ...]

    @property
    def invited(self) -> list[ServiceEvent]:
        return [row.event for row in self.rows if row.reason is None]

    @property
    def left_out(self) -> dict[LeftOut, int]:
        """reason -> how many, in the order of the reasons."""
        reasons = [row.reason for row in self.rows]
        return {reason: n for reason in LeftOut if (n := reasons.count(reason))}


INVITERS = (Role.EXECUTOR, Role.ADMIN)


def candidates(survey: Survey, first: date, last: date, user: User) -> list[ServiceEvent]:
    """The events of these days that the survey asks about, of the departments the user may invite
    for, the newest first; at most MOST_EVENTS and one more, which says that there are too many."""
    zone = timezone.get_default_timezone()
    first, last = max(first, EVER[0]), min(last, EVER[1])  # no service lies outside
    rows = ServiceEvent.objects.filter(
        occurred_at__gte=datetime.combine(first, time(), zone),
        occurred_at__lt=datetime.combine(last + timedelta(days=1), time(), zone),
    )
    if not has_role(user, *INVITERS):
        rows = rows.filter(department__in=departments_held(user, *INVITERS))
    stage = stage_of(survey)
    if stage:
        rows = rows.filter(stage=stage)
    ordered = rows.select_related("customer", "department").order_by("-occurred_at", "-id")
    return list(ordered[: MOST_EVENTS + 1])


def stage_of(survey: Survey) -> str | None:
    """The kind of service the questionnaire is about; None: any."""
    stage = survey.version.spec.get("trigger", {}).get("event_stage")
    return str(stage) if stage else None


def valid_days_of(survey: Survey) -> int:
    """How long a link of the questionnaire is good for by default."""
    days = survey.version.spec.get("trigger", {}).get("valid_days")
    return days if isinstance(days, int) and 1 <= days <= 90 else 14


def plan(survey: Survey, events: Sequence[ServiceEvent], channel: str, on: date) -> Plan:
    """What inviting these events on that day comes to. Of several events of one customer the
    newest is asked about. The same few queries for any number of events."""
    numbers = [event.pk for event in events]
    customers = {event.customer_id for event in events}
    invited = _events_of(Invitation.objects.filter(survey=survey), numbers)
    answered = _events_of(ResponseKey.objects.filter(survey=survey), numbers)
    refused = not_to_invite(customers, on)
    reachable = _reachable(customers, channel)
    stage = stage_of(survey)
    taken: set[int] = set()
    reasons: dict[int, LeftOut | None] = {}
    for event in sorted(events, key=lambda each: (each.occurred_at, each.pk), reverse=True):
        customer = event.customer_id
        reason: LeftOut | None = None
        if stage and event.stage != stage:
            reason = LeftOut.OTHER_STAGE
        elif event.pk in answered:
            reason = LeftOut.ANSWERED
        elif event.pk in invited:
            reason = LeftOut.INVITED
        elif customer in refused:
            reason = BY_RULE[refused[customer]]
        elif customer not in reachable:
            reason = LeftOut.NO_ADDRESS
        elif customer in taken:
            reason = LeftOut.OTHER_EVENT
        else:
            taken.add(customer)
        reasons[event.pk] = reason
    return Plan(tuple(Planned(event, reasons[event.pk]) for event in events))


def _events_of(rows: models.QuerySet[Any], numbers: Sequence[int]) -> set[int]:
    return set(rows.filter(event_id__in=numbers).values_list("event_id", flat=True))


def _reachable(customers: Iterable[int], channel: str) -> set[int]:
    """Customers with an address for the way; a printed code is handed over."""
    wanted = set(customers)
    if channel == Invitation.Channel.QR:
        return wanted
    column = "email" if channel == Invitation.Channel.EMAIL else "phone"
    rows = CustomerContact.objects.filter(customer_id__in=wanted).exclude(Q(**{column: ""}))
    return set(rows.values_list("customer_id", flat=True))


def served_by(user: User, events: Iterable[ServiceEvent]) -> bool:
    """Whether the account's own employee served in one of the events."""
    numbers = [event.pk for event in events]
    return ServiceEventPerson.objects.filter(event_id__in=numbers, employee__user=user).exists()
