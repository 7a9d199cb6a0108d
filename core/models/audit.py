"""The audit trail: append-only rows, and beside them the chain that seals their order."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class CurrentTransaction(models.Func):
    """The number of the running transaction; the sealer orders rows by it."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class AuditEntry(models.Model):
    """Who did what to which object. Ids, field names, amounts; never personal data."""

    at = models.DateTimeField(_("time"), db_default=Now())
    xid = models.BigIntegerField(db_default=CurrentTransaction())
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )
    channel = models.CharField(_("by way of"), max_length=20)
    verb = models.CharField(_("what"), max_length=100)
    object_type = models.CharField(max_length=100, blank=True)
    object_id = models.CharField(max_length=100, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [
            models.Index(fields=["xid", "id"], name="audit_xid"),
            models.Index(fields=["object_type", "object_id", "id"], name="audit_object"),
            models.Index(fields=["actor", "id"], name="audit_actor"),
            models.Index(fields=["verb", "id"], name="audit_verb"),
            models.Index(fields=["at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.verb} {self.object_type} {self.object_id}"


class AuditSeal(models.Model):
    """One link of the chain: the entry at place `seq` and the hash over it and all before it."""

    seq = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, models.PROTECT, related_name="seal")
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.seq} {self.hash}"


class AuditSalt(models.Model):
    """The salt of one object's hashed values. Deleting it makes the hashes meaningless."""

    object_type = models.CharField(max_length=100)
    object_id = models.CharField(max_length=100)
    salt = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["object_type", "object_id"], name="one_audit_salt_per_object"
            )
        ]

    def __str__(self) -> str:
        return f"{self.object_type} {self.object_id}"
