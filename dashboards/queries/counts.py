"""How much waits for a person: one number a page of the side bar, one query each."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from core.models import User
from incentives.models import Appeal
from surveys.queries import undecided

_RECENT = timedelta(days=100)  # longer ago no open period reaches

_OPEN_APPEALS = (
    Appeal.State.SUBMITTED,
    Appeal.State.ACCEPTED,
    Appeal.State.INVESTIGATING,
    Appeal.State.RECOMPUTED,
)


def own_appeals(user: User) -> int:
    """Own appeals that came back for more information."""
    return Appeal.objects.filter(
        employee__user_id=user.pk, state=Appeal.State.RETURNED_FOR_INFO
    ).count()


def appeals(user: User) -> int:
    """Appeals of others that are not decided."""
    return Appeal.objects.filter(state__in=_OPEN_APPEALS).exclude(employee__user_id=user.pk).count()


def to_judge(user: User) -> int:
    """Answers of the last months that nobody has decided about."""
    today = timezone.localdate()
    return undecided(today - _RECENT, today)


def inbox(user: User) -> int:
    """Everything the inbox of decisions lists for this person."""
    from dashboards.queries.inbox import count
    from organization.queries import roles_of

    return count(user, roles_of(user))
