"""The states of a period: reviewed, approved, released by different people who saw the facts."""

import datetime
from collections.abc import Callable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import permissions
from assessments.models import Period, PeriodAction, Scorecard
from assessments.queries.closing import kept_open
from assessments.queries.evidence import evidence_hash
from assessments.rules.periods import Span
from core import audit
from core.errors import Conflict, InvalidInput, InvalidTransition
from core.locks import Lock, take
from core.models import User
from core.notifications import notify
from core.permissions import Allowed, Denied, require
from core.workdays import SHANGHAI
from surveys.queries import decided_since, undecided
from surveys.services import unlock_data

_S, _C = Period.Status, Scorecard.State
Permission = Callable[[User, Period], Allowed | Denied]


def create_period(span: Span, *, actor: User, now: datetime.datetime) -> Period:
    """A new period in state draft; the caller holds its lock."""
    period = Period.objects.create(
        key=span.key, kind=span.kind, first_day=span.first, last_day=span.last
    )
    _log(period, "create", actor=actor, now=now)
    return period


def move(period: Period, status: str, *, actor: User, now: datetime.datetime) -> None:
    """Go one state further; the caller has locked the row and checked the rest."""
    if status not in Period.TRANSITIONS[_S(period.status)]:
        raise InvalidTransition(_wrong_state(period))
    period.status = status
    period.save(update_fields=["status"])
    _log(period, status, actor=actor, now=now)


@transaction.atomic
def review_period(
    key: str, *, actor: User, confirm: str, now: datetime.datetime | None = None
) -> Period:
    """scored -> in_review, by somebody other than the scorer who confirms the shown hash."""
    period = _open(key, _S.IN_REVIEW, actor, permissions.may_review)
    _check_hash(period, confirm)
    _check_verdicts(period)
    _check_no_scoring(period)
    period.reviewed_by = actor
    return _step(period, "review", _C.COMPUTED, _C.REVIEWED, actor, confirm, now)


def _check_no_scoring(period: Period) -> None:
    """Nobody reviews what is being replaced."""
    for run in period.runs.filter(finished_at=None).select_related("job"):
        if run.job is not None and run.job.is_live:
            raise Conflict(
                _("%(key)s is being scored; review it when that has ended.") % {"key": period.key}
            )


@transaction.atomic
def approve_period(
    key: str, *, actor: User, confirm: str, now: datetime.datetime | None = None
) -> Period:
    """in_review -> approved, by a third person."""
    period = _open(key, _S.APPROVED, actor, permissions.may_approve)
    _check_hash(period, confirm)
    period.approved_by = actor
    return _step(period, "approve", _C.REVIEWED, _C.APPROVED, actor, confirm, now)


@transaction.atomic
def release_period(
    key: str, *, actor: User, confirm: str, now: datetime.datetime | None = None
) -> Period:
    """approved -> released: today is the day of notice, everybody with an account is told."""
    moment = now or timezone.now()
    period = _open(key, _S.RELEASED, actor, permissions.may_release)
    _check_hash(period, confirm)
    period.released_by = actor
    period.noticed_on = moment.astimezone(SHANGHAI).date()
    period.save(update_fields=["noticed_on"])
    _step(period, "release", _C.APPROVED, _C.RELEASED, actor, confirm, moment)
    people = User.objects.filter(employee__scorecards__in=Scorecard.objects.current_in(period))
    notify(people, "period.released", period, key=period.key)
    return period


@transaction.atomic
def close_period(
    key: str, *, actor: User, confirm: str, now: datetime.datetime | None = None
) -> Period:
    """released -> closed, final: later corrections are new versions in the next batch.

    Raises InvalidTransition while the days for appeals run.
    """
    now = now or timezone.now()
    period = _open(key, _S.CLOSED, actor, permissions.may_close)
    _check_hash(period, confirm)
    if waits := kept_open(period, now):
        raise InvalidTransition(waits)
    settled = (_C.RELEASED, _C.ACKNOWLEDGED, _C.ACK_TIMEOUT, _C.UPHELD, _C.REVISED)
    _cards(period).filter(state__in=settled[1:]).update(state=_C.FINAL)
    return _step(period, "close", settled[0], _C.FINAL, actor, confirm, now)


@transaction.atomic
def send_back_period(
    key: str, *, actor: User, reason: str, now: datetime.datetime | None = None
) -> Period:
    """in_review or approved (or scored) -> scored, with the data unlocked: the next scoring takes a
    new cut-off and so sees what was decided since."""
    require(permissions.may_hold(actor, *permissions.DECIDERS))
    if not reason.strip():
        raise InvalidInput(_("Say why the period is sent back."))
    period = _locked(key)
    if period.status not in (_S.SCORED, _S.IN_REVIEW, _S.APPROVED):
        raise InvalidTransition(_wrong_state(period))
    if period.status == _S.SCORED and period.cutoff_at is None:
        raise InvalidTransition(_("%(key)s was sent back already.") % {"key": key})
    if period.cutoff_at is not None:
        unlock_data(period.key, actor)
    _cards(period).filter(state__in=(_C.REVIEWED, _C.APPROVED)).update(state=_C.COMPUTED)
    period.cutoff_at = period.reviewed_by = period.approved_by = None
    period.status = _S.SCORED
    period.save(update_fields=["cutoff_at", "reviewed_by", "approved_by", "status"])
    _log(period, "send_back", actor=actor, now=now or timezone.now(), reason=reason.strip())
    return period


def _locked(key: str) -> Period:
    take(Lock.PERIOD, key, wait_ms=60_000)
    period = Period.objects.select_for_update().filter(key=key).first()
    if period is None:
        raise InvalidInput(_("There is no period %(key)s.") % {"key": repr(key)})
    return period


def _open(key: str, status: str, actor: User, permission: Permission) -> Period:
    """Lock the period; the state first, so that whoever came second hears that it is done."""
    period = _locked(key)
    if status not in Period.TRANSITIONS[_S(period.status)]:
        raise InvalidTransition(_wrong_state(period))
    require(permission(actor, period))
    if period.cutoff_at is None:
        raise InvalidTransition(
            _("%(key)s was sent back: score it again first.") % {"key": period.key}
        )
    return period


def _check_hash(period: Period, confirm: str) -> None:
    shown = evidence_hash(period)
    if confirm != shown:
        raise Conflict(
            _(
                "The hash is not that of the scored facts of %(key)s: they have changed since you"
                " opened them. Open the evidence again and confirm the hash it shows."
            )
            % {"key": period.key}
        )


def _check_verdicts(period: Period) -> None:
    assert period.cutoff_at is not None
    span = (period.first_day, period.last_day)
    since = decided_since(*span, period.cutoff_at)
    if since:
        raise InvalidTransition(
            _(
                "%(count)d responses were decided after the data of %(key)s were locked: send it"
                " back and score it again."
            )
            % {"count": since, "key": period.key}
        )
    waiting = undecided(*span, as_of=period.cutoff_at)
    if waiting:
        raise InvalidTransition(
            _(
                "%(count)d responses of %(key)s wait for a decision. Decide them, then send the"
                " period back and score it again."
            )
            % {"count": waiting, "key": period.key}
        )


def _step(
    period: Period,
    verb: str,
    before: str,
    after: str,
    actor: User,
    confirm: str,
    now: datetime.datetime | None,
) -> Period:
    target = {
        "review": _S.IN_REVIEW,
        "approve": _S.APPROVED,
        "release": _S.RELEASED,
        "close": _S.CLOSED,
    }[verb]
    _cards(period).filter(state=before).update(state=after)
    period.status = target
    period.save(update_fields=["status", "reviewed_by", "approved_by", "released_by"])
    _log(period, verb, actor=actor, now=now or timezone.now(), confirmed_hash=confirm)
    return period


def _cards(period: Period) -> QuerySet[Scorecard]:
    return Scorecard.objects.current_in(period)


def _log(
    period: Period,
    verb: str,
    *,
    actor: User,
    now: datetime.datetime,
    confirmed_hash: str = "",
    reason: str = "",
) -> None:
    PeriodAction.objects.create(
        period=period,
        verb=verb,
        actor=actor,
        at=now,
        confirmed_hash=confirmed_hash,
        reason=reason,
        run=period.current_run,
    )
    audit.record(actor, f"period.{verb}", period, key=period.key, hash=confirmed_hash)


def _wrong_state(period: Period) -> str:
    text = _("%(key)s is %(status)s: this step is not possible now.") % {
        "key": period.key,
        "status": period.get_status_display(),
    }
    last = period.actions.select_related("actor__employee").order_by("-id").first()
    if last is None:
        return text
    person = getattr(last.actor, "employee", None)
    return text + _(" The last step was taken by %(who)s at %(at)s.") % {
        "who": person.name if person is not None else last.actor,
        "at": timezone.localtime(last.at).strftime("%Y-%m-%d %H:%M"),
    }
