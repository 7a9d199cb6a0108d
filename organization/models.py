"""Who works where, since when, for what pay, and with which role.

Everything that changes over time is dated: a placement or a pay profile is never overwritten, a
new one opens and the old one closes the day before (PostgreSQL refuses overlaps)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from datetime import date

PATH_SEPARATOR = "/"


class DateRange(Func):
    """daterange(first, last, '[]'): both days inclusive, an empty last day means open."""

    function = "daterange"
    template = "%(function)s(%(expressions)s, '[]')"


def no_overlap(name: str) -> ExclusionConstraint:
    """One employee holds at most one row of the table on any day."""
    return ExclusionConstraint(
        name=name,
        expressions=[
            ("employee", RangeOperators.EQUAL),
            (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
        ],
    )


def dates_in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name, condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))
    )


class DatedQuerySet(models.QuerySet):
    """Rows with starts_on and ends_on, both inclusive; ends_on null means still open."""

    def on(self, day: date) -> DatedQuerySet:
        return self.between(day, day)

    def between(self, first: date, last: date) -> DatedQuerySet:
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first), starts_on__lte=last)


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


class Employee(models.Model):
    """A person of the company; where and for what pay stands in Placement and PayProfile."""

    employee_no = models.CharField(_("employee number"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    sort_key = models.CharField(max_length=400, editable=False, db_index=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    hired_on = models.DateField(_("hired on"))
    left_on = models.DateField(_("last day"), null=True, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="employee"
    )

    class Meta:
        verbose_name = _("employee")
        verbose_name_plural = _("employees")
        ordering = ["sort_key", "employee_no"]
        constraints = [
            models.CheckConstraint(
                name="employee_leaves_after_hiring",
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("hired_on")),
            ),
            models.CheckConstraint(
                name="employee_no_is_a_list_item",
                condition=~Q(employee_no="") & ~Q(employee_no__contains=";"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee_no} {self.name}"


class Placement(models.Model):
    """Where an employee works from starts_on to ends_on (both inclusive)."""

    employee = models.ForeignKey(Employee, models.PROTECT, related_name="placements")
    department = models.ForeignKey(Department, models.PROTECT, related_name="placements")
    position = models.ForeignKey(Position, models.PROTECT, related_name="placements")
    city = models.CharField(_("city"), max_length=120, blank=True)
    legal_entity = models.CharField(_("legal entity"), max_length=200, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        ordering = ["employee", "starts_on"]
        constraints = [
            no_overlap("placement_one_per_day"),
            dates_in_order("placement_dates_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.starts_on}"


class PayProfile(models.Model):
    """Monthly base wage and full performance pay (CNY) of an employee, dated as Placement."""

    employee = models.ForeignKey(Employee, models.PROTECT, related_name="pay_profiles")
    base_wage = models.DecimalField(_("base wage"), max_digits=12, decimal_places=2)
    performance_pay = models.DecimalField(_("performance pay"), max_digits=12, decimal_places=2)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("pay profile")
        verbose_name_plural = _("pay profiles")
        ordering = ["employee", "starts_on"]
        constraints = [
            no_overlap("pay_profile_one_per_day"),
            dates_in_order("pay_profile_dates_in_order"),
            models.CheckConstraint(
                name="pay_profile_not_negative",
                condition=Q(base_wage__gte=0, performance_pay__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.starts_on}"


class Attendance(models.Model):
    """Days of one employee in one month, from HR. A correction is a new version."""

    employee = models.ForeignKey(Employee, models.PROTECT, related_name="attendance")
    month = models.DateField(_("month"), help_text=_("The first day of the month."))
    working_days = models.DecimalField(_("working days"), max_digits=5, decimal_places=2)
    present_days = models.DecimalField(_("days present"), max_digits=5, decimal_places=2)
    statutory_leave_days = models.DecimalField(
        _("days of statutory leave"), max_digits=5, decimal_places=2, default=0
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")
        ordering = ["month", "employee", "version"]
        constraints = [
            models.UniqueConstraint(
                name="attendance_version", fields=["employee", "month", "version"]
            ),
            models.UniqueConstraint(
                name="attendance_one_current",
                fields=["month", "employee"],
                condition=Q(superseded_at__isnull=True),
            ),
            models.CheckConstraint(name="attendance_first_of_month", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="attendance_within_working_days",
                condition=Q(
                    working_days__gte=0,
                    present_days__gte=0,
                    present_days__lte=F("working_days"),
                    statutory_leave_days__gte=0,
                    statutory_leave_days__lte=F("working_days"),
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.month:%Y-%m} v{self.version}"


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


class RoleAssignment(models.Model):
    """An account holds a role, for the whole company or for one department and those below it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="role_assignments"
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="role_assignments"
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
