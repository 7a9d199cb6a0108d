"""Accounts: who they are, what they may do, and what stands between them and the login."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.internal.ratelimit import apply_rate, get_cache_key, get_rates
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from core.commands import OPERATOR
from core.models import AuditEntry, User
from core.permissions import Allowed, Denied
from organization.models import Employee, Role, RoleAssignment, grants_of
from organization.models.dated import employed_on
from organization.permissions import (
    duties_in_conflict,
    may_close_account,
    may_end_role,
    may_manage_account,
)
from organization.queries import employee_of

STATES = ("active", "closed", "no_factor", "never", "left")
HISTORY = 20


def accounts() -> QuerySet[User, Any]:
    """Accounts of people, with their person, live roles and whether a second factor is set up."""
    live = RoleAssignment.objects.filter(ended_at__isnull=True).select_related("department")
    factor = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    return (
        User.objects.filter(api_client__isnull=True)
        .exclude(username=OPERATOR)
        .select_related("employee")
        .prefetch_related(Prefetch("role_assignments", live.order_by("role"), to_attr="live_roles"))
        .annotate(has_factor=Exists(factor))
        .order_by("username")
    )


def found(words: str, role: str, state: str) -> QuerySet[User]:
    """The accounts a search finds: part of a name, a number or an account name; a role held; a
    state of STATES."""
    rows = accounts()
    for word in words.split():
        rows = rows.filter(
            Q(username__icontains=word)
            | Q(employee__name__icontains=word)
            | Q(employee__employee_no__icontains=word)
        )
    if role in Role.values:
        held = RoleAssignment.objects.filter(role=role, ended_at__isnull=True)
        rows = rows.filter(pk__in=held.values("user"))
    if state == "active":
        rows = rows.filter(is_active=True)
    elif state == "closed":
        rows = rows.filter(is_active=False)
    elif state == "no_factor":
        rows = rows.filter(Q(has_factor=False), is_active=True)
    elif state == "never":
        rows = rows.filter(is_active=True, last_login=None)
    elif state == "left":
        rows = rows.filter(is_active=True, employee__left_on__lt=timezone.localdate())
    return rows


def state_choices() -> list[tuple[str, str]]:
    return [
        ("active", _("in use")),
        ("closed", _("deactivated")),
        ("no_factor", _("without a second factor")),
        ("never", _("never logged in")),
        ("left", _("in use, but the person has left")),
    ]


def locked(request: HttpRequest, usernames: Iterable[str]) -> set[str]:
    """Of these accounts those that too many failed logins keep out right now; one look."""
    rates = [
        rate
        for rate in get_rates(app="allauth.account", action="login_failed")
        if rate.per == "key"
    ]
    keys = {
        get_cache_key(
            request,
            app="allauth.account",
            action="login_failed",
            rate=rate,
            key=login_key(request, name),
        ): (name, rate)
        for name in usernames
        for rate in rates
    }
    now = timezone.now().timestamp()
    stored = cache.get_many(list(keys))
    return {
        keys[key][0]
        for key, history in stored.items()
        if not apply_rate(list(history), now, keys[key][1], dry_run=True)[0]
    }


def login_key(request: HttpRequest, username: str) -> str:
    """What allauth counts the failed logins of an account under."""
    return str(get_adapter()._get_login_attempts_cache_key(request, username=username))


@dataclass(frozen=True)
class Held:
    """A role an account holds, and whether the reader may end it."""

    assignment: RoleAssignment
    may_end: Allowed | Denied


@dataclass(frozen=True)
class Account:
    """Everything the page of one account shows."""

    user: User
    employee: Employee | None
    held: list[Held]
    past: list[RoleAssignment]
    implied: list[str]
    conflicts: list[str]
    factors: list[str]
    needs_factor: bool
    locked: bool
    may_manage: Allowed | Denied
    may_close: Allowed | Denied
    history: list[AuditEntry] = field(default_factory=list)


def account(request: HttpRequest, user: User) -> Account:
    reader: User = request.user  # type: ignore[assignment]
    rows = list(
        user.role_assignments.select_related("department", "user").order_by("role", "starts_at")
    )
    live = [row for row in rows if row.ended_at is None]
    given = {row.role for row in live}
    acting = {grant.role for grant in grants_of(user)}
    kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return Account(
        user=user,
        employee=employee_of(user),
        held=[Held(row, may_end_role(reader, row)) for row in live],
        past=[row for row in rows if row.ended_at is not None],
        implied=[str(Role(role).label) for role in sorted(acting - given)],
        conflicts=duties_in_conflict(acting | given),
        factors=[label for kind, label in _kinds() if kind in kinds],
        needs_factor=bool(acting & set(settings.SECOND_FACTOR_ROLES)),
        locked=bool(locked(request, [user.username])),
        may_manage=may_manage_account(reader, user),
        may_close=may_close_account(reader, user),
        history=history(user),
    )


def _kinds() -> list[tuple[str, str]]:
    return [
        (Authenticator.Type.TOTP, _("authenticator app")),
        (Authenticator.Type.RECOVERY_CODES, _("recovery codes")),
    ]


def history(user: User) -> list[AuditEntry]:
    """What was done to the account, the newest first."""
    rows = AuditEntry.objects.filter(object_type="core.user", object_id=str(user.pk))
    return list(rows.select_related("actor__employee").order_by("-id")[:HISTORY])


def without_account(words: str, limit: int = 20) -> list[Employee]:
    """Employed people without an account whose name or number holds the words."""
    today = timezone.localdate()
    rows = Employee.objects.filter(employed_on(today), user__isnull=True)
    for word in words.split():
        rows = rows.filter(Q(name__icontains=word) | Q(employee_no__icontains=word))
    return list(rows[:limit])


def summary() -> dict[str, Any]:
    """How many accounts there are, and how many still lack a second factor they need."""
    people = User.objects.filter(api_client__isnull=True, is_active=True).exclude(username=OPERATOR)
    needing = RoleAssignment.objects.filter(
        role__in=["hr", "group", "assessment", "admin"], ended_at__isnull=True
    )
    factor = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    unsafe = people.filter(pk__in=needing.values("user")).exclude(Exists(factor))
    return {"open": people.count(), "unsafe": unsafe.count()}
