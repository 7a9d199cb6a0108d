"""The appellant's steps: write, submit, answer a question, withdraw."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import services as assessments
from assessments.models import Scorecard
from assessments.models.scorecards import UNRELEASED
from core.errors import Conflict, InvalidInput, InvalidTransition
from core.locks import Lock, take
from core.models import User
from core.notifications import notify
from core.permissions import require
from core.workdays import Calendar, extend_only
from incentives.models import Appeal, AppealClaim
from incentives.permissions import PANEL, may_file_appeal
from incentives.queries.appeals import Answer, answers_of
from incentives.queries.filing import days_on, notice_on
from incentives.services.appeals.steps import State, days_of, locked, log, moved, need
from organization.queries import users_with

LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SECOND_REVIEW_AFTER = (State.EXECUTED, State.CLOSED)


@dataclass(frozen=True)
class Objection:
    """What the appellant says: against which responses (none: the scorecard), why, and what for."""

    reason: str
    request: str
    responses: Sequence[str] = ()
    late_reason: str = ""


def file_appeal(
    card: Scorecard,
    objection: Objection,
    *,
    actor: User,
    first_appeal: Appeal | None = None,
    now: datetime | None = None,
) -> Appeal:
    """Write and submit in one go."""
    with transaction.atomic():
        appeal = draft_appeal(card, objection, actor=actor, first_appeal=first_appeal, now=now)
        return submit_appeal(appeal, actor=actor, late_reason=objection.late_reason, now=now)


@transaction.atomic
def draft_appeal(
    card: Scorecard,
    objection: Objection,
    *,
    actor: User,
    first_appeal: Appeal | None = None,
    now: datetime | None = None,
) -> Appeal:
    """A draft against the valid version of a released scorecard; one open appeal for each.

    It may still lack its reason or its request; submitting asks for them. Raises Conflict when
    another one is open, InvalidInput when the scorecard is not released or a response is not the
    appellant's.
    """
    now = now or timezone.now()
    require(may_file_appeal(actor, card.employee))
    take(Lock.APPEAL)
    card = Scorecard.objects.select_related("period", "employee__user").get(pk=card.pk)
    _check_card(card)
    found = _answers(card, objection.responses)
    second = first_appeal is not None
    days = days_on(card.period.first_day)
    if first_appeal is not None:
        _check_first(first_appeal, card)
    else:
        _check_no_first(card)
    notice = notice_on(card, first_appeal)
    wait = days.second_review_file_wd if second else days.file_wd
    year = timezone.localdate(now).year
    number = Appeal.objects.filter(appeal_no__startswith=f"AP-{year}-").count() + 1
    try:
        with transaction.atomic():
            appeal = Appeal.objects.create(
                appeal_no=f"AP-{year}-{number:03}",
                employee=card.employee,
                scorecard=card,
                subject=Appeal.Subject.RESPONSE if found else Appeal.Subject.SCORECARD,
                reason=objection.reason.strip(),
                request=objection.request.strip(),
                late_reason=objection.late_reason.strip(),
                created_by=actor,
                created_at=now,
                notice_on=notice,
                file_until=Calendar.load().deadline(notice, wait),
                first_appeal=first_appeal,
            )
    except IntegrityError as error:
        raise Conflict(_("An appeal against this scorecard is open already.")) from error
    _claim(appeal, found)
    log(appeal, "drafted", actor=actor, now=now, before="", responses=len(found))
    return appeal


def _check_card(card: Scorecard) -> None:
    if not card.is_current:
        raise InvalidInput(_("There is a newer version of this scorecard."))
    if card.state in UNRELEASED:
        raise InvalidInput(
            _("The result of %(period)s is not released yet.") % {"period": card.period.key}
        )


def _check_first(first: Appeal, card: Scorecard) -> None:
    """A second review names the first appeal, once, and comes from the same person."""
    if first.employee_id != card.employee_id or first.scorecard.period_id != card.period_id:
        raise InvalidInput(_("A second review is about the same person and period."))
    if first.first_appeal_id is not None or Appeal.objects.filter(first_appeal=first).exists():
        raise InvalidInput(_("There is one second review and no third."))
    told = first.state == State.NOTIFIED and first.outcome == Appeal.Outcome.MAINTAINED
    if not told and first.state not in SECOND_REVIEW_AFTER:
        raise InvalidInput(_("%(appeal)s is not finished yet.") % {"appeal": first.appeal_no})


def _check_no_first(card: Scorecard) -> None:
    """What was decided once is heard again only as a second review that names the first appeal."""
    decided = Appeal.objects.filter(
        employee=card.employee_id, scorecard__period=card.period_id, decided_at__isnull=False
    ).first()
    if decided is not None:
        raise InvalidInput(
            _("%(appeal)s was decided already; ask for a second review of it.")
            % {"appeal": decided.appeal_no}
        )


def _answers(card: Scorecard, numbers: Sequence[str]) -> list[Answer]:
    if len(numbers) > len(LABELS):
        raise InvalidInput(_("An appeal names at most %(n)d responses.") % {"n": len(LABELS)})
    return answers_of(card, numbers)


def _claim(appeal: Appeal, found: Sequence[Answer]) -> None:
    AppealClaim.objects.bulk_create(
        AppealClaim(
            appeal=appeal,
            label=label,
            response_id=answer.response_id,
            answered_on=answer.answered_on,
            response_no=answer.response_no,
        )
        for label, answer in zip(LABELS, found, strict=False)
    )


@transaction.atomic
def save_draft(
    appeal: Appeal, objection: Objection, *, actor: User, now: datetime | None = None
) -> Appeal:
    """Put what was written meanwhile into a draft; complete or not.

    Raises InvalidTransition when it was submitted or withdrawn in another window.
    """
    require(may_file_appeal(actor, appeal.employee))
    appeal = locked(appeal, State.SUBMITTED)
    if appeal.state != State.DRAFT:
        raise InvalidTransition(
            _("%(appeal)s is submitted already; what you wrote now was not added.")
            % {"appeal": appeal.appeal_no}
        )
    found = _answers(appeal.scorecard, objection.responses)
    appeal.reason, appeal.request = objection.reason.strip(), objection.request.strip()
    appeal.late_reason = objection.late_reason.strip()
    appeal.subject = Appeal.Subject.RESPONSE if found else Appeal.Subject.SCORECARD
    appeal.save(update_fields=["reason", "request", "late_reason", "subject"])
    appeal.claims.all().delete()
    _claim(appeal, found)
    moment = now or timezone.now()
    log(appeal, "saved", actor=actor, now=moment, before=appeal.state, responses=len(found))
    return appeal


@transaction.atomic
def submit_appeal(
    appeal: Appeal, *, actor: User, late_reason: str = "", now: datetime | None = None
) -> Appeal:
    """Submit a draft. After the deadline a reason is needed, and the panel decides on hearing it.

    The scorecard stands "under appeal" from now on; places in awards wait for the outcome.
    """
    now = now or timezone.now()
    require(may_file_appeal(actor, appeal.employee))
    appeal = locked(appeal, State.SUBMITTED)
    if appeal.state != State.DRAFT:
        raise InvalidInput(_("Answer the question that was asked; see `appeal answer`."))
    appeal.reason = need(appeal.reason, _("An appeal needs a reason."))
    appeal.request = need(appeal.request, _("An appeal says what it asks for."))
    days = days_of(appeal)
    wait = days.file_wd if appeal.first_appeal_id is None else days.second_review_file_wd
    again = Calendar.load().deadline(appeal.notice_on, wait)
    appeal.file_until = extend_only(appeal.file_until, again)
    appeal.submitted_at = now
    if appeal.late:
        appeal.late_reason = need(
            late_reason or appeal.late_reason,
            _("The deadline has passed; say why the appeal comes late."),
        )
    assessments.put_under_appeal(appeal.scorecard, actor=actor)
    moved(
        appeal,
        State.SUBMITTED,
        "submitted",
        actor=actor,
        now=now,
        days=days.admissibility_wd,
        late=appeal.late,
    )
    notify(users_with(*PANEL, over=appeal.employee), "appeal.submitted", appeal, no=str(appeal))
    return appeal


@transaction.atomic
def answer_appeal(appeal: Appeal, *, text: str, actor: User, now: datetime | None = None) -> Appeal:
    """Give the information that was asked for; the appeal stands submitted again."""
    now = now or timezone.now()
    require(may_file_appeal(actor, appeal.employee))
    appeal = locked(appeal, State.SUBMITTED)
    if appeal.state != State.RETURNED_FOR_INFO:
        raise InvalidInput(_("Nothing was asked about %(appeal)s.") % {"appeal": appeal.appeal_no})
    days = days_of(appeal).admissibility_wd
    note = need(text, _("An answer needs a text."))
    moved(appeal, State.SUBMITTED, "answered", actor=actor, now=now, days=days, note=note)
    notify(users_with(*PANEL, over=appeal.employee), "appeal.answered", appeal, no=str(appeal))
    return appeal


@transaction.atomic
def withdraw_appeal(
    appeal: Appeal,
    *,
    reason: str = "",
    draft_only: bool = False,
    actor: User,
    now: datetime | None = None,
) -> Appeal:
    """Take an appeal back before the decision; the scorecard is as it was.

    `draft_only`: raises InvalidTransition where the draft was submitted meanwhile.
    """
    now = now or timezone.now()
    require(may_file_appeal(actor, appeal.employee))
    appeal = locked(appeal, State.WITHDRAWN)
    if draft_only and appeal.state != State.DRAFT:
        raise InvalidTransition(
            _("%(appeal)s is submitted already; it is not withdrawn.")
            % {"appeal": appeal.appeal_no}
        )
    if appeal.state != State.DRAFT:
        assessments.settle_appeal(appeal.scorecard, actor=actor, upheld=False)
    moved(appeal, State.WITHDRAWN, "withdrawn", actor=actor, now=now, note=reason.strip())
    return appeal
