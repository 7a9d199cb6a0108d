"""The cut-off of a period: what was judged later does not reach it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DataLock(models.Model):
    """Days whose verdicts are read as of `cutoff_at`, until the lock is released."""

    key = models.CharField(_("period"), max_length=32, unique=True)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    cutoff_at = models.DateTimeField(_("cut-off"))
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)

    class Meta:
        verbose_name = _("data lock")
        verbose_name_plural = _("data locks")
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")),
                name="surveys_lock_days_in_order",
            )
        ]

    def __str__(self) -> str:
        return self.key
