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
