"""The department tree and the jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organization.models.roles import COMPANY_WIDE, DIRECTORY, Grant, grants_of

if TYPE_CHECKING:
    from core.models import User

PATH_SEPARATOR = "/"


class DepartmentQuerySet(models.QuerySet["Department"]):
    def below(self, *paths: str) -> DepartmentQuerySet:
        """The departments with these paths and everything under them."""
        condition = Q(pk__in=[])
        for path in paths:
            condition |= Q(path__startswith=path)
        return self.filter(condition)

    def visible_to(self, user: User) -> DepartmentQuerySet:
        """Whose figures the user may open: the own department, those led, or all of them."""
        grants = grants_of(user)
        if any(grant.role in COMPANY_WIDE | DIRECTORY and not grant.path for grant in grants):
            return self
        own = Q(placements__in=_current_placements(user))
        led = Q(pk__in=Department.objects.below(*led_paths(grants)).values("pk"))
        return self.filter(own | led).distinct()


def led_paths(grants: list[Grant]) -> list[str]:
    """Roots of the subtrees these grants open; a manager without a department opens none."""
    return [grant.path for grant in grants if grant.path]


def _current_placements(user: User) -> Any:
    from organization.models.employees import Placement

    return Placement.objects.current().filter(employee__user_id=user.pk).values("pk")


class Department(models.Model):
    """A node of the department tree. `path` is the codes from the root, as in "/HQ/SALES/S01/"."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    head = models.ForeignKey(
        "Employee", models.PROTECT, null=True, blank=True, related_name="headed_departments"
    )
    department_type = models.CharField(_("type"), max_length=40, blank=True)
    path = models.TextField(unique=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["path"]
        constraints = [
            models.CheckConstraint(
                name="department_code_is_a_path_step",
                condition=~Q(code="") & ~Q(code__contains=PATH_SEPARATOR),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Fill the path of a new department. A move goes through services.move_department."""
        if not self.path:
            self.path = self.path_below(self.parent.path if self.parent else "")
        super().save(*args, **kwargs)

    def path_below(self, parent_path: str) -> str:
        return f"{parent_path or PATH_SEPARATOR}{self.code}{PATH_SEPARATOR}"


class Position(models.Model):
    """A job. Scores are compared only inside one position or its peer group."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    peer_group = models.CharField(_("peer group"), max_length=40, blank=True)
    front_line = models.BooleanField(_("serves customers"), default=False)

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"
