"""The panel's steps before the decision: hear or not, ask, investigate, take more time."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import services as assessments
from core.errors import InvalidInput
from core.models import User
from core.notifications import notify
from core.permissions import require
from core.workdays import Calendar
from incentives.models import Appeal
from incentives.permissions import may_handle_appeal, may_judge_appeal
from incentives.services.appeals.steps import State, days_of, locked, log, moved, need, set_deadline


@transaction.atomic
def accept_appeal(
    appeal: Appeal, *, actor: User, reason: str = "", now: datetime | None = None
) -> Appeal:
    """Hear the appeal. A late one is heard by somebody independent, who says why."""
    now = now or timezone.now()
    appeal = locked(appeal, State.ACCEPTED)
    if appeal.late:
        require(may_judge_appeal(actor, appeal))
        need(reason, _("The appeal is late; say why it is heard all the same."))
    require(may_handle_appeal(actor, appeal))
    days = days_of(appeal).investigation_wd
    note = reason.strip()
    moved(appeal, State.ACCEPTED, "accepted", actor=actor, now=now, days=days, note=note)
    if appeal.first_appeal_id is not None and appeal.submitted_at is not None:
        # A second review has one deadline, from its filing to the decision.
        set_deadline(appeal, appeal.submitted_at, days_of(appeal).second_review_decision_wd)
        appeal.save(update_fields=["due_from", "due_days", "due_at", "escalated_at"])
    tell(appeal, "appeal.accepted")
    return appeal


@transaction.atomic
def return_appeal(
    appeal: Appeal, *, reason: str, actor: User, now: datetime | None = None
) -> Appeal:
    """Ask the appellant for what is missing."""
    now = now or timezone.now()
    appeal = locked(appeal, State.RETURNED_FOR_INFO)
    require(may_handle_appeal(actor, appeal))
    note = need(reason, _("Say what is missing."))
    days = days_of(appeal).information_wd
    moved(appeal, State.RETURNED_FOR_INFO, "returned", actor=actor, now=now, days=days, note=note)
    tell(appeal, "appeal.returned")
    return appeal


@transaction.atomic
def reject_appeal(
    appeal: Appeal, *, reason: str, actor: User, now: datetime | None = None
) -> Appeal:
    """Not admissible, with the reason: it is not looked into, the result stands."""
    now = now or timezone.now()
    appeal = locked(appeal, State.INADMISSIBLE)
    require(may_judge_appeal(actor, appeal))
    note = need(reason, _("Say why the appeal is not admissible."))
    assessments.settle_appeal(appeal.scorecard, actor=actor, upheld=False)
    moved(appeal, State.INADMISSIBLE, "inadmissible", actor=actor, now=now, note=note)
    tell(appeal, "appeal.inadmissible")
    return appeal


@transaction.atomic
def investigate_appeal(
    appeal: Appeal, *, actor: User, findings: str = "", now: datetime | None = None
) -> Appeal:
    """Begin to look into it; the days count from the acceptance, not from here."""
    now = now or timezone.now()
    appeal = locked(appeal, State.INVESTIGATING)
    require(may_judge_appeal(actor, appeal))
    due = (appeal.due_from, appeal.due_days, appeal.due_at, appeal.escalated_at)
    appeal.investigator = actor
    event = moved(
        appeal, State.INVESTIGATING, "investigating", actor=actor, now=now, note=findings.strip()
    )
    appeal.due_from, appeal.due_days, appeal.due_at, appeal.escalated_at = due
    appeal.save(update_fields=["due_from", "due_days", "due_at", "escalated_at"])
    return event.appeal


@transaction.atomic
def extend_appeal(
    appeal: Appeal, *, reason: str, actor: User, now: datetime | None = None
) -> Appeal:
    """More time for the investigation, once."""
    now = now or timezone.now()
    appeal = (
        Appeal.objects.select_for_update(of=("self",))
        .select_related("scorecard__period", "employee__user", "first_appeal")
        .get(pk=appeal.pk)
    )
    require(may_judge_appeal(actor, appeal))
    if appeal.state not in (State.ACCEPTED, State.INVESTIGATING) or appeal.due_days is None:
        raise InvalidInput(_("Only a running investigation can be extended."))
    if appeal.extended:
        raise InvalidInput(_("The investigation was extended already; it can be once."))
    note = need(reason, _("Say why more time is needed."))
    assert appeal.due_from is not None
    appeal.due_days += days_of(appeal).extension_wd
    appeal.due_at = Calendar.load().deadline(appeal.due_from, appeal.due_days)
    appeal.extended, appeal.escalated_at = True, None
    appeal.save(update_fields=["due_days", "due_at", "extended", "escalated_at"])
    log(appeal, "extended", actor=actor, now=now, before=appeal.state, note=note)
    tell(appeal, "appeal.extended")
    return appeal


def tell(appeal: Appeal, verb: str) -> None:
    """A notice to the appellant, where the person has an account."""
    if appeal.employee.user is not None:
        notify([appeal.employee.user], verb, appeal, no=appeal.appeal_no)
