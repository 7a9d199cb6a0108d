"""Who may score, judge and publish a period, with the reason when not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from core.models import ApiClient
from core.permissions import Allowed, Denied
from organization.models import Role
from organization.permissions import may_hold, may_hold_over, may_hold_somewhere
from organization.queries import users_with

if TYPE_CHECKING:
    from assessments.models import Period, Scorecard
    from core.models import User

DECIDERS = (Role.ASSESSMENT, Role.GROUP)


def may_score(user: User) -> Allowed | Denied:
    return may_hold(user, *DECIDERS, Role.ADMIN)


def may_see_periods(user: User) -> Allowed | Denied:
    """The board of periods and each period's evidence."""
    return may_hold(user, *DECIDERS, Role.HR, Role.ADMIN)


def may_take_steps(user: User) -> Allowed | Denied:
    """Whether the account reviews, approves, releases at all; who did what before comes next."""
    return may_hold(user, *DECIDERS)


def may_import_scheme(user: User) -> Allowed | Denied:
    return may_hold(user, *DECIDERS, Role.ADMIN)


MEASURERS = (*DECIDERS, Role.HR, Role.SUPERVISION, Role.ADMIN)


def may_import_measurements(user: User) -> Allowed | Denied:
    """People of these roles; an integration client is let in by its own scope."""
    if ApiClient.objects.filter(user=user, revoked_at=None).exists():
        return Allowed()
    return may_hold_somewhere(user, *MEASURERS)


def may_measure(user: User, people: Iterable[int]) -> Allowed | Denied:
    """Figures of these people (employee ids), by an account that may bring in figures at all."""
    if ApiClient.objects.filter(user=user, revoked_at=None).exists():
        return Allowed()
    return may_hold_over(user, *MEASURERS, people=people)


def may_review(user: User, period: Period) -> Allowed | Denied:
    return may_hold(user, *DECIDERS) and apart("review", user, period)


def may_approve(user: User, period: Period) -> Allowed | Denied:
    return may_hold(user, *DECIDERS) and apart("approve", user, period)


def may_release(user: User, period: Period) -> Allowed | Denied:
    return may_hold(user, *DECIDERS) and apart("release", user, period)


def members(verb: str, period: Period) -> list[tuple[User, Allowed | Denied]]:
    """Everybody who holds a deciding role, with the answer of the step's permission: one query."""
    people = users_with(*DECIDERS).select_related("employee")
    return [(user, apart(verb, user, period)) for user in people]


def apart(verb: str, user: User, period: Period) -> Allowed | Denied:
    """Scorer, reviewer, approver and releaser are different people; who asks holds a role."""
    before = _BEFORE.get(verb, ())
    for done in before:
        if getattr(period, f"{done}_by_id") == user.pk:
            return Denied(_reason(done, verb))
    return Allowed()


_BEFORE = {
    "review": ("scored",),
    "approve": ("scored", "reviewed"),
    "release": ("scored", "reviewed", "approved"),
}


def _reason(done: str, verb: str) -> str:
    return {
        ("scored", "review"): _("You scored this period: somebody else reviews."),
        ("scored", "approve"): _("You scored this period: somebody else approves."),
        ("scored", "release"): _("You scored this period: somebody else releases."),
        ("reviewed", "approve"): _("You reviewed this period: somebody else approves."),
        ("reviewed", "release"): _("You reviewed this period: somebody else releases."),
        ("approved", "release"): _("You approved this period: somebody else releases."),
    }[done, verb]


def reason_for_others(denied: Denied, verb: str, user: User, period: Period) -> str:
    """The same reason as others read it of this person."""
    for done in _BEFORE.get(verb, ()):
        if getattr(period, f"{done}_by_id") == user.pk:
            return {
                "scored": _("Cannot: scored this period."),
                "reviewed": _("Cannot: reviewed this period."),
                "approved": _("Cannot: approved this period."),
            }[done]
    return str(denied.reason)


def may_close(user: User, period: Period) -> Allowed | Denied:
    return may_hold(user, *DECIDERS)


def may_send_back(user: User, period: Period) -> Allowed | Denied:
    return may_hold(user, *DECIDERS)


def may_revise(user: User, scorecard: Scorecard) -> Allowed | Denied:
    """Who carries out a correction: not the person it is about."""
    if scorecard.employee.user_id == user.pk:
        return Denied(_("You cannot correct your own score."))
    return may_hold_over(user, *DECIDERS, people=[scorecard.employee_id])
