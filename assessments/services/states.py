"""The life of a released scorecard: acknowledged, appealed, settled."""

import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Period, Scorecard
from core import audit
from core.errors import InvalidTransition
from core.models import User
from core.permissions import Denied

_S = Scorecard.State


@transaction.atomic
def acknowledge(
    scorecard: Scorecard, *, actor: User, now: datetime.datetime | None = None
) -> Scorecard:
    """The employee has seen the result; agreeing is not implied. Done already, it stays so."""
    if scorecard.employee.user_id != actor.pk:
        raise Denied(_("Only the person concerned acknowledges a result."))
    before = _held(scorecard)
    if before.is_current and before.state == _S.ACKNOWLEDGED:
        return before
    card = _move(scorecard, _S.ACKNOWLEDGED, actor)
    card.acknowledged_at = now or timezone.now()
    card.save(update_fields=["acknowledged_at"])
    return card


@transaction.atomic
def put_under_appeal(scorecard: Scorecard, *, actor: User | None) -> Scorecard:
    """An appeal against the result was accepted."""
    return _move(scorecard, _S.UNDER_APPEAL, actor)


@transaction.atomic
def settle_appeal(scorecard: Scorecard, *, actor: User | None, upheld: bool = True) -> Scorecard:
    """The appeal is over without a new version: the result stands (`upheld`), or the appeal was
    withdrawn or not admitted and the scorecard is as before."""
    closed = scorecard.period.status == Period.Status.CLOSED
    before = _S.FINAL if closed else _S.RELEASED
    return _move(scorecard, _S.UPHELD if upheld else before, actor)


def _held(scorecard: Scorecard) -> Scorecard:
    rows = Scorecard.objects.select_for_update(of=("self",)).select_related("period")
    return rows.get(pk=scorecard.pk)


def _move(scorecard: Scorecard, state: str, actor: User | None) -> Scorecard:
    card = _held(scorecard)
    if not card.is_current or state not in Scorecard.TRANSITIONS[_S(card.state)]:
        raise InvalidTransition(
            _("The scorecard is %(state)s: this step is not possible now.")
            % {"state": card.get_state_display()}
        )
    card.state = state
    card.save(update_fields=["state"])
    audit.record(actor, f"scorecard.{state}", card)
    return card
