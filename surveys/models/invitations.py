"""How customers are brought to a questionnaire: invitations, their links, what is typed so far.

A link holds 256 random bits; only its SHA-256 is stored, so whoever reads the database cannot
answer for a customer. An invitation may have several valid links: each e-mail of it carries its
own, because the one before cannot be read back. Issuing a link anew revokes the others.
"""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.deadlines import last_day
from surveys.models.questionnaires import Survey
from surveys.models.responses import Response


class Invitation(models.Model):
    """One link's worth of answering: one answer to a service event, or a poster for many.

    Who is evaluated is never stored here: an answer to an event takes the people frozen in the
    event, an answer to a poster counts for its department and for nobody in person.
    """

    class Kind(models.TextChoices):
        EVENT = "event", _("one service event")
        OPEN = "open", _("poster, many answers")

    class Channel(models.TextChoices):
        EMAIL = "email", _("link by e-mail")
        SMS = "sms", _("link to copy into a text message")
        QR = "qr", _("printed QR code")

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="invitations")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    channel = models.CharField(_("way"), max_length=8, choices=Channel)
    event = models.ForeignKey(
        "customers.ServiceEvent", models.PROTECT, related_name="invitations", null=True
    )
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="invitations", null=True
    )
    department = models.ForeignKey(
        "organization.Department", models.PROTECT, related_name="invitations", null=True
    )
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    expires_at = models.DateTimeField(_("valid until"))
    created_at = models.DateTimeField(_("created at"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True
    )
    used_at = models.DateTimeField(_("answered at"), null=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True)
    mail_due = models.BooleanField(default=False)
    mail_claimed_at = models.DateTimeField(null=True)
    mail_failures = models.PositiveSmallIntegerField(default=0)
    mail_retry_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    reminders = models.PositiveSmallIntegerField(_("reminders"), default=0)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="surveys_invitation_one_per_event",
                fields=["survey", "event"],
                condition=Q(event__isnull=False),
            ),
            models.CheckConstraint(
                name="surveys_invitation_event_or_open",
                condition=Q(kind="event", event__isnull=False, customer__isnull=False)
                | Q(kind="open", event__isnull=True, customer__isnull=True, used_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], name="surveys_invitation_mail_due", condition=Q(mail_due=True)
            ),
            models.Index(fields=["survey", "-id"], name="surveys_invitation_list"),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.pk}"

    @property
    def last_day(self) -> date:
        """The last day the links work, whole."""
        return last_day(self.expires_at)


class InvitationLink(models.Model):
    """One link of an invitation; `digest` is the SHA-256 of its token."""

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("created at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True)

    class Meta:
        verbose_name = _("link of an invitation")
        verbose_name_plural = _("links of invitations")

    def __str__(self) -> str:
        return str(self.invitation_id)


class AnswerDraft(models.Model):
    """What was typed so far, so that the same link goes on where it was left.

    Personal data, erasable: gone when the answer is submitted, or some days after the last change.
    `key` tells the browsers of a poster apart and is empty for an event. `answers` holds what was
    typed by question code, not yet checked.
    """

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="drafts")
    key = models.CharField(max_length=64, blank=True)
    answers = models.JSONField(default=dict)
    page = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(_("started at"))
    updated_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("draft of an answer")
        verbose_name_plural = _("drafts of answers")
        constraints = [
            models.UniqueConstraint(fields=["invitation", "key"], name="surveys_draft_unique")
        ]
        indexes = [models.Index(fields=["updated_at"], name="surveys_draft_updated")]

    def __str__(self) -> str:
        return str(self.invitation_id)


class AnswerConsent(models.Model):
    """Under which version of the privacy notice an answer was given; names nobody."""

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="+")
    answered_on = models.DateField()
    response_id = models.BigIntegerField()
    response = models.ForeignObject(
        Response,
        models.DO_NOTHING,
        from_fields=["answered_on", "response_id"],
        to_fields=["answered_on", "id"],
        related_name="consents",
    )
    notice_version = models.CharField(_("version of the notice"), max_length=40)
    contact = models.BooleanField(_("agreed to be contacted"), default=False)
    language = models.CharField(_("language"), max_length=10)

    class Meta:
        verbose_name = _("consent of an answer")
        verbose_name_plural = _("consents of answers")
        constraints = [
            models.UniqueConstraint(
                fields=["answered_on", "response_id"], name="surveys_consent_one_per_response"
            )
        ]

    def __str__(self) -> str:
        return str(self.response_id)


class AnswerRate(models.Model):
    """How often something was posted within a span of time: a brake, not a record of persons.

    `key` is a keyed hash; rows are dropped after a day.
    """

    key = models.CharField(max_length=64)
    since = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("rate of answering")
        verbose_name_plural = _("rates of answering")
        constraints = [models.UniqueConstraint(fields=["key", "since"], name="surveys_rate_unique")]

    def __str__(self) -> str:
        return f"{self.since:%H:%M} {self.count}"
