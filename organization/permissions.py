"""Who may do what, with the reason when not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from core.permissions import Allowed, Denied
from organization.models import Role
from organization.queries import has_role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from core.models import User


def may_hold(user: User | AnonymousUser, *roles: str) -> Allowed | Denied:
    """Whether the account acts in one of the roles."""
    if has_role(user, *roles):
        return Allowed()
    names = ", ".join(str(Role(role).label) for role in roles)
    return Denied(_("This needs one of these roles: %(roles)s.") % {"roles": names})


def may_import_roster(user: User) -> Allowed | Denied:
    return may_hold(user, Role.HR, Role.ADMIN)


def may_grant_roles(user: User) -> Allowed | Denied:
    return may_hold(user, Role.ADMIN)


def may_set_pay(user: User) -> Allowed | Denied:
    """Pay profiles and everything else pay is worked out from."""
    if has_role(user, Role.HR):
        return Allowed()
    return Denied(_("Only HR changes what people are paid."))


def may_see_pay(user: User) -> Allowed | Denied:
    """Somebody else's pay; the own one stands on one's own pages."""
    if has_role(user, Role.HR, Role.GROUP):
        return Allowed()
    return Denied(_("Pay is seen by HR and the management group only."))


def may_correct_calendar(user: User) -> Allowed | Denied:
    return may_hold(user, Role.HR, Role.ADMIN)


def may_open_files(user: User) -> Allowed | Denied:
    """The personnel file of everybody: placements, pay, results in one place."""
    if has_role(user, Role.HR, Role.GROUP):
        return Allowed()
    return Denied(_("Employee files are for HR and the management group."))
