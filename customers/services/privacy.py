"""What is stored about a customer, in one piece, and its erasure (PIPL articles 45 and 47).

Each app that holds data of customers says so by `register`, in AppConfig.ready; this app begins.
What lies in an app to the left is found here without importing it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import InvalidInput
from core.locks import Lock, take
from core.models import User
from core.permissions import require
from customers.models import Consent, ContactRefusal, Customer, CustomerContact
from customers.permissions import may_answer_for_data, may_erase
from customers.queries import Part, parts_of
from customers.services.contacts import refuse_contact


class Holder(Protocol):
    """What an app registers."""

    def held(self, customer: Customer) -> list[Part]:
        """Everything stored about the customer, titles and words in the active language."""

    def to_erase(self, customer: Customer) -> dict[str, int]:
        """How many rows of each kind an erasure would take now: the keys of `erase`."""

    def erase(self, customer: Customer, *, now: datetime) -> dict[str, int]:
        """Erase what is personal in the caller's transaction, which holds the customer's row;
        returns how many rows of each kind were erased now, and none for what had been before."""


@dataclass(frozen=True)
class Erased:
    """What an erasure did. `counts`: kind -> rows; all zero when nothing was left to erase."""

    customer: Customer
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        return any(self.counts.values())


_holders: dict[str, Holder] = {}


def register(name: str, holder: Holder) -> None:
    """Say what else holds data of customers; registered twice under a name is once."""
    _holders[name] = holder


def held(customer: Customer) -> list[Part]:
    """Everything stored about the customer, in a fixed order."""
    return parts_of(customer) + [
        part for name in sorted(_holders) for part in _holders[name].held(customer)
    ]


def to_erase(customer: Customer) -> dict[str, int]:
    """kind -> how many rows an erasure would take now; it takes them as they are then."""
    counts: dict[str, int] = {}
    for name in sorted(_holders):
        counts |= _holders[name].to_erase(customer)
    return counts | {
        "contacts": CustomerContact.objects.filter(customer=customer).count(),
        "consents": Consent.objects.filter(customer=customer, withdrawn_at=None).count(),
    }


@transaction.atomic
def hand_over(customer: Customer, *, actor: User, form: str) -> list[Part]:
    """What is stored about the customer, to be given to them; that it left the house is audited.

    `form` is the kind of file. Nothing of it is kept: a copy would have to be erased too.
    """
    require(may_answer_for_data(actor))
    parts = held(customer)
    audit.record(
        actor,
        "customer.data_exported",
        customer,
        format=form,
        rows=sum(len(part.rows) for part in parts),
    )
    return parts


@transaction.atomic
def erase(customer: Customer, *, actor: User, reason: str, now: datetime) -> Erased:
    """Erase the person and keep the answers: contact, words, devices and networks, drafts and
    waiting invitations go, consents end, and the customer is not asked again.

    Scores, awards and the ledger stand on answers without personal data and do not change. Again,
    it erases what has come since; with nothing to erase it changes and records nothing.
    """
    # The row first: two erasures, or one and an import of contacts, wait for each other. The
    # advisory lock comes last, because an answer being sent takes it after its invitation.
    customer = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    require(may_erase(actor, customer))
    if not reason.strip():
        raise InvalidInput(_("A reason is needed."))
    counts: dict[str, int] = {}
    for name in sorted(_holders):
        counts |= _holders[name].erase(customer, now=now)
    take(Lock.CUSTOMERS, customer.pk)
    counts |= _erase_own(customer, now)
    done = Erased(customer, counts)
    if customer.erased_at is not None and not done.changed:
        return done
    if not ContactRefusal.objects.filter(customer=customer, taken_back_at=None).exists():
        refuse_contact(customer, now=now, actor=actor)
    customer.erased_at = customer.erased_at or now
    customer.save(update_fields=["erased_at"])
    audit.record(actor, "customer.erased", customer, reason=reason.strip(), **counts)
    return done


def _erase_own(customer: Customer, now: datetime) -> dict[str, int]:
    contacts = CustomerContact.objects.filter(customer=customer).delete()[0]
    consents = Consent.objects.filter(customer=customer, withdrawn_at=None)
    audit.forget(customer)
    return {"contacts": contacts, "consents": consents.update(withdrawn_at=now)}
