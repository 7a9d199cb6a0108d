"""Customers, what they agreed to, how often they may be asked, and who served them when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from organization.models import Department, Employee, Position


class Customer(models.Model):
    """A customer by number only; name and contacts stand apart so that they can be erased.

    `erased_at`: the customer asked for erasure; from then on no import brings a contact back.
    """

    customer_no = models.CharField(_("customer number"), max_length=60, unique=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    erased_at = models.DateTimeField(_("erased at"), null=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["customer_no"]

    def __str__(self) -> str:
        return self.customer_no


class CustomerContact(models.Model):
    """Personal data of a customer. Deleting the row erases the person, not the answers."""

    customer = models.OneToOneField(
        Customer, models.CASCADE, primary_key=True, related_name="contact"
    )
    name = models.CharField(_("name"), max_length=120, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("customer contact")
        verbose_name_plural = _("customer contacts")

    def __str__(self) -> str:
        return str(self.customer_id)


class Consent(models.Model):
    """Agreement of a customer to one purpose under one version of the privacy notice."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=60)
    version = models.CharField(_("version of the notice"), max_length=40)
    given_at = models.DateTimeField(_("given at"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["customer", "purpose", "given_at"]
        constraints = [
            models.UniqueConstraint(
                name="consent_one_live",
                fields=["customer", "purpose"],
                condition=Q(withdrawn_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.purpose}"


class ContactRefusal(models.Model):
    """The customer asked never to be surveyed again; only the customer can take it back."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="refusals")
    refused_at = models.DateTimeField(_("refused at"))
    taken_back_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    class Meta:
        verbose_name = _("contact refusal")
        verbose_name_plural = _("contact refusals")
        ordering = ["customer", "refused_at"]
        constraints = [
            models.UniqueConstraint(
                name="contact_refusal_one_live",
                fields=["customer"],
                condition=Q(taken_back_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.refused_at:%Y-%m-%d}"


class SurveyContact(models.Model):
    """One invitation or reminder that was sent: the log the contact rules count."""

    class Kind(models.TextChoices):
        INVITATION = "invitation", _("invitation")
        REMINDER = "reminder", _("reminder")

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="survey_contacts")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    reference = models.CharField(
        _("reference"), max_length=120, help_text=_("The survey or case the message was about.")
    )
    sent_at = models.DateTimeField(_("sent at"))

    class Meta:
        verbose_name = _("survey contact")
        verbose_name_plural = _("survey contacts")
        ordering = ["customer", "sent_at"]
        indexes = [models.Index(fields=["customer", "sent_at"], name="survey_contact_when")]
        constraints = [
            models.UniqueConstraint(
                name="survey_contact_one_invitation",
                fields=["customer", "reference"],
                condition=Q(kind="invitation"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.kind} {self.reference}"


class Stage(models.TextChoices):
    PRE_SALE = "pre_sale", _("before the sale")
    SALE = "sale", _("sale")
    AFTER_SALE = "after_sale", _("after the sale")


class ServiceEvent(models.Model):
    """A service a customer received. Who served stands in ServiceEventPerson, frozen when the
    event was recorded; it changes only by services.reattribute_event."""

    event_no = models.CharField(_("event number"), max_length=60, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="events")
    stage = models.CharField(_("stage"), max_length=12, choices=Stage)
    channel = models.CharField(_("channel"), max_length=40, blank=True)
    occurred_at = models.DateTimeField(_("occurred at"))
    department = models.ForeignKey(Department, models.PROTECT, related_name="events")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("service event")
        verbose_name_plural = _("service events")
        ordering = ["event_no"]
        indexes = [
            models.Index(fields=["department", "occurred_at"], name="service_event_where_when"),
        ]
        constraints = [
            models.CheckConstraint(
                name="service_event_stage_known", condition=Q(stage__in=Stage.values)
            ),
        ]

    def __str__(self) -> str:
        return self.event_no


class ServiceEventPerson(models.Model):
    """One person who served in an event; order 0 is the lead."""

    event = models.ForeignKey(ServiceEvent, models.CASCADE, related_name="people")
    employee = models.ForeignKey(Employee, models.PROTECT, related_name="served_events")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    position = models.ForeignKey(Position, models.PROTECT, related_name="+")
    order = models.PositiveSmallIntegerField(_("order"))

    class Meta:
        verbose_name = _("person of an event")
        verbose_name_plural = _("people of an event")
        ordering = ["event", "order"]
        constraints = [
            models.UniqueConstraint(
                name="event_person_one_per_position", fields=["event", "position"]
            ),
            models.UniqueConstraint(name="event_person_order", fields=["event", "order"]),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.order}"


class EventReattribution(models.Model):
    """A decided correction of who served. Append-only; `before` and `after` are lists of
    [employee_id, department_id, position_id] in order, lead first."""

    event = models.ForeignKey(ServiceEvent, models.PROTECT, related_name="reattributions")
    number = models.PositiveIntegerField()
    department_before = models.ForeignKey(Department, models.PROTECT, related_name="+")
    department_after = models.ForeignKey(Department, models.PROTECT, related_name="+")
    before = models.JSONField()
    after = models.JSONField()
    reason = models.TextField(_("reason"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("re-attribution")
        verbose_name_plural = _("re-attributions")
        ordering = ["event", "number"]
        constraints = [
            models.UniqueConstraint(name="reattribution_number", fields=["event", "number"]),
            models.CheckConstraint(name="reattribution_has_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.number}"
