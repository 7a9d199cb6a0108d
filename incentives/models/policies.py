"""Policies: the company's rules for awards, penalties and pay, as versioned data."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Policy(models.Model):
    """The lasting name of a policy; what it says stands in its versions."""

    code = models.CharField(_("code"), max_length=64, unique=True)

    def __str__(self) -> str:
        return self.code


class PolicyVersion(models.Model):
    """One wording of a policy, immutable once imported.

    A version is in force from `effective_from` until the next active version of any policy.
    `spec` keeps money and percentages as text, so JSONB never turns them into floats.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        ACTIVE = "active", _("active")
        RETIRED = "retired", _("retired")

    TRANSITIONS = {
        Status.DRAFT: {Status.ACTIVE, Status.RETIRED},
        Status.ACTIVE: set(),
        Status.RETIRED: set(),
    }

    policy = models.ForeignKey(Policy, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    spec = models.JSONField(_("content"))
    content_hash = models.CharField(_("content hash"), max_length=64)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.DRAFT
    )
    effective_from = models.DateField(_("effective from"))
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True
    )
    imported_at = models.DateTimeField(_("imported at"), auto_now_add=True)
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True
    )
    activated_at = models.DateTimeField(_("activated at"), null=True)
    evidence = models.JSONField(_("evidence"), null=True)

    class Meta:
        ordering = ["policy__code", "number"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policyversion_number"),
            models.UniqueConstraint(
                fields=["policy", "content_hash"],
                condition=~Q(status="retired"),
                name="policyversion_live_content",
            ),
            models.UniqueConstraint(
                fields=["effective_from"],
                condition=Q(status="active"),
                name="policyversion_one_active_per_date",
            ),
            models.CheckConstraint(
                condition=~Q(status="active")
                | Q(activated_by__isnull=False, activated_at__isnull=False, evidence__isnull=False),
                name="policyversion_active_needs_evidence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy.code} v{self.number}"

    @property
    def name(self) -> str:
        """The policy's name in the reader's language."""
        return str(self.spec["name_zh" if (get_language() or "").startswith("zh") else "name_en"])


class Simulation(models.Model):
    """What a policy version would have paid in past periods; evidence, never pay itself."""

    policy_version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="simulations")
    content_hash = models.CharField(_("content hash"), max_length=64)
    periods = models.JSONField(_("periods"))
    result = models.JSONField(_("result"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.policy_version} #{self.pk}"


class Jurisdiction(models.Model):
    """The local wage rules of one city from one date on, versioned when corrected.

    `monthly_minimum_wage` is in CNY and may be unknown: then recoveries and fines are refused.
    `fine_cap_percent` is in percent points of the month's wage and stands only with `capped`.
    """

    class FineRule(models.TextChoices):
        NO = "no", _("no fines")
        COUNSEL = "counsel", _("ask counsel")
        CAPPED = "capped", _("capped")

    city = models.CharField(_("city"), max_length=100)
    effective_from = models.DateField(_("effective from"))
    version = models.PositiveIntegerField(_("version"), default=1)
    monthly_minimum_wage = models.DecimalField(
        _("monthly minimum wage"), max_digits=12, decimal_places=2, null=True
    )
    social_insurance_on_top = models.BooleanField(_("own social insurance must fit above"))
    fine_rule = models.CharField(_("fine rule"), max_length=10, choices=FineRule.choices)
    fine_cap_percent = models.DecimalField(
        _("fine cap, percent"), max_digits=5, decimal_places=2, null=True
    )
    source_note = models.TextField(_("source"), blank=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True
    )
    imported_at = models.DateTimeField(_("imported at"), auto_now_add=True)
    superseded_at = models.DateTimeField(_("superseded at"), null=True)

    class Meta:
        ordering = ["city", "effective_from", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "effective_from", "version"], name="jurisdiction_version"
            ),
            models.UniqueConstraint(
                fields=["city", "effective_from"],
                condition=Q(superseded_at__isnull=True),
                name="jurisdiction_one_current",
            ),
            models.CheckConstraint(
                condition=Q(fine_rule="capped", fine_cap_percent__isnull=False)
                | (~Q(fine_rule="capped") & Q(fine_cap_percent__isnull=True)),
                name="jurisdiction_cap_only_with_capped",
            ),
            models.CheckConstraint(
                condition=Q(monthly_minimum_wage__isnull=True) | Q(monthly_minimum_wage__gt=0),
                name="jurisdiction_minimum_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.city} {self.effective_from}"
