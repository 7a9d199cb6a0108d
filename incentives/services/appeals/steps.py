"""What every step of an appeal shares: the lock, the deadline, the timeline, the policy's days."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import InvalidInput, InvalidTransition
from core.models import User
from core.workdays import Calendar
from incentives.models import Appeal, AppealEvent, AppealNote
from incentives.queries.filing import Days, days_on

State = Appeal.State


def days_of(appeal: Appeal) -> Days:
    """The days that hold for an appeal."""
    return days_on(appeal.scorecard.period.first_day)


def locked(appeal: Appeal, target: State) -> Appeal:
    """The appeal, its row locked, if the step to `target` is open; else InvalidTransition."""
    found = (
        Appeal.objects.select_for_update(of=("self",))
        .select_related("scorecard__period", "employee__user", "first_appeal")
        .get(pk=appeal.pk)
    )
    if target not in Appeal.TRANSITIONS[State(found.state)]:
        raise InvalidTransition(
            _("%(appeal)s is %(state)s; it cannot become %(target)s.")
            % {
                "appeal": found.appeal_no,
                "state": State(found.state).label,
                "target": target.label,
            }
        )
    return found


def need(text: str, message: str) -> str:
    """The text without blanks at its ends. Raises InvalidInput with the message when empty."""
    if not text.strip():
        raise InvalidInput(message)
    return text.strip()


def moved(
    appeal: Appeal,
    target: State,
    verb: str,
    *,
    actor: User,
    now: datetime,
    days: int | None = None,
    note: str = "",
    **data: Any,
) -> AppealEvent:
    """Save the appeal in its new state with its deadline, event, note and audit row.

    `days` working days from today are the new deadline; None: no deadline runs.
    """
    before, appeal.state = appeal.state, target
    set_deadline(appeal, now, days)
    appeal.save()
    return log(appeal, verb, actor=actor, now=now, before=before, note=note, **data)


def set_deadline(appeal: Appeal, now: datetime, days: int | None) -> None:
    """Start a deadline today (day 0) and forget an earlier escalation."""
    appeal.due_from = timezone.localdate(now) if days is not None else None
    appeal.due_days, appeal.escalated_at = days, None
    appeal.due_at = None
    if days is not None and appeal.due_from is not None:
        appeal.due_at = Calendar.load().deadline(appeal.due_from, days)


def log(
    appeal: Appeal,
    verb: str,
    *,
    actor: User | None,
    now: datetime,
    before: str,
    note: str = "",
    **data: Any,
) -> AppealEvent:
    """Append to the timeline and to the audit trail; the note's text only to the first."""
    with transaction.atomic():
        event = AppealEvent.objects.create(
            appeal=appeal,
            verb=verb,
            actor=actor,
            at=now,
            from_state=before,
            to_state=appeal.state,
            data=audit.plain(data),
        )
        if note:
            AppealNote.objects.create(event=event, text=note)
        audit.record(actor, f"appeal.{verb}", appeal, appeal_no=appeal.appeal_no, **data)
        return event
