"""Who may score, judge and publish a period, with the reason when not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from core.models import ApiClient
from core.permissions import Allowed, Denied
from organization.models import Role
from organization.permissions import may_hold

if TYPE_CHECKING:
    from assessments.models import Period, Scorecard
    from core.models import User

DECIDERS = (Role.ASSESSMENT, Role.GROUP)


def may_score(user: User) -> Allowed | Denied:
    return may_hold(user, *DECIDERS, Role.ADMIN)


def may_import_scheme(user: User) -> Allowed | Denied:
    return may_hold(user, *DECIDERS, Role.ADMIN)


def may_import_measurements(user: User) -> Allowed | Denied:
    """People of these roles; an integration client is let in by its own scope."""
    if ApiClient.objects.filter(user=user, revoked_at=None).exists():
        return Allowed()
    return may_hold(user, *DECIDERS, Role.HR, Role.SUPERVISION, Role.ADMIN)


def may_review(user: User, period: Period) -> Allowed | Denied:
    return _another(user, period.scored_by_id, _("You scored this period: somebody else reviews."))


def may_approve(user: User, period: Period) -> Allowed | Denied:
    return _another(
        user, period.scored_by_id, _("You scored this period: somebody else approves.")
    ) and _another(
        user, period.reviewed_by_id, _("You reviewed this period: somebody else approves.")
    )


def may_release(user: User, period: Period) -> Allowed | Denied:
    return (
        _another(user, period.scored_by_id, _("You scored this period: somebody else releases."))
        and _another(
            user, period.reviewed_by_id, _("You reviewed this period: somebody else releases.")
        )
        and _another(
            user, period.approved_by_id, _("You approved this period: somebody else releases.")
        )
    )


def may_close(user: User, period: Period) -> Allowed | Denied:
    return may_hold(user, *DECIDERS)


def may_send_back(user: User, period: Period) -> Allowed | Denied:
    return may_hold(user, *DECIDERS)


def may_revise(user: User, scorecard: Scorecard) -> Allowed | Denied:
    """Who carries out a correction: not the person it is about."""
    if scorecard.employee.user_id == user.pk:
        return Denied(_("You cannot correct your own score."))
    return may_hold(user, *DECIDERS)


def _another(user: User, other_id: int | None, reason: str) -> Allowed | Denied:
    allowed = may_hold(user, *DECIDERS)
    if not allowed:
        return allowed
    return Denied(reason) if other_id is not None and other_id == user.pk else Allowed()
