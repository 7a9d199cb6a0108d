"""Accounts and the roles they hold. Every grant and every end is an audit row."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.commands import OPERATOR
from core.errors import InvalidInput
from core.locks import Lock, take
from core.models import User
from core.notifications import notify
from core.permissions import require
from organization.models import Department, Employee, Role, RoleAssignment
from organization.permissions import may_end_role, may_grant_roles


@transaction.atomic
def create_user(
    name: str,
    *,
    roles: Sequence[str],
    actor: User | None,
    employee_no: str = "",
    password: str | None = None,
) -> User:
    """An account with roles, linked to an employee when a number is given.

    Without a password the account cannot log in with one. `actor` None is the system itself.
    A name already taken: InvalidInput.
    """
    _require_granting(actor)
    take(Lock.ROLES)
    _check_new_account(name, roles)
    if User.objects.filter(username=name).exists():
        raise _taken(name)
    user = User(username=name)
    if password is None:
        user.set_unusable_password()
    else:
        _check_password(password, user)
        user.set_password(password)
    employee = _free_employee(employee_no) if employee_no else None
    if employee:
        user.first_name, user.email = employee.name, employee.email
    user.save()
    audit.record(actor, "user.created", user, employee_id=employee.pk if employee else None)
    if employee:
        employee.user = user
        employee.save(update_fields=["user"])
    for role in dict.fromkeys(roles):
        assign_role(user, role, actor=actor)
    return user


def _require_granting(actor: User | None) -> None:
    """None is the system itself: setting up an installation, nobody stands above it."""
    if actor is not None:
        require(may_grant_roles(actor))


def _check_new_account(name: str, roles: Sequence[str]) -> None:
    try:
        User._meta.get_field("username").clean(name, None)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages)) from error
    if unknown := [role for role in roles if role not in Role.values]:
        raise InvalidInput(
            _("Unknown role: %(unknown)s. Known: %(known)s.")
            % {"unknown": ", ".join(unknown), "known": ", ".join(Role.values)}
        )


def _taken(name: str) -> InvalidInput:
    return InvalidInput(_("There is already an account %(name)s.") % {"name": repr(name)})


@transaction.atomic
def ensure_user(
    name: str,
    *,
    roles: Sequence[str],
    actor: User | None,
    employee_no: str = "",
    password: str | None = None,
) -> tuple[User, list[str] | None]:
    """create_user, or for an account that is there the roles it does not hold yet.

    Returns the account and the roles it was given now (None: the account is new). Another
    employee or password than the account has: InvalidInput, nothing is replaced here. The same
    holds for the operator and for API clients, whose rights are fixed.
    """
    _require_granting(actor)
    take(Lock.ROLES)
    user = User.objects.filter(username=name).first()
    if user is None:
        return create_user(
            name, roles=roles, actor=actor, employee_no=employee_no, password=password
        ), None
    _check_new_account(name, roles)
    employee = Employee.objects.filter(user=user).first()
    same_person = not employee_no or (employee is not None and employee.employee_no == employee_no)
    same_password = password is None or user.check_password(password)
    if name == OPERATOR or not same_person or not same_password:
        raise _taken(name)
    live = RoleAssignment.objects.filter(user=user, department=None, ended_at__isnull=True)
    held = set(live.values_list("role", flat=True))
    new = [role for role in dict.fromkeys(roles) if role not in held]
    for role in new:
        assign_role(user, role, actor=actor)
    return user, new


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages)) from error


def _free_employee(employee_no: str) -> Employee:
    employee = Employee.objects.filter(employee_no=employee_no).first()
    if employee is None:
        raise InvalidInput(_("There is no employee %(number)s.") % {"number": repr(employee_no)})
    if employee.user_id is not None:
        raise InvalidInput(
            _("Employee %(number)s already has an account.") % {"number": employee_no}
        )
    return employee


@transaction.atomic
def assign_role(
    user: User, role: str, *, actor: User | None, department: Department | None = None
) -> RoleAssignment:
    """Give a role, for the company or one part of the tree; one already held stays as it is."""
    _require_granting(actor)
    if role not in Role.values:
        raise InvalidInput(_("Unknown role: %(role)s.") % {"role": role})
    take(Lock.ROLES)
    held = RoleAssignment.objects.filter(
        user=user, role=role, department=department, ended_at__isnull=True
    ).first()
    if held:
        return held
    assignment = RoleAssignment.objects.create(user=user, role=role, department=department)
    audit.record(
        actor,
        "role.given",
        user,
        role=str(role),
        department=department.code if department else None,
    )
    return assignment


@transaction.atomic
def end_role(assignment: RoleAssignment, *, actor: User) -> RoleAssignment:
    """Take a role back from now on; the row stays as history.

    Not one's own role of administrator, and not the last one: Denied.
    """
    _require_granting(actor)
    take(Lock.ROLES)
    assignment = RoleAssignment.objects.select_for_update().get(pk=assignment.pk)
    if assignment.ended_at is None:
        require(may_end_role(actor, assignment))
        assignment.ended_at = timezone.now()
        assignment.save(update_fields=["ended_at"])
        department = assignment.department
        audit.record(
            actor,
            "role.ended",
            assignment.user,
            role=assignment.role,
            department=department.code if department else None,
        )
        notify([assignment.user], "role.ended", assignment.user)
    return assignment


@transaction.atomic
def operator() -> User:
    """The account that commands act as when nobody is named: role admin, no password."""
    user = User.objects.filter(username=OPERATOR).first()
    if user is None:
        take(Lock.OPERATOR)
        user, created = User.objects.get_or_create(
            username=OPERATOR, defaults={"password": "!operator"}
        )
        if created:
            user.set_unusable_password()
            user.save(update_fields=["password"])
            assign_role(user, Role.ADMIN, actor=None)
    return user
