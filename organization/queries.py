"""Reads for the other apps. All set-based: one query for any number of employees."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from core.commands import OPERATOR
from core.models import User
from core.once import once
from organization.models import (
    Attendance,
    Department,
    Employee,
    PayProfile,
    Placement,
    Role,
    RoleAssignment,
    grants_of,
)
from organization.models.dated import employed_on

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


def roles_of(user: User | AnonymousUser) -> frozenset[str]:
    """Every role the account acts in, whatever part of the company it is limited to."""
    return frozenset(grant.role for grant in grants_of(user))


def has_role(user: User | AnonymousUser, *roles: str) -> bool:
    return bool(roles_of(user) & set(roles))


def employee_of(user: User | AnonymousUser) -> Employee | None:
    """The employee whose account it is; read once while a page is shown."""
    if user.pk is None:
        return None
    return once(("employee", user.pk), Employee.objects.filter(user_id=user.pk).first)


def own_id(user: User | AnonymousUser) -> int | None:
    """Its id; None for an account without a person."""
    known = user._state.fields_cache if isinstance(user, User) else {}
    own = known["employee"] if "employee" in known else employee_of(user)
    return own.pk if own else None


def users_with(*roles: str, on: datetime | None = None) -> QuerySet[User]:
    """Active accounts holding one of the roles by assignment, now or at `on`."""
    from django.utils import timezone

    moment = on or timezone.now()
    live = RoleAssignment.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=moment), role__in=roles, starts_at__lte=moment
    )
    return User.objects.filter(is_active=True, pk__in=live.values("user")).order_by("username")


def other_administrators(account: User) -> QuerySet[User]:
    """Who else is an administrator of the whole company and a person who can log in."""
    live = RoleAssignment.objects.filter(
        role=Role.ADMIN, department=None, ended_at__isnull=True
    ).exclude(user__username=OPERATOR)
    return User.objects.filter(is_active=True, pk__in=live.values("user")).exclude(pk=account.pk)


def heads_above(department: Department) -> QuerySet[Employee]:
    """The heads of the department and of every department over it, as far as they still work."""
    steps = department.path.strip("/").split("/")
    here = employed_on(timezone.localdate())
    return Employee.objects.filter(here, headed_departments__code__in=steps).distinct()


def placements_between(first: date, last: date) -> QuerySet[Placement, Any]:
    """Placements touching [first, last], both inclusive, as dicts with employee_id, employee_no,
    department_id, department_code, department_type, position_id, position_code, peer_group, city,
    legal_entity, starts_on, ends_on; by employee number, then day."""
    return (
        Placement.objects.between(first, last)
        .order_by("employee__employee_no", "starts_on")
        .values(
            "employee_id",
            "department_id",
            "position_id",
            "city",
            "legal_entity",
            "starts_on",
            "ends_on",
            employee_no=F("employee__employee_no"),
            department_code=F("department__code"),
            department_type=F("department__department_type"),
            position_code=F("position__code"),
            peer_group=F("position__peer_group"),
        )
    )


def placement_on(employee_ids: Iterable[int], day: date) -> dict[int, Placement]:
    """employee id -> the placement of that day; employees without one are absent."""
    rows = Placement.objects.on(day).filter(employee_id__in=list(employee_ids))
    rows = rows.select_related("department", "position")
    return {placement.employee_id: placement for placement in rows}


def pay_on(employee_ids: Iterable[int], day: date) -> dict[int, PayProfile]:
    """employee id -> the pay profile of that day; employees without one are absent."""
    rows = PayProfile.objects.on(day).filter(employee_id__in=list(employee_ids))
    return {profile.employee_id: profile for profile in rows}


def attendance_for(
    months: Iterable[date], *, as_of: datetime | None = None
) -> QuerySet[Attendance, Any]:
    """Attendance of the months (their first days) as dicts with employee_id, month, working_days,
    present_days, statutory_leave_days, version: what is valid now, or was at `as_of`."""
    rows = Attendance.objects.filter(month__in=list(months))
    if as_of is None:
        rows = rows.filter(superseded_at__isnull=True)
    else:
        rows = rows.filter(
            Q(superseded_at__isnull=True) | Q(superseded_at__gt=as_of), created_at__lte=as_of
        )
    return rows.order_by("employee_id", "month").values(
        "employee_id",
        "month",
        "working_days",
        "present_days",
        "statutory_leave_days",
        "version",
    )
