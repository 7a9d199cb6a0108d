"""Measured facts that arrive by file or API: a numerator and a denominator per person."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from assessments.models.indicators import Indicator


class Measurement(models.Model):
    """One figure of one source; append-only, of each (…, source_ref) the highest version is valid.

    `period_key` is a month, quarter or year ("2026-03", "2026-Q1", "2026"); the figures of one
    indicator, person and period with different `source_ref` add up.
    """

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="measurements")
    employee = models.ForeignKey(
        "organization.Employee", models.PROTECT, related_name="measurements"
    )
    period_key = models.CharField(_("period"), max_length=7)
    first_day = models.DateField()
    last_day = models.DateField()
    source_ref = models.CharField(_("source"), max_length=200, blank=True)
    version = models.PositiveIntegerField(_("version"))
    numerator = models.DecimalField(_("numerator"), max_digits=18, decimal_places=6)
    denominator = models.DecimalField(_("denominator"), max_digits=18, decimal_places=6)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("measurement")
        verbose_name_plural = _("measurements")
        ordering = ["period_key", "employee", "indicator", "source_ref", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["period_key", "employee", "indicator", "source_ref", "version"],
                name="measurement_version_unique",
            ),
            models.CheckConstraint(
                name="measurement_not_negative",
                condition=Q(numerator__gte=0, denominator__gte=0),
            ),
        ]
        indexes = [models.Index(fields=["first_day", "last_day"], name="measurement_days")]

    def __str__(self) -> str:
        return f"{self.period_key} {self.employee_id} {self.indicator_id} v{self.version}"
