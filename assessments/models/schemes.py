"""How the work of a position becomes a score: versioned, approved, with an effective date."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _


class Scheme(models.Model):
    """A scheme by its lasting code."""

    code = models.CharField(_("code"), max_length=64, unique=True)

    class Meta:
        verbose_name = _("scheme")
        verbose_name_plural = _("schemes")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class SchemeVersion(models.Model):
    """One approved content of a scheme; append-only. Numbers in `spec` are text, so exact."""

    class AppliesTo(models.TextChoices):
        EMPLOYEE = "employee", _("employee")
        DEPARTMENT = "department", _("department")

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    spec = models.JSONField(_("content"))
    content_hash = models.CharField(max_length=64)
    effective_from = models.DateField(_("for periods beginning on or after"))
    applies_to = models.CharField(_("applies to"), max_length=16, choices=AppliesTo)
    position_codes = ArrayField(
        models.CharField(max_length=40), verbose_name=_("positions"), default=list
    )
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(_("approved at"))

    class Meta:
        verbose_name = _("scheme version")
        verbose_name_plural = _("scheme versions")
        ordering = ["scheme", "number"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "number"], name="scheme_version_unique")
        ]
        indexes = [GinIndex(fields=["position_codes"], name="scheme_positions")]

    def __str__(self) -> str:
        return f"{self.scheme_id} v{self.number}"
