"""Figures of a closed survey that its answers are judged by from then on."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from surveys.models.questionnaires import Survey


class CleaningBaseline(models.Model):
    """Medians of time taken and moments of the answers, frozen when the survey closed.

    Answers that arrive later, or are judged again, are held against these same figures, so a
    verdict does not move because others answered.
    """

    survey = models.OneToOneField(Survey, models.PROTECT, related_name="baseline")
    figures = models.JSONField(_("figures"))
    frozen_at = models.DateTimeField(_("frozen at"))

    class Meta:
        verbose_name = _("cleaning baseline")
        verbose_name_plural = _("cleaning baselines")

    def __str__(self) -> str:
        return str(self.survey_id)
