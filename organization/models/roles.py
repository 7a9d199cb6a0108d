"""What an account may do: roles, given for the whole company or for a part of the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.once import once
from organization.models.dated import employed_on

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from core.models import User


class Role(models.TextChoices):
    EMPLOYEE = "employee", _("employee")
    MANAGER = "manager", _("department manager")
    EXECUTOR = "executor", _("survey executor")
    ANALYST = "analyst", _("analyst")
    HANDLER = "handler", _("complaint handler")
    SUPERVISION = "supervision", _("supervision")
    HR = "hr", _("HR")
    GROUP = "group", _("management group")
    ASSESSMENT = "assessment", _("assessment group")
    ADMIN = "admin", _("administrator")


COMPANY_WIDE = frozenset(
    {Role.ANALYST, Role.SUPERVISION, Role.HR, Role.GROUP, Role.ASSESSMENT, Role.ADMIN}
)
"""Roles that see every employee (or those of the department the role is limited to)."""

DIRECTORY = frozenset({Role.EXECUTOR, Role.HANDLER})
"""Roles that name the person who served: they see the people in front-line positions."""


class RoleAssignment(models.Model):
    """An account holds a role, for the whole company or for one department and those below it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="role_assignments"
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    department = models.ForeignKey(
        "organization.Department",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="role_assignments",
    )
    starts_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("role assignment")
        verbose_name_plural = _("role assignments")
        ordering = ["user", "role", "starts_at"]
        constraints = [
            models.UniqueConstraint(
                name="role_assignment_one_live",
                fields=["user", "role", "department"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="role_known", condition=Q(role__in=Role.values)),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class Grant(NamedTuple):
    """A role, and the path of the department it is limited to ("" = the whole company)."""

    role: str
    path: str


def grants_of(user: User | AnonymousUser) -> list[Grant]:
    """Everything the account may act as, in one query: the roles given to it, and of a
    person still employed `employee` and `manager` of each department the roster says they head."""
    if not user.is_active or user.pk is None:
        return []
    account: int = user.pk
    return once(("grants", account), lambda: _grants(account))


def _grants(account: int) -> list[Grant]:
    from organization.models.departments import Department
    from organization.models.employees import Employee

    now, nowhere = timezone.now(), Value("", models.TextField())
    given = RoleAssignment.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=now), user_id=account, starts_at__lte=now
    ).values_list("role", Coalesce("department__path", nowhere))
    today = timezone.localdate()
    own = Employee.objects.filter(employed_on(today), user_id=account).values_list(
        Value(Role.EMPLOYEE.value, models.TextField()), nowhere
    )
    # Who has left leads nothing, although the roster may still name them head for some weeks.
    led = Department.objects.filter(
        employed_on(today, of="head__"),
        head__user_id=account,
        is_active=True,
    ).values_list(Value(Role.MANAGER.value), "path")
    rows = given.order_by().union(own.order_by(), led.order_by())
    return sorted(Grant(role, path) for role, path in rows)
