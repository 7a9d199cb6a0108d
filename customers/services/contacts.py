"""What customers agreed to, what they refused, and what was sent to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from core import audit
from core.locks import Lock, take, take_all
from core.models import User
from core.permissions import require
from customers.models import Consent, ContactRefusal, Customer, SurveyContact
from customers.permissions import may_contact
from customers.queries import may_remind, not_to_invite
from customers.rules import LeaveAlone, TooOften


@transaction.atomic
def record_contact(
    customer: Customer, *, reference: str, now: datetime, reminder: bool = False
) -> SurveyContact:
    """Log an invitation or a reminder that goes out now. Against the contact rules: Denied, so
    whoever sends logs first. The log is its own record; there is no audit row."""
    take(Lock.CUSTOMERS, customer.pk)
    asked = may_contact(
        customer, timezone.localdate(now), reminder_of=reference if reminder else None
    )
    require(asked)
    kind = SurveyContact.Kind.REMINDER if reminder else SurveyContact.Kind.INVITATION
    return SurveyContact.objects.create(
        customer=customer, kind=kind, reference=reference, sent_at=now
    )


@transaction.atomic
def record_invitations(
    references: Mapping[int, str], *, now: datetime
) -> dict[int, LeaveAlone | TooOften]:
    """Log an invitation now for each customer (id -> reference) whom the contact rules allow;
    returns the others with the reason. For many customers what record_contact is for one."""
    take_all(Lock.CUSTOMERS, references)
    refused = not_to_invite(references, timezone.localdate(now))
    SurveyContact.objects.bulk_create(
        [
            SurveyContact(
                customer_id=customer_id,
                kind=SurveyContact.Kind.INVITATION,
                reference=reference,
                sent_at=now,
            )
            for customer_id, reference in references.items()
            if customer_id not in refused
        ],
        batch_size=1000,
    )
    return refused


@transaction.atomic
def record_reminders(references: Mapping[str, int], *, now: datetime) -> set[str]:
    """Log a reminder now for each reference (-> customer id) that may still be reminded of;
    returns those."""
    take_all(Lock.CUSTOMERS, set(references.values()))
    allowed = may_remind(references)
    SurveyContact.objects.bulk_create(
        [
            SurveyContact(
                customer_id=references[reference],
                kind=SurveyContact.Kind.REMINDER,
                reference=reference,
                sent_at=now,
            )
            for reference in sorted(allowed)
        ],
        batch_size=1000,
    )
    return allowed


@transaction.atomic
def refuse_contact(
    customer: Customer, *, now: datetime, actor: User | None = None
) -> ContactRefusal:
    """Never survey this customer again. `actor` None: the customer's own click."""
    take(Lock.CUSTOMERS, customer.pk)
    refusal, created = ContactRefusal.objects.get_or_create(
        customer=customer, taken_back_at=None, defaults={"refused_at": now}
    )
    if created:
        audit.record(actor, "customer.refused_contact", customer)
    return refusal


@transaction.atomic
def take_back_refusal(customer: Customer, *, now: datetime, actor: User | None = None) -> None:
    """The customer wants to be asked again."""
    take(Lock.CUSTOMERS, customer.pk)
    if ContactRefusal.objects.filter(customer=customer, taken_back_at=None).update(
        taken_back_at=now
    ):
        audit.record(actor, "customer.took_back_refusal", customer)


@transaction.atomic
def give_consent(customer: Customer, *, purpose: str, version: str, now: datetime) -> Consent:
    """The customer agreed to a purpose; another version of the notice replaces the one before."""
    take(Lock.CUSTOMERS, customer.pk)
    live = Consent.objects.filter(customer=customer, purpose=purpose, withdrawn_at=None)
    current = live.first()
    if current is not None and current.version == version:
        return current
    live.update(withdrawn_at=now)
    consent = Consent.objects.create(
        customer=customer, purpose=purpose, version=version, given_at=now
    )
    audit.record(None, "consent.given", customer, purpose=purpose, version=version)
    return consent


@transaction.atomic
def withdraw_consent(customer: Customer, *, purpose: str, now: datetime) -> None:
    """The customer no longer agrees; what was done until now stays lawful."""
    take(Lock.CUSTOMERS, customer.pk)
    live = Consent.objects.filter(customer=customer, purpose=purpose, withdrawn_at=None)
    if live.update(withdrawn_at=now):
        audit.record(None, "consent.withdrawn", customer, purpose=purpose)
