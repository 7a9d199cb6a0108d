"""How much waits for a person: one number a page of the side bar, one query each."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.db.models import Count, Q
from django.utils import timezone

from core.models import User
from core.once import once
from incentives.models import Appeal
from organization.queries import own_id
from surveys import queries as surveys

_RECENT = timedelta(days=100)  # longer ago no open period reaches

_OPEN_APPEALS = (
    Appeal.State.SUBMITTED,
    Appeal.State.ACCEPTED,
    Appeal.State.INVESTIGATING,
    Appeal.State.RECOMPUTED,
)


def own_appeals(user: User) -> int:
    """Own appeals that came back for more information."""
    return _appeals(user)["own"]


def appeals(user: User) -> int:
    """Appeals of others that are not decided."""
    return _appeals(user)["others"]


def _appeals(user: User) -> dict[str, int]:
    """Both counts in one reading: the same side bar shows both."""
    mine = Q(employee=own_id(user))
    returned, undecided = Q(state=Appeal.State.RETURNED_FOR_INFO), Q(state__in=_OPEN_APPEALS)
    read = partial(
        Appeal.objects.visible_to(user).filter(returned | undecided).aggregate,
        own=Count("pk", filter=mine & returned),
        others=Count("pk", filter=undecided & ~mine),
    )
    return once(("appeals waiting", user.pk), read)


def to_judge(user: User) -> int:
    """Answers of the last months that nobody has decided about, and this person may."""
    today = timezone.localdate()
    return surveys.undecided_for(user, today - _RECENT, today)


def inbox(user: User) -> int:
    """Everything the inbox of decisions lists for this person."""
    from dashboards.queries.inbox import count
    from organization.queries import roles_of

    return count(user, roles_of(user))
