"""Who did what for a result, with dates and hashes: the steps of the period, then pay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from assessments.models import Period, PeriodAction, Scorecard
from core.models import User
from dashboards.queries.employee.pay import Effect
from incentives.models import PayrollBatch
from organization.models import Employee

_PAID = (
    PayrollBatch.State.DELIVERED,
    PayrollBatch.State.ACKNOWLEDGED,
    PayrollBatch.State.CLOSED,
)
_SHOWN = ("data_locked", "score", "review", "approve", "release", "close")


@dataclass(frozen=True)
class Step:
    """`mark` is done, now or empty (still to come)."""

    name: str
    at: datetime | None
    who: str
    detail: str
    mark: str = "done"


def steps_of(card: Scorecard, effect: Effect | None) -> list[Step]:
    """The last time each step was taken, in order, and the payment."""
    last: dict[str, PeriodAction] = {}
    for action in card.period.actions.select_related("actor__employee").order_by("id"):
        if action.verb == "send_back":
            last = {verb: one for verb, one in last.items() if verb == "data_locked"}
        elif action.verb in _SHOWN:
            last[action.verb] = action
    steps = []
    for verb in _SHOWN:
        if (taken := last.get(verb)) is not None:
            steps.append(
                Step(_verb(verb), taken.at, _name(taken.actor), _seen(taken.confirmed_hash))
            )
        elif verb in ("approve", "release") and card.period.status != Period.Status.CLOSED:
            steps.append(Step(_verb(verb), None, "", "", ""))
    if effect is not None and effect.batch:
        state = PayrollBatch.State(effect.batch_state)
        where = _("batch %(no)s, line %(line)d, %(state)s") % {
            "no": effect.batch,
            "line": effect.line,
            "state": state.label,
        }
        mark = "done" if state in _PAID else "now"
        steps.append(Step(_("Payroll"), None, "", where, mark))
    return steps


def names_of(users: set[User]) -> dict[int, str]:
    """Account id -> the person's name, the account's where it is no person's."""
    names = dict(
        Employee.objects.filter(user__in=[user.pk for user in users]).values_list("user_id", "name")
    )
    return {user.pk: names.get(user.pk) or user.username for user in users}


def _name(user: User) -> str:
    employee = getattr(user, "employee", None)
    return employee.name if employee is not None else user.username


def _verb(verb: str) -> str:
    return {
        "data_locked": _("Data locked"),
        "score": _("Computed"),
        "review": _("Reviewed"),
        "approve": _("Approved"),
        "release": _("Released"),
        "close": _("Closed"),
    }[verb]


def _seen(confirmed: str) -> str:
    if not confirmed:
        return ""
    return _("evidence opened, fingerprint %(hash)s") % {"hash": short(confirmed)}


def short(digest: str) -> str:
    """A hash people can compare by eye."""
    return f"{digest[:6]}…{digest[-4:]}" if len(digest) > 12 else digest
