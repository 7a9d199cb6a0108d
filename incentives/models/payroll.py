"""Payroll: what the month's wage is made of, debts to recover, batches and their lines."""

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import User
from incentives.models.ledger import LedgerEntry
from organization.models import Role
from organization.queries import has_role


class WageComponent(models.Model):
    """One part of one person's wage of one month, from HR's file; a correction is a new version.

    Only the wage guard reads them. They are paid by the payroll system itself, not by a batch.
    """

    class Component(models.TextChoices):
        OVERTIME_PAY = "overtime_pay", _("overtime pay")
        SHIFT_ALLOWANCE = "shift_allowance", _("shift allowance")
        HEAT_ALLOWANCE = "heat_allowance", _("heat allowance")
        COLD_ALLOWANCE = "cold_allowance", _("cold allowance")
        HAZARD_ALLOWANCE = "hazard_allowance", _("hazard allowance")
        STATUTORY_BENEFITS = "statutory_benefits", _("statutory benefits")
        OTHER_PAY = "other_pay", _("other pay")
        UNPAID_LEAVE = "unpaid_leave", _("unpaid leave")
        SOCIAL_INSURANCE = "social_insurance", _("own social insurance")
        STATUTORY_WITHHOLDING = "statutory_withholding", _("other statutory withholding")

    employee = models.ForeignKey(
        "organization.Employee", models.PROTECT, related_name="wage_components"
    )
    month = models.DateField(_("month"))
    component = models.CharField(_("component"), max_length=24, choices=Component.choices)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    version = models.PositiveIntegerField(_("version"), default=1)
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    imported_at = models.DateTimeField(_("imported at"))
    superseded_at = models.DateTimeField(_("superseded at"), null=True)

    class Meta:
        ordering = ["month", "employee", "component", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "month", "component", "version"], name="wagecomponent_version"
            ),
            models.UniqueConstraint(
                fields=["employee", "month", "component"],
                condition=Q(superseded_at__isnull=True),
                name="wagecomponent_one_current",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="wagecomponent_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.component} {self.amount}"


class Recovery(models.Model):
    """A decided debt: a loss to recover (C) or a fine (D), taken month by month by the wage guard.

    What is still due is `amount` less what its ledger entries (reversals included) took.
    """

    class Kind(models.TextChoices):
        LOSS = "C", _("recovery of loss")
        FINE = "D", _("fine")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        SETTLED = "settled", _("settled")
        TO_HR = "to_hr", _("left the company: handed to HR")

    TRANSITIONS = {
        State.OPEN: {State.SETTLED, State.TO_HR},
        State.SETTLED: {State.OPEN},
        State.TO_HR: {State.OPEN},
    }

    recovery_no = models.CharField(_("recovery number"), max_length=20, unique=True)
    employee = models.ForeignKey("organization.Employee", models.PROTECT, related_name="recoveries")
    kind = models.CharField(_("kind"), max_length=1, choices=Kind.choices)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    decided_on = models.DateField(_("decided on"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    contract_clause = models.TextField(_("contract clause"))
    notice_on = models.DateField(_("written notice on"))
    cause = models.TextField(_("proven cause"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        ordering = ["decided_on", "id"]
        verbose_name_plural = _("recoveries")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="recovery_positive"),
            models.CheckConstraint(
                condition=~Q(contract_clause="") & ~Q(cause=""), name="recovery_grounds_present"
            ),
            models.CheckConstraint(
                condition=~Q(recorded_by=F("decided_by")), name="recovery_decided_by_another"
            ),
        ]

    def __str__(self) -> str:
        return self.recovery_no


class PayrollBatchQuerySet(models.QuerySet["PayrollBatch"]):
    def visible_to(self, user: User) -> Self:
        """Pay is seen by HR and by the management group that approves it."""
        return self.all() if has_role(user, Role.HR, Role.GROUP) else self.none()


class PayrollBatch(models.Model):
    """The lines one payroll run pays, made by one person and approved by another.

    `totals`, `guard` (the wage of everyone the guard had to look at) and `warnings` are stored
    when the batch is built and must come out equal when it is validated. Amounts in them are text.
    """

    class State(models.TextChoices):
        BUILDING = "building", _("building")
        VALIDATED = "validated", _("validated")
        APPROVED = "approved", _("approved")
        GENERATED = "generated", _("generated")
        DELIVERED = "delivered", _("delivered")
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        CLOSED = "closed", _("closed")
        REJECTED = "rejected", _("rejected")

    TRANSITIONS = {
        State.BUILDING: {State.VALIDATED, State.REJECTED},
        State.VALIDATED: {State.APPROVED, State.REJECTED},
        State.APPROVED: {State.GENERATED, State.REJECTED},
        State.GENERATED: {State.DELIVERED, State.REJECTED},
        State.DELIVERED: {State.ACKNOWLEDGED, State.REJECTED},
        State.ACKNOWLEDGED: {State.CLOSED},
        State.CLOSED: set(),
        State.REJECTED: set(),
    }

    batch_no = models.CharField(_("batch"), max_length=20, unique=True)
    month = models.DateField(_("payroll month"))
    sequence = models.PositiveIntegerField(_("sequence"))
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.BUILDING
    )
    built_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    built_at = models.DateTimeField(_("built at"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True
    )
    approved_at = models.DateTimeField(_("approved at"), null=True)
    totals = models.JSONField(_("control totals"), default=dict)
    guard = models.JSONField(_("wage guard"), default=list)
    warnings = models.JSONField(_("warnings"), default=list)
    reject_reason = models.TextField(_("reason of the rejection"), blank=True)

    objects = PayrollBatchQuerySet.as_manager()

    class Meta:
        ordering = ["month", "sequence"]
        verbose_name_plural = _("payroll batches")
        constraints = [
            models.UniqueConstraint(fields=["month", "sequence"], name="payrollbatch_sequence"),
            models.UniqueConstraint(
                fields=["month"],
                condition=Q(
                    state__in=["building", "validated", "approved", "generated", "delivered"]
                ),
                name="payrollbatch_one_running_per_month",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("built_by")),
                name="payrollbatch_maker_and_checker",
            ),
            models.CheckConstraint(
                condition=~Q(
                    state__in=["approved", "generated", "delivered", "acknowledged", "closed"]
                )
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="payrollbatch_approved_by_a_named_human",
            ),
        ]

    def __str__(self) -> str:
        return self.batch_no

    @property
    def period(self) -> str:
        """The payroll month as people write it, `2025-11`."""
        return f"{self.month:%Y-%m}"


class PayrollLine(models.Model):
    """One ledger entry in one batch, with everything the workbook shows but the name.

    Frozen by trigger: only `live` may fall, when the batch is rejected and its entries are free
    again. An entry is in at most one live line.
    """

    class Direction(models.TextChoices):
        ADD = "add", _("add")
        DEDUCT = "deduct", _("deduct")

    batch = models.ForeignKey(PayrollBatch, models.PROTECT, related_name="lines")
    line_no = models.PositiveIntegerField(_("line"))
    entry = models.ForeignKey(LedgerEntry, models.PROTECT, related_name="lines")
    live = models.BooleanField(_("live"), default=True)
    employee = models.ForeignKey("organization.Employee", models.PROTECT, related_name="+")
    department = models.ForeignKey(
        "organization.Department", models.PROTECT, related_name="+", null=True
    )
    legal_entity = models.CharField(_("legal entity"), max_length=200, blank=True)
    period = models.CharField(_("period"), max_length=10)
    pay_item_code = models.CharField(_("pay item"), max_length=64)
    pay_item_name = models.CharField(_("pay item name"), max_length=200)
    direction = models.CharField(_("direction"), max_length=6, choices=Direction.choices)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    tax_class = models.CharField(_("tax class"), max_length=32)
    kind = models.CharField(_("kind"), max_length=1, blank=True)
    reason_code = models.CharField(_("reason"), max_length=40)
    source_no = models.CharField(_("source number"), max_length=128)
    reverses = models.ForeignKey("self", models.PROTECT, related_name="+", null=True)
    policy_version = models.CharField(_("policy version"), max_length=100, blank=True)
    approval_no = models.CharField(_("approval"), max_length=128)
    remark = models.TextField(_("remark"), blank=True)

    class Meta:
        ordering = ["batch", "line_no"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "line_no"], name="payrollline_number"),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(live=True), name="payrollline_entry_in_one_live_batch"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payrollline_positive"),
            models.CheckConstraint(
                condition=Q(direction="add") | ~Q(kind=""), name="payrollline_deduction_has_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def no(self) -> str:
        """What people quote and `show_lineage` takes: `PB-2025-11/87`."""
        return f"{self.batch.batch_no}/{self.line_no}"

    @property
    def signed(self) -> Decimal:
        """The amount as the ledger holds it: deductions negative, CNY."""
        return self.amount if self.direction == self.Direction.ADD else -self.amount


class PayrollEvent(models.Model):
    """One step of a batch; append-only."""

    batch = models.ForeignKey(PayrollBatch, models.PROTECT, related_name="events")
    verb = models.CharField(_("step"), max_length=20)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    data = models.JSONField(_("data"), default=dict)

    class Meta:
        ordering = ["batch", "id"]

    def __str__(self) -> str:
        return f"{self.batch} {self.verb}"


class PayrollFile(models.Model):
    """The workbook of an approved batch, byte for byte; append-only, the same ever after."""

    batch = models.OneToOneField(PayrollBatch, models.PROTECT, related_name="file")
    content = models.BinaryField(_("content"))
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    rows_sha256 = models.CharField(_("SHA-256 of the Payroll rows as CSV"), max_length=64)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created at"))

    def __str__(self) -> str:
        return f"{self.batch} {self.sha256[:12]}"
