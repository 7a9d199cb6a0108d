"""Verdicts say whether a response counts; they are only ever added."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from surveys.models.questionnaires import CleaningRuleSet, Survey
from surveys.models.reasons import reason_words
from surveys.models.responses import Response


class Judgement(models.TextChoices):
    COUNTED = "counted", _("counted")
    REVIEW = "review", _("in review")
    EXCLUDED = "excluded", _("excluded")


class Verdict(models.Model):
    """One judgement on a response; the highest `seq` is the valid one. No `decided_by`: machine.

    A response in review counts until a human excludes it.
    """

    pk = models.CompositePrimaryKey("answered_on", "response_id", "seq")
    answered_on = models.DateField()
    response_id = models.BigIntegerField()
    seq = models.PositiveIntegerField()
    response = models.ForeignObject(
        Response,
        models.DO_NOTHING,
        from_fields=["answered_on", "response_id"],
        to_fields=["answered_on", "id"],
        related_name="verdicts",
    )
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="verdicts")
    verdict = models.CharField(_("verdict"), max_length=16, choices=Judgement.choices)
    checks = ArrayField(models.CharField(max_length=64), verbose_name=_("checks"), default=list)
    evidence = models.JSONField(_("evidence"), default=dict)
    # Rule sets are never deleted, and each verdict names one that was read: no key in the database.
    rule_set = models.ForeignKey(
        CleaningRuleSet, models.PROTECT, related_name="verdicts", null=True, db_constraint=False
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True
    )
    reason = models.TextField(_("reason"), blank=True)
    source = models.CharField(_("source"), max_length=64, blank=True)
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")

    def __str__(self) -> str:
        return f"{self.response_id}/{self.seq} {self.verdict}"

    @property
    def reason_words(self) -> str:
        """The reason in the language that is active."""
        return reason_words(self.reason, self.source)


class KeptFinding(models.Model):
    """What cleaning had found in personal data that were erased since; only ever added.

    Without it a cleaning after an erasure would judge the answer anew, and those it was alike with.
    `code` is a check of the catalogue and `figures` its evidence, which holds no personal data; or
    `written`, with the codes of the required text questions that were answered.
    """

    WRITTEN = "written"

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="+")
    answered_on = models.DateField()
    response_id = models.BigIntegerField()
    response = models.ForeignObject(
        Response,
        models.DO_NOTHING,
        from_fields=["answered_on", "response_id"],
        to_fields=["answered_on", "id"],
        related_name="kept_findings",
    )
    code = models.CharField(max_length=64)
    figures = models.JSONField(default=dict)
    kept_at = models.DateTimeField(_("kept at"))

    class Meta:
        verbose_name = _("finding in erased data")
        verbose_name_plural = _("findings in erased data")
        constraints = [
            models.UniqueConstraint(
                name="surveys_kept_finding_once",
                fields=["answered_on", "response_id", "code", "figures"],
            )
        ]
        indexes = [models.Index(fields=["survey", "answered_on"], name="surveys_kept_finding")]

    def __str__(self) -> str:
        return f"{self.response_id} {self.code}"
