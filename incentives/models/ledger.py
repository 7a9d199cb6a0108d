"""The ledger: every amount that reaches pay, append-only and hash-chained."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incentives.models.awards import Award, PerformancePay
from incentives.models.policies import PolicyVersion


class LedgerEntry(models.Model):
    """One signed amount (CNY) for one person and month; UPDATE and DELETE are refused by trigger.

    `month` is the first day of the last month of the period. A negative amount names its kind:
    A variable pay not earned, B statutory, C recovery of loss, D fine, E unpaid leave.
    `source_hash` is the source row's content hash when it was posted; `row_hash` covers the row
    and `prev_hash`, so that a changed, missing or inserted row breaks the chain.
    """

    class Kind(models.TextChoices):
        NONE = "", _("payment")
        NOT_EARNED = "A", _("variable pay not earned")
        STATUTORY = "B", _("statutory withholding")
        LOSS = "C", _("recovery of loss")
        FINE = "D", _("fine")
        UNPAID_LEAVE = "E", _("unpaid leave")

    class Source(models.TextChoices):
        AWARD = "award", _("award")
        PERFORMANCE_PAY = "performance_pay", _("performance pay")
        REVERSAL = "reversal", _("reversal")
        RECOVERY = "recovery", _("recovery")
        WAGE_COMPONENT = "wage_component", _("wage component")

    entry_no = models.PositiveBigIntegerField(_("entry"), unique=True)
    employee = models.ForeignKey(
        "organization.Employee", models.PROTECT, related_name="ledger_entries"
    )
    month = models.DateField(_("month"))
    pay_item_code = models.CharField(_("pay item"), max_length=64)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    kind = models.CharField(_("kind"), max_length=1, choices=Kind.choices, blank=True, default="")
    tax_class = models.CharField(_("tax class"), max_length=32, default="monthly_wage")
    source_type = models.CharField(_("source"), max_length=20, choices=Source.choices)
    source_no = models.CharField(_("source number"), max_length=128)
    source_hash = models.CharField(_("source hash"), max_length=64, blank=True)
    reason_code = models.CharField(_("reason"), max_length=40)
    policy_version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+", null=True)
    scorecard = models.ForeignKey(
        "assessments.Scorecard", models.PROTECT, related_name="+", null=True
    )
    award = models.ForeignKey(Award, models.PROTECT, related_name="ledger_entries", null=True)
    performance_pay = models.ForeignKey(
        PerformancePay, models.PROTECT, related_name="ledger_entries", null=True
    )
    reverses = models.OneToOneField("self", models.PROTECT, related_name="reversed_by", null=True)
    appeal = models.ForeignKey(
        "incentives.Appeal", models.PROTECT, related_name="ledger_entries", null=True
    )
    recovery = models.ForeignKey(
        "incentives.Recovery", models.PROTECT, related_name="ledger_entries", null=True
    )
    approval_no = models.CharField(_("approval"), max_length=128)
    remark = models.TextField(_("remark"), blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created at"))
    prev_hash = models.CharField(_("previous hash"), max_length=64, blank=True)
    row_hash = models.CharField(_("row hash"), max_length=64, unique=True)

    class Meta:
        ordering = ["entry_no"]
        verbose_name_plural = _("ledger entries")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0) | Q(amount__lt=0, kind__in=["A", "B", "C", "D", "E"]),
                name="ledger_negative_needs_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["", "A", "B", "C", "D", "E"]), name="ledger_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(source_type="reversal", reverses__isnull=False)
                | (~Q(source_type="reversal") & Q(reverses__isnull=True)),
                name="ledger_reversal_names_its_entry",
            ),
            models.CheckConstraint(
                condition=(~Q(source_type="award") | Q(award__isnull=False))
                & (~Q(source_type="performance_pay") | Q(performance_pay__isnull=False))
                & (~Q(source_type="recovery") | Q(recovery__isnull=False)),
                name="ledger_source_row_present",
            ),
            # A source row pays once; what replaces it after an appeal is a new version.
            models.UniqueConstraint(
                fields=["award"],
                condition=Q(source_type="award"),
                name="ledger_award_posted_once",
            ),
            models.UniqueConstraint(
                fields=["performance_pay"],
                condition=Q(source_type="performance_pay"),
                name="ledger_performance_pay_posted_once",
            ),
        ]
        indexes = [
            models.Index(fields=["month", "employee"], name="ledger_month_employee"),
            models.Index(fields=["source_type", "source_no"], name="ledger_source"),
        ]

    def __str__(self) -> str:
        return f"#{self.entry_no}"
