"""People, where they work, for what pay, and how many days they were there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.names import sort_key
from organization.models.dated import DatedQuerySet, dates_in_order, no_overlap
from organization.models.departments import Department, Position, led_paths
from organization.models.roles import COMPANY_WIDE, DIRECTORY, grants_of

if TYPE_CHECKING:
    from core.models import User


class EmployeeQuerySet(models.QuerySet["Employee"]):
    def placed_below(self, *paths: str) -> EmployeeQuerySet:
        """People who work today in one of these departments or under it."""
        places = Placement.objects.current().filter(
            employee=OuterRef("pk"), department__in=Department.objects.below(*paths)
        )
        return self.filter(Exists(places))

    def visible_to(self, user: User) -> EmployeeQuerySet:
        """Oneself; the people of the departments one leads; for the company's offices everybody;
        for those who record service (survey executor, complaint handler) the front line."""
        grants = grants_of(user)
        if any(grant.role in COMPANY_WIDE and not grant.path for grant in grants):
            return self
        seen = Q(user_id=user.pk) if user.pk else Q(pk__in=[])
        if paths := led_paths(grants):
            seen |= Q(pk__in=Employee.objects.placed_below(*paths).values("pk"))
        if any(grant.role in DIRECTORY and not grant.path for grant in grants):
            front = Placement.objects.current().filter(position__front_line=True)
            seen |= Q(pk__in=front.values("employee"))
        return self.filter(seen)


class Employee(models.Model):
    """A person of the company; where and for what pay stands in Placement and PayProfile."""

    employee_no = models.CharField(_("employee number"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    sort_key = models.TextField(editable=False, db_index=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    hired_on = models.DateField(_("hired on"))
    left_on = models.DateField(_("last day"), null=True, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="employee"
    )

    objects = EmployeeQuerySet.as_manager()

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

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = sort_key(self.name)
        super().save(*args, **kwargs)


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
