"""What a period's results would pay: proposals, their awards and their performance pay."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from incentives.models.policies import PolicyVersion


class Proposal(models.Model):
    """Everything one policy version would pay for one period, waiting for a named decider.

    Equal inputs give the same proposal (`inputs_hash`); other inputs before the decision make a
    new one that supersedes it.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        DECIDED = "decided", _("decided")
        SUPERSEDED = "superseded", _("superseded")

    TRANSITIONS = {
        Status.PROPOSED: {Status.DECIDED, Status.SUPERSEDED},
        Status.DECIDED: set(),
        Status.SUPERSEDED: set(),
    }

    period = models.ForeignKey("assessments.Period", models.PROTECT, related_name="proposals")
    number = models.PositiveIntegerField(_("number"))
    policy_version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="proposals")
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PROPOSED
    )
    inputs_hash = models.CharField(_("inputs hash"), max_length=64)
    evidence_hash = models.CharField(_("evidence hash of the period"), max_length=64)
    summary = models.JSONField(_("summary"))
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    confirmed_hash = models.CharField(_("evidence opened"), max_length=64, blank=True)

    class Meta:
        ordering = ["period__key", "number"]
        constraints = [
            models.UniqueConstraint(fields=["period", "number"], name="proposal_number"),
            models.UniqueConstraint(
                fields=["period"],
                condition=~Q(status="superseded"),
                name="proposal_one_live_per_period",
            ),
            models.CheckConstraint(
                condition=~Q(status="decided")
                | Q(decided_by__isnull=False, decided_at__isnull=False)
                & Q(confirmed_hash=F("evidence_hash")),
                name="proposal_decided_by_a_named_human",
            ),
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def no(self) -> str:
        """The number people quote: period key and running number, `2025-11-1`."""
        return f"{self.period.key}-{self.number}"


class Award(models.Model):
    """One person considered for one award, with the reason of the outcome.

    Facts are frozen by trigger; only the state and the decision move. `reason_code` and
    `reason_data` make the sentence in the reader's language (`incentives.rules.reasons`).
    `fair_low` is rounded half-up to 2 places because the order is read from what people see.
    """

    class State(models.TextChoices):
        MATCHED = "matched", _("matched")
        NOMINATED = "nominated", _("nominated")
        ELIGIBLE = "eligible", _("eligible")
        RANKED = "ranked", _("ranked")
        RESERVED = "reserved", _("reserved")
        HELD = "held", _("held")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        ANNOUNCED = "announced", _("announced")
        POSTED = "posted", _("posted")
        PAID = "paid", _("paid")
        REVERSED = "reversed", _("reversed")

    TRANSITIONS = {
        State.MATCHED: {State.ELIGIBLE, State.REJECTED},
        State.NOMINATED: {State.ELIGIBLE, State.REJECTED},
        State.ELIGIBLE: {State.RANKED, State.REJECTED},
        State.RANKED: {State.RESERVED, State.HELD, State.REJECTED},
        State.RESERVED: {State.APPROVED, State.REJECTED, State.HELD},
        State.HELD: {State.APPROVED, State.REJECTED},
        State.APPROVED: {State.ANNOUNCED, State.POSTED},
        State.ANNOUNCED: {State.POSTED},
        State.POSTED: {State.PAID, State.REVERSED},
        State.PAID: {State.REVERSED},
        State.REJECTED: set(),
        State.REVERSED: set(),
    }

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="awards")
    version = models.PositiveIntegerField(_("version"), default=1)
    award_code = models.CharField(_("award"), max_length=64)
    employee = models.ForeignKey("organization.Employee", models.PROTECT, related_name="awards")
    scorecard = models.ForeignKey("assessments.Scorecard", models.PROTECT, related_name="+")
    scorecard_hash = models.CharField(_("scorecard hash"), max_length=64)
    group_code = models.CharField(_("compared with"), max_length=64)
    n = models.PositiveIntegerField(_("counted responses"))
    fair_low = models.DecimalField(_("fair low"), max_digits=5, decimal_places=2, null=True)
    rank = models.PositiveIntegerField(_("rank"), null=True)
    places = models.PositiveIntegerField(_("places"), null=True)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    prize_value = models.DecimalField(_("prize value"), max_digits=12, decimal_places=2)
    pool_code = models.CharField(_("pool"), max_length=64)
    pool_month = models.DateField(_("paid from the pool of"))
    pay_item_code = models.CharField(_("pay item"), max_length=64)
    tax_class = models.CharField(_("tax class"), max_length=32)
    reason_code = models.CharField(_("reason"), max_length=40)
    reason_data = models.JSONField(_("reason data"), default=dict)
    content_hash = models.CharField(_("content hash"), max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decision_reason = models.TextField(_("reason of the decision"), blank=True)

    class Meta:
        ordering = ["proposal", "award_code", "group_code", F("rank").asc(nulls_last=True), "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "award_code", "employee", "version"],
                name="award_one_per_person",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, prize_value__gte=0), name="award_not_negative"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "announced", "posted", "paid", "reversed"])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="award_decided_by_a_named_human",
            ),
        ]
        indexes = [models.Index(fields=["employee", "award_code"], name="award_employee")]

    def __str__(self) -> str:
        return self.no

    @property
    def no(self) -> str:
        """The source number a payroll line shows, `2025-11-1/SATISFACTION_STAR/E0001`."""
        tail = f"/{self.version}" if self.version > 1 else ""
        return f"{self.proposal.no}/{self.award_code}/{self.employee.employee_no}{tail}"


class PerformancePay(models.Model):
    """One person's performance pay of one month: never negative, base pay untouched.

    `performance_pay` is the month's base weighted over pay profiles, `detail` the segments it was
    weighted from. A correction is a new version naming the new scorecard.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        POSTED = "posted", _("posted")
        REVERSED = "reversed", _("reversed")

    TRANSITIONS = {
        State.PROPOSED: {State.APPROVED, State.REJECTED},
        State.APPROVED: {State.POSTED},
        State.POSTED: {State.REVERSED},
        State.REJECTED: set(),
        State.REVERSED: set(),
    }

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="payments")
    version = models.PositiveIntegerField(_("version"), default=1)
    employee = models.ForeignKey("organization.Employee", models.PROTECT, related_name="payments")
    scorecard = models.ForeignKey("assessments.Scorecard", models.PROTECT, related_name="+")
    scorecard_hash = models.CharField(_("scorecard hash"), max_length=64)
    mode = models.CharField(_("mode"), max_length=12)
    performance_pay = models.DecimalField(_("performance pay"), max_digits=12, decimal_places=2)
    coefficient = models.DecimalField(_("coefficient"), max_digits=8, decimal_places=4)
    present_days = models.DecimalField(_("days present"), max_digits=5, decimal_places=2)
    working_days = models.DecimalField(_("working days"), max_digits=5, decimal_places=2)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    detail = models.JSONField(_("detail"), default=dict)
    reason_code = models.CharField(_("reason"), max_length=40)
    reason_data = models.JSONField(_("reason data"), default=dict)
    content_hash = models.CharField(_("content hash"), max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decision_reason = models.TextField(_("reason of the decision"), blank=True)

    class Meta:
        ordering = ["proposal", "employee__employee_no", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "employee", "version"], name="performancepay_one_per_person"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, performance_pay__gte=0, coefficient__gte=0),
                name="performancepay_not_negative",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "posted", "reversed"])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="performancepay_decided_by_a_named_human",
            ),
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def no(self) -> str:
        """The source number a payroll line shows, `2025-11-1/PAY/E0001`."""
        tail = f"/{self.version}" if self.version > 1 else ""
        return f"{self.proposal.no}/PAY/{self.employee.employee_no}{tail}"
