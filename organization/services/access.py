"""Opening and closing what an account may use: the account, its second factor, its sessions."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core import audit
from core.errors import InvalidInput, InvalidTransition
from core.locks import Lock, take
from core.models import User
from core.notifications import notify
from core.permissions import require
from organization.models import Department, Role, RoleAssignment
from organization.permissions import may_close_account, may_manage_account
from organization.services.accounts import assign_role

WHOLE_COMPANY_ONLY = frozenset({Role.ADMIN, Role.HR, Role.GROUP, Role.ASSESSMENT})


@transaction.atomic
def grant_role(
    user: User, role: str, *, actor: User, department: Department | None = None
) -> RoleAssignment:
    """assign_role for a person who has an account already, and is told. Machines: Denied; a closed
    account: InvalidTransition; an administrator of a part: InvalidInput."""
    require(may_manage_account(actor, user))
    if not user.is_active:
        raise InvalidTransition(_("This account is closed; open it again first."))
    if department is not None and role in WHOLE_COMPANY_ONLY:
        raise InvalidInput(_("This role is only given for the whole company."))
    held = RoleAssignment.objects.filter(
        user=user, role=role, department=department, ended_at__isnull=True
    )
    if held.exists():
        raise InvalidInput(_("The account holds this role already."))
    assignment = assign_role(user, role, actor=actor, department=department)
    notify([user], "role.given", user)
    return assignment


@transaction.atomic
def deactivate_user(user: User, *, reason: str, actor: User) -> User:
    """Close an account: it cannot log in, its sessions end, its roles stay as history."""
    take(Lock.ROLES)
    user = User.objects.select_for_update().get(pk=user.pk)
    require(may_close_account(actor, user))
    reason = _reason(reason)
    if not user.is_active:
        raise InvalidTransition(_("This account is closed already."))
    user.is_active = False
    user.session_generation += 1
    user.save(update_fields=["is_active", "session_generation"])
    audit.record(actor, "user.deactivated", user, reason=reason)
    return user


@transaction.atomic
def reactivate_user(user: User, *, actor: User) -> User:
    """Open a closed account again, with the roles it still holds."""
    take(Lock.ROLES)
    user = User.objects.select_for_update().get(pk=user.pk)
    require(may_manage_account(actor, user))
    if user.is_active:
        raise InvalidTransition(_("This account is open already."))
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit.record(actor, "user.reactivated", user)
    notify([user], "user.reactivated", user)
    return user


@transaction.atomic
def reset_second_factor(user: User, *, reason: str, actor: User) -> int:
    """Remove the second factor of somebody who lost it, and end their sessions.

    Whoever needs one sets it up again at the next login. Returns how many parts were removed.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    require(may_manage_account(actor, user))
    reason = _reason(reason)
    factors = Authenticator.objects.filter(user=user)
    kinds = sorted(factors.values_list("type", flat=True))
    if not kinds:
        raise InvalidTransition(_("No second factor is set up for this account."))
    factors.delete()
    _raise_generation(user)
    audit.record(actor, "user.second_factor_reset", user, reason=reason, kinds=kinds)
    notify([user], "user.second_factor_reset", user)
    return len(kinds)


@transaction.atomic
def end_sessions(user: User, *, actor: User) -> None:
    """Log the account out everywhere; the password stays."""
    user = User.objects.select_for_update().get(pk=user.pk)
    require(may_manage_account(actor, user))
    _raise_generation(user)
    audit.record(actor, "user.sessions_ended", user)


def _raise_generation(user: User) -> None:
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)


def _reason(reason: str) -> str:
    reason = reason.strip()
    if len(reason) < 5:
        raise InvalidInput(_("Please give the reason; it stays with the account."))
    return reason
