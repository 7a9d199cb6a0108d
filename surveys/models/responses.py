"""A response is one immutable row; what identifies a person lies beside it and can be erased.

The tables are partitioned by month of `answered_on` (see surveys/sql); the primary key holds the
partition key, so other tables refer to a response by a pair of columns (ForeignObject) with a real
foreign key in SQL.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from surveys.models.questionnaires import ExactDecoder, ExactEncoder, Survey


class Channel(models.TextChoices):
    PHONE = "phone", _("telephone")
    ONLINE = "online", _("online")
    ON_SITE = "on_site", _("on site")


class Response(models.Model):
    """One answered questionnaire with the attribution frozen when it arrived.

    `people` lists [employee id, department id, position id] for each person of the service event,
    the lead first; employee, department and position repeat the lead. `answers` holds no free text.
    `score_micro` is the overall score over all items in 1e-6 points.
    """

    pk = models.CompositePrimaryKey("answered_on", "id")
    id = models.BigIntegerField(
        db_default=models.Func(models.Value("surveys_response_id_seq"), function="nextval")
    )
    answered_on = models.DateField(_("answered on"))
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="responses")
    response_no = models.CharField(_("response number"), max_length=100)
    event = models.ForeignKey(
        "customers.ServiceEvent", models.PROTECT, related_name="responses", null=True
    )
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="responses", null=True
    )
    employee = models.ForeignKey(
        "organization.Employee", models.PROTECT, related_name="responses", null=True
    )
    department = models.ForeignKey(
        "organization.Department", models.PROTECT, related_name="responses", null=True
    )
    position = models.ForeignKey(
        "organization.Position", models.PROTECT, related_name="responses", null=True
    )
    people = models.JSONField(_("people"), default=list)
    channel = models.CharField(_("channel"), max_length=16, choices=Channel.choices)
    interviewer_no = models.CharField(_("interviewer number"), max_length=64, blank=True)
    started_at = models.DateTimeField(_("started at"), null=True)
    submitted_at = models.DateTimeField(_("submitted at"))
    received_at = models.DateTimeField(_("received at"))
    answers = models.JSONField(_("answers"), encoder=ExactEncoder, decoder=ExactDecoder)
    score_micro = models.BigIntegerField(_("overall score (1e-6 points)"), null=True)
    late = models.BooleanField(_("arrived after the cut-off"), default=False)

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")

    def __str__(self) -> str:
        return self.response_no


class ResponseKey(models.Model):
    """What must be unique over all months: inserted first, so that of many racers one row is left.

    `event` is set on the first answer to a case to arrive (which one counts, cleaning decides).
    `content_hash` covers the answer as it was sent, without personal data, and tells "the same
    again" from "other content".
    """

    # Survey and event repeat the response's, whose foreign keys hold them.
    survey = models.ForeignKey(
        Survey, models.PROTECT, related_name="keys", db_index=False, db_constraint=False
    )
    response_no = models.CharField(max_length=100)
    event = models.ForeignKey(
        "customers.ServiceEvent",
        models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        db_constraint=False,
    )
    content_hash = models.CharField(max_length=64)
    answered_on = models.DateField()
    response_id = models.BigIntegerField()
    response = models.ForeignObject(
        Response,
        models.DO_NOTHING,
        from_fields=["answered_on", "response_id"],
        to_fields=["answered_on", "id"],
        related_name="keys",
    )

    class Meta:
        verbose_name = _("response key")
        verbose_name_plural = _("response keys")
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "response_no"], name="surveys_key_response_no_unique"
            ),
            models.UniqueConstraint(
                fields=["survey", "event"],
                condition=models.Q(event__isnull=False),
                name="surveys_key_event_unique",
            ),
        ]
        indexes = [models.Index(fields=["response_id"], name="surveys_key_response")]

    def __str__(self) -> str:
        return self.response_no


class ResponsePersonal(models.Model):
    """Personal data of a response: erasable, so nothing else may repeat it.

    To erase is to blank every field and set `erased_at`; the row stays, so that the same answer
    sent again is still known as the same.
    """

    pk = models.CompositePrimaryKey("answered_on", "response_id")
    answered_on = models.DateField()
    response_id = models.BigIntegerField()
    response = models.ForeignObject(
        Response,
        models.DO_NOTHING,
        from_fields=["answered_on", "response_id"],
        to_fields=["answered_on", "id"],
        related_name="personal",
    )
    device = models.CharField(_("device"), max_length=200, blank=True)
    network = models.CharField(_("network"), max_length=200, blank=True)
    phone = models.CharField(_("telephone"), max_length=64, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    texts = models.JSONField(_("free texts"), default=dict)
    erased_at = models.DateTimeField(_("erased at"), null=True)

    class Meta:
        verbose_name = _("personal data of a response")
        verbose_name_plural = _("personal data of responses")

    def __str__(self) -> str:
        return str(self.response_id)


class ResponseReattribution(models.Model):
    """A decided correction of whom a response counts for; append-only, the last one is valid.

    `before` and `after` are lists of [employee id, department id, position id], the lead first.
    """

    answered_on = models.DateField()
    response_id = models.BigIntegerField()
    response = models.ForeignObject(
        Response,
        models.DO_NOTHING,
        from_fields=["answered_on", "response_id"],
        to_fields=["answered_on", "id"],
        related_name="reattributions",
    )
    number = models.PositiveIntegerField()
    before = models.JSONField()
    after = models.JSONField()
    reason = models.TextField(_("reason"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("re-attribution of a response")
        verbose_name_plural = _("re-attributions of responses")
        constraints = [
            models.UniqueConstraint(
                fields=["answered_on", "response_id", "number"],
                name="surveys_reattribution_number_unique",
            ),
            models.CheckConstraint(
                condition=~models.Q(reason=""), name="surveys_reattribution_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response_id} {self.number}"
