"""Months, quarters and years, the scoring runs in them, and who did what when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class PeriodStatus(models.TextChoices):
    DRAFT = "draft", _("draft")
    PLANNED = "planned", _("planned")
    COLLECTING = "collecting", _("collecting")
    DATA_LOCKED = "data_locked", _("data locked")
    SCORED = "scored", _("scored")
    IN_REVIEW = "in_review", _("in review")
    APPROVED = "approved", _("approved")
    RELEASED = "released", _("released")
    CLOSED = "closed", _("closed")


class PeriodKind(models.TextChoices):
    MONTH = "month", _("month")
    QUARTER = "quarter", _("quarter")
    YEAR = "year", _("year")


class Period(models.Model):
    """A month, quarter or year of assessment.

    `cutoff_at` is set while the period's data are locked: results read what counted then.
    `scored_hash` is the hash of the scored facts that show_period prints.
    """

    Status = PeriodStatus
    Kind = PeriodKind
    TRANSITIONS = {
        PeriodStatus.DRAFT: {PeriodStatus.PLANNED},
        PeriodStatus.PLANNED: {PeriodStatus.COLLECTING},
        PeriodStatus.COLLECTING: {PeriodStatus.DATA_LOCKED},
        PeriodStatus.DATA_LOCKED: {PeriodStatus.SCORED},
        PeriodStatus.SCORED: {PeriodStatus.SCORED, PeriodStatus.IN_REVIEW},
        PeriodStatus.IN_REVIEW: {PeriodStatus.APPROVED, PeriodStatus.SCORED},
        PeriodStatus.APPROVED: {PeriodStatus.RELEASED, PeriodStatus.SCORED},
        PeriodStatus.RELEASED: {PeriodStatus.CLOSED},
        PeriodStatus.CLOSED: set(),
    }

    key = models.CharField(_("period"), max_length=7, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=PeriodKind)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    status = models.CharField(
        _("status"), max_length=16, choices=PeriodStatus, default=PeriodStatus.DRAFT
    )
    cutoff_at = models.DateTimeField(_("data locked at"), null=True, blank=True)
    scored_hash = models.CharField(_("hash of the scored facts"), max_length=64, blank=True)
    current_run = models.ForeignKey(
        "ScoringRun", models.PROTECT, null=True, blank=True, related_name="+"
    )
    scored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    noticed_on = models.DateField(
        _("day of notice"), null=True, blank=True, help_text=_("Day 0 of the appeal deadline.")
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        ordering = ["first_day", "last_day"]
        constraints = [
            models.CheckConstraint(
                name="period_days_in_order", condition=Q(last_day__gt=F("first_day"))
            ),
            # The service says it in words; this is the last line of defence.
            models.CheckConstraint(
                name="period_by_different_people",
                condition=~Q(reviewed_by=F("scored_by"))
                & ~Q(approved_by=F("scored_by"))
                & ~Q(released_by=F("scored_by"))
                & ~Q(approved_by=F("reviewed_by"))
                & ~Q(released_by=F("reviewed_by"))
                & ~Q(released_by=F("approved_by")),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class PeriodAction(models.Model):
    """One step of a period, by whom, and the hash they confirmed; append-only."""

    period = models.ForeignKey(Period, models.PROTECT, related_name="actions")
    verb = models.CharField(_("step"), max_length=20)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("time"))
    confirmed_hash = models.CharField(_("evidence opened"), max_length=64, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    run = models.ForeignKey("ScoringRun", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("step of a period")
        verbose_name_plural = _("steps of a period")
        ordering = ["period", "id"]

    def __str__(self) -> str:
        return f"{self.period_id} {self.verb}"


class ScoringRun(models.Model):
    """One computation of a period. Immutable once `finished_at` is set.

    `frozen` maps a position code to its peer group: {group, level, status, icc, tau2, m, msw, msb,
    n0, N, J, modes}. `rules` names the versions it was computed by.
    """

    period = models.ForeignKey(Period, models.PROTECT, related_name="runs")
    number = models.PositiveIntegerField(_("run"))
    provisional = models.BooleanField(_("provisional"))
    inputs_hash = models.CharField(max_length=64)
    evidence_hash = models.CharField(max_length=64, blank=True)
    cutoff_at = models.DateTimeField(_("data as of"))
    frozen = models.JSONField(_("peer groups"))
    rules = models.JSONField(_("rule versions"))
    warnings = models.JSONField(_("data warnings"), default=list)
    job = models.ForeignKey("core.Job", models.SET_NULL, null=True, related_name="+")
    scored_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("scoring run")
        verbose_name_plural = _("scoring runs")
        ordering = ["period", "number"]
        constraints = [
            models.UniqueConstraint(fields=["period", "number"], name="scoring_run_number_unique")
        ]

    def __str__(self) -> str:
        return f"{self.period_id} run {self.number}"
