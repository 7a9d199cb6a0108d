"""Questionnaires with their versions, cleaning rule sets, and the surveys that ask them."""

import json
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class ExactEncoder(DjangoJSONEncoder):
    """Writes Decimal as a JSON number; specs hold at most 15 digits, which a float prints back."""

    def default(self, o: Any) -> Any:
        return float(o) if isinstance(o, Decimal) else super().default(o)


class ExactDecoder(json.JSONDecoder):
    """Reads JSON fractions as Decimal, so that weights stay what was written."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["parse_float"] = Decimal
        super().__init__(*args, **kwargs)


class Questionnaire(models.Model):
    code = models.CharField(_("code"), max_length=64, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200)

    class Meta:
        verbose_name = _("questionnaire")
        verbose_name_plural = _("questionnaires")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class QuestionnaireVersion(models.Model):
    """One wording with its weights and accountable positions; immutable once published."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        RETIRED = "retired", _("retired")

    TRANSITIONS = {
        Status.DRAFT: {Status.PUBLISHED},
        Status.PUBLISHED: {Status.RETIRED},
        Status.RETIRED: set(),
    }

    questionnaire = models.ForeignKey(
        Questionnaire, models.PROTECT, related_name="versions", verbose_name=_("questionnaire")
    )
    number = models.PositiveIntegerField(_("version number"))
    spec = models.JSONField(_("content"), encoder=ExactEncoder, decoder=ExactDecoder)
    content_hash = models.CharField(_("content hash"), max_length=64)
    status = models.CharField(
        _("status"), max_length=16, choices=Status.choices, default=Status.DRAFT
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)

    class Meta:
        verbose_name = _("questionnaire version")
        verbose_name_plural = _("questionnaire versions")
        ordering = ["questionnaire", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["questionnaire", "number"], name="surveys_version_number_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(status="draft")
                | models.Q(approved_by__isnull=False, approved_at__isnull=False),
                name="surveys_version_published_is_approved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire.code} v{self.number}"


class CleaningRuleSet(models.Model):
    """Thresholds of the cleaning checks, approved before fieldwork; never edited, only renewed."""

    code = models.CharField(_("code"), max_length=64)
    version = models.PositiveIntegerField(_("version number"))
    spec = models.JSONField(_("content"), encoder=ExactEncoder, decoder=ExactDecoder)
    content_hash = models.CharField(_("content hash"), max_length=64)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)

    class Meta:
        verbose_name = _("cleaning rule set")
        verbose_name_plural = _("cleaning rule sets")
        ordering = ["code", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "version"], name="surveys_rule_set_version_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class Survey(models.Model):
    """A published questionnaire in the field; both days inclusive, by submitted_at in Shanghai."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    TRANSITIONS = {Status.OPEN: {Status.CLOSED}, Status.CLOSED: set()}

    code = models.CharField(_("code"), max_length=64, unique=True)
    version = models.ForeignKey(
        QuestionnaireVersion, models.PROTECT, related_name="surveys", verbose_name=_("version")
    )
    rule_set = models.ForeignKey(
        CleaningRuleSet,
        models.PROTECT,
        related_name="surveys",
        null=True,
        blank=True,
        verbose_name=_("cleaning rule set"),
    )
    opens_on = models.DateField(_("first day"))
    closes_on = models.DateField(_("last day"))
    status = models.CharField(
        _("status"), max_length=16, choices=Status.choices, default=Status.OPEN
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closes_on__gte=models.F("opens_on")),
                name="surveys_survey_window_in_order",
            )
        ]

    def __str__(self) -> str:
        return self.code
