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
from organization.models.departments import DepartmentQuerySet
from organization.models.employees import EmployeeQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


def roles_of(user: User | AnonymousUser) -> frozenset[str]:
    """Every role the account acts in, whatever part of the company it is limited to."""
    return frozenset(grant.role for grant in grants_of(user))


def paths_held(user: User | AnonymousUser, *roles: str) -> frozenset[str]:
    """The parts of the tree the account holds one of the roles for, as paths of departments; ""
    is the whole company. A manager without a department manages nothing."""
    grants = (grant for grant in grants_of(user) if grant.role in roles)
    return frozenset(g.path for g in grants if g.path or g.role != Role.MANAGER)


def has_role(user: User | AnonymousUser, *roles: str) -> bool:
    """Whether the account holds one of the roles for the whole company. One that was given for a
    department does not count here: see `may_hold_in` and `may_hold_over` of the permissions."""
    return "" in paths_held(user, *roles)


def departments_held(user: User | AnonymousUser, *roles: str) -> DepartmentQuerySet:
    """The departments the account holds one of the roles for, with all below them."""
    paths = paths_held(user, *roles)
    return Department.objects.all() if "" in paths else Department.objects.below(*paths)


def people_held(user: User | AnonymousUser, *roles: str) -> EmployeeQuerySet:
    """Everybody for who holds one of the roles for the whole company; else who works today in the
    departments it was given for."""
    paths = paths_held(user, *roles)
    return Employee.objects.all() if "" in paths else Employee.objects.placed_below(*paths)


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


def users_with(
    *roles: str, on: datetime | None = None, over: Employee | None = None
) -> QuerySet[User]:
    """Active accounts holding one of the roles by assignment for the whole company, now or at
    `on`; with `over`, those too who hold it for where this person works today."""
    moment = on or timezone.now()
    reach = Q(department=None)
    if over is not None:
        places = placement_on([over.pk], timezone.localdate()).values()
        steps = [step for place in places for step in place.department.path.strip("/").split("/")]
        reach |= Q(department__code__in=steps)
    live = RoleAssignment.objects.filter(
        reach,
        Q(ended_at__isnull=True) | Q(ended_at__gt=moment),
        role__in=roles,
        starts_at__lte=moment,
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
