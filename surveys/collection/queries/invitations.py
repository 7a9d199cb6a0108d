"""The invitations of a survey as a list: who was asked, how, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When

from core.models import User
from organization.queries import departments_held, has_role
from surveys.collection.queries.plan import INVITERS
from surveys.models import Invitation, ResponseKey, Survey

STATES = ("waiting", "answered", "expired", "revoked")


def visible_invitations(user: User) -> QuerySet[Invitation]:
    """Invitations for services, and posters, of the departments the user may invite for."""
    if has_role(user, *INVITERS):
        return Invitation.objects.all()
    held = departments_held(user, *INVITERS).values("pk")
    return Invitation.objects.filter(Q(event__department__in=held) | Q(department__in=held))


def listed(
    survey: Survey, user: User, now: datetime, *, state: str = "", channel: str = "", word: str = ""
) -> QuerySet[Invitation]:
    """Invitations the user may see, the newest first, each with `state`: waiting, answered,
    expired or revoked. Whether a link was opened is not known: opening records nothing."""
    rows = _with_state(survey, user, now)
    rows = rows.select_related("event__department", "customer", "department")
    if state in STATES:
        rows = rows.filter(state=state)
    if channel in Invitation.Channel.values:
        rows = rows.filter(channel=channel)
    if word:
        rows = rows.filter(
            Q(event__event_no__icontains=word) | Q(customer__customer_no__icontains=word)
        )
    return rows.order_by("-id")


def counts(survey: Survey, user: User, now: datetime) -> dict[str, int]:
    """How many invitations are in each state, posters left aside."""
    rows = _with_state(survey, user, now).filter(kind=Invitation.Kind.EVENT)
    found = dict(rows.order_by().values_list("state").annotate(n=Count("id")))
    return {state: found.get(state, 0) for state in STATES}


def to_remind(survey: Survey, user: User, now: datetime, before: datetime) -> QuerySet[Invitation]:
    """Unanswered invitations by e-mail whose last mail went out before that moment and which have
    been reminded of less than twice."""
    rows = _with_state(survey, user, now).filter(
        state="waiting", channel=Invitation.Channel.EMAIL, mail_due=False, sent_at__lt=before
    )
    return rows.filter(reminders__lt=2).order_by("id")


def _with_state(survey: Survey, user: User, now: datetime) -> QuerySet[Any]:
    elsewhere = ResponseKey.objects.filter(survey=survey, event=OuterRef("event"))
    closed = survey.status == Survey.Status.CLOSED
    return (
        visible_invitations(user)
        .filter(survey=survey)
        .annotate(
            answered_elsewhere=Exists(elsewhere),
            state=Case(
                When(Q(used_at__isnull=False) | Q(answered_elsewhere=True), then=Value("answered")),
                When(revoked_at__isnull=False, then=Value("revoked")),
                When(expires_at__lte=now, then=Value("expired")),
                default=Value("expired" if closed else "waiting"),
                output_field=CharField(),
            ),
        )
    )
