"""What is stored about a customer, as far as a page needs to show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.models import AuditEntry, User
from core.permissions import Allowed, Denied
from core.templatetags.ui import listed
from customers.models import Customer
from customers.permissions import may_erase
from customers.queries import Part, found
from customers.services import held, to_erase
from dashboards.queries.administration.audit import Entry, readable
from surveys.privacy.queries import language_of

MOST_FOUND = 20


@dataclass(frozen=True)
class Line:
    """One sentence of the confirmation; `n` rows are concerned."""

    n: int
    words: str


@dataclass(frozen=True)
class Kind:
    """A kind of data, what an entry of it holds, and how many there are."""

    title: str
    holds: str
    n: int


@dataclass(frozen=True)
class Seen:
    """A customer's page. `contact`: name, phone and e-mail, masked; the file holds them in full."""

    customer: Customer
    parts: Sequence[Kind]
    contact: Mapping[str, str] | None
    left: Mapping[str, int]
    may_erase: Allowed | Denied
    language: str
    history: Sequence[Entry]

    @property
    def something_left(self) -> bool:
        return any(self.left.values())


def search(number: str) -> list[Customer]:
    """Customers by number, one more than the page shows."""
    return list(found(number)[: MOST_FOUND + 1])


def seen(customer: Customer, user: User) -> Seen:
    """Everything the page of a customer says."""
    parts = held(customer)
    contact = next(part for part in parts if part.key == "contact")
    rows = AuditEntry.objects.filter(
        object_type="customers.customer", object_id=str(customer.pk)
    ).select_related("actor__employee")
    return Seen(
        customer,
        [_kind(part) for part in parts if part.key not in ("customer", "contact")],
        _masked(*contact.rows[0][:3]) if contact.rows else None,
        to_erase(customer),
        may_erase(user, customer),
        language_of(customer),
        readable(list(rows.order_by("-id")[:10])),
    )


def _kind(part: Part) -> Kind:
    return Kind(part.title, listed(column.title for column in part.columns), len(part.rows))


def _masked(name: str, phone: str, email: str) -> dict[str, str]:
    """Enough to see that it is the right one, too little to be taken along."""
    local, at, domain = email.partition("@")
    return {
        "name": name[:1] + "＊" * min(2, len(name) - 1) if name else "",
        "phone": f"*** {phone[-4:]}" if len(phone) > 6 else "***" if phone else "",
        "email": f"{local[:1]}***{at}{domain}" if email else "",
    }


def goes(left: Mapping[str, int]) -> list[Line]:
    """What an erasure takes, in the order people think of it."""
    words = {
        "contacts": _("contact: name, telephone, e-mail"),
        "answers": _("answers lose words, device, network and contact"),
        "drafts": _("answers typed and not sent"),
        "invitations": _("invitations that still wait"),
        "consents": _("consents end"),
    }
    ordered = [*(key for key in words if key in left), *sorted(left.keys() - words.keys())]
    return [Line(left[key], str(words.get(key, key))) for key in ordered]


def last_retention() -> Entry | None:
    """The newest entry of the daily erasure."""
    rows = AuditEntry.objects.filter(verb="retention.done").select_related("actor__employee")
    listed = readable(list(rows.order_by("-id")[:1]))
    return listed[0] if listed else None
