"""Who looked at whose pay, and at what customers wrote."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Look(models.Model):
    """An account was shown somebody else's pay, or comments, within one hour. Append-only.

    `page` names what was shown, `subject` the number of the thing (a batch, a line, an appeal);
    `person` whose pay it was, none where the page lists many. No amounts and no words are kept.
    """

    class Kind(models.TextChoices):
        PAY = "pay", _("pay")
        COMMENTS = "comments", _("what customers wrote")

    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who")
    )
    kind = models.CharField(max_length=10, choices=Kind)
    page = models.CharField(max_length=40)
    subject = models.CharField(max_length=100, blank=True)
    person = models.ForeignKey(
        "organization.Employee", models.PROTECT, null=True, related_name="looks"
    )
    hour = models.DateTimeField()
    at = models.DateTimeField(_("time"), db_default=Now())

    class Meta:
        verbose_name = _("look")
        verbose_name_plural = _("looks")
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "hour", "kind", "page", "subject", "person"],
                name="one_look_an_hour",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["pay", "comments"]), name="look_kind_known"
            ),
        ]
        indexes = [
            models.Index(fields=["reader", "id"], name="look_reader"),
            models.Index(fields=["person", "id"], name="look_person"),
            models.Index(fields=["at"], name="look_at"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.page} {self.subject}"
