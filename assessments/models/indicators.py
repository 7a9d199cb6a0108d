"""What can be measured about a person's work. The weight belongs to the scheme, not to it."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Indicator(models.Model):
    """An indicator by its lasting code; what it means stands in its versions."""

    code = models.CharField(_("code"), max_length=40, unique=True)

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class IndicatorVersion(models.Model):
    """One wording and formula of an indicator; append-only, the highest number is valid.

    `unit` says how the value is computed: percent and score_0_100 are 100 * numerator /
    denominator, business_minutes is numerator / denominator; satisfaction comes from responses.
    """

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    unit = models.CharField(_("unit"), max_length=20)
    direction = models.CharField(_("direction"), max_length=4)
    spec = models.JSONField(_("definition"))
    content_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("indicator version")
        verbose_name_plural = _("indicator versions")
        ordering = ["indicator", "number"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "number"], name="indicator_version_unique")
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} v{self.number}"
