"""Reads about customers and their service events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core.exports import Column
from core.templatetags.ui import name
from customers.models import (
    ContactRefusal,
    Customer,
    CustomerContact,
    ServiceEventPerson,
    SurveyContact,
)
from customers.rules import (
    DAYS_BETWEEN,
    MOST_REMINDERS,
    YEAR,
    LeaveAlone,
    TooOften,
    invitation_refused,
)


def invited_on(customer_id: int, on: date) -> list[date]:
    """The days (Asia/Shanghai) of invitations that can bear on one planned for `on`."""
    return _invited([customer_id], on).get(customer_id, [])


def _invited(customer_ids: Iterable[int], on: date) -> dict[int, list[date]]:
    first, last = on - YEAR - timedelta(days=1), on + timedelta(days=DAYS_BETWEEN + 1)
    rows = SurveyContact.objects.filter(
        customer_id__in=list(customer_ids),
        kind=SurveyContact.Kind.INVITATION,
        sent_at__date__gte=first,
        sent_at__date__lte=last,
    ).values_list("customer_id", "sent_at")
    found: dict[int, list[date]] = {}
    for customer_id, moment in rows:
        found.setdefault(customer_id, []).append(timezone.localdate(moment))
    return found


def not_to_invite(customer_ids: Iterable[int], on: date) -> dict[int, LeaveAlone | TooOften]:
    """customer id -> why no invitation may go out on that day; those who may be invited are absent.
    Two queries for any number of customers; permissions.may_contact says the same of one."""
    wanted = list(customer_ids)
    found: dict[int, LeaveAlone | TooOften] = {}
    for customer_id, days in _invited(wanted, on).items():
        refused = invitation_refused(days, on)
        if refused is not None:
            found[customer_id] = refused
    refusals = ContactRefusal.objects.filter(customer_id__in=wanted, taken_back_at=None)
    for customer_id in refusals.values_list("customer_id", flat=True):
        found[customer_id] = LeaveAlone.REFUSED
    return found


def may_remind(references: Mapping[str, int]) -> set[str]:
    """Of references of invitations (each with its customer's id) those that may still be reminded
    of: sent once, reminded less than twice, and the customer has not refused."""
    sent: dict[str, list[str]] = {}
    rows = SurveyContact.objects.filter(
        reference__in=list(references), customer_id__in=set(references.values())
    )
    for reference, customer_id, kind in rows.values_list("reference", "customer_id", "kind"):
        if references[reference] == customer_id:
            sent.setdefault(reference, []).append(kind)
    refused = set(
        ContactRefusal.objects.filter(
            customer_id__in=set(references.values()), taken_back_at=None
        ).values_list("customer_id", flat=True)
    )
    kinds = SurveyContact.Kind
    return {
        reference
        for reference, found in sent.items()
        if kinds.INVITATION in found
        and found.count(kinds.REMINDER) < MOST_REMINDERS
        and references[reference] not in refused
    }


def people_of(event_ids: Iterable[int]) -> dict[int, list[tuple[int, int, int]]]:
    """event id -> [(employee_id, department_id, position_id)], lead first; as attributed now."""
    found: dict[int, list[tuple[int, int, int]]] = {}
    rows = ServiceEventPerson.objects.filter(event_id__in=list(event_ids))
    for event_id, *person in rows.order_by("event_id", "order").values_list(
        "event_id", "employee_id", "department_id", "position_id"
    ):
        found.setdefault(event_id, []).append((person[0], person[1], person[2]))
    return found


# --- what is stored about one customer -----------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One kind of data about a customer: a sheet of the workbook, a list of the JSON file."""

    key: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]


def found(number: str) -> QuerySet[Customer]:
    """Customers whose number is, or begins with, the text; the exact one first."""
    if not number:
        return Customer.objects.none()
    return Customer.objects.filter(customer_no__startswith=number).order_by("customer_no")


def parts_of(customer: Customer) -> list[Part]:
    """What this app stores about a customer, in words of the active language. Who served is left
    out: that is about somebody else."""
    return [
        _customer_part(customer),
        _contact_part(customer),
        _events_part(customer),
        Part(
            "consents",
            _("Consents"),
            [
                Column("purpose", _("purpose"), width=26),
                Column("version", _("version of the notice")),
                Column("given_at", _("given at"), "datetime", 20),
                Column("withdrawn_at", _("withdrawn at"), "datetime", 20),
            ],
            list(
                customer.consents.order_by("given_at", "id").values_list(
                    "purpose", "version", "given_at", "withdrawn_at"
                )
            ),
        ),
        Part(
            "refusals",
            _("Refusals"),
            [
                Column("refused_at", _("refused at"), "datetime", 20),
                Column("taken_back_at", _("taken back at"), "datetime", 20),
            ],
            list(
                customer.refusals.order_by("refused_at", "id").values_list(
                    "refused_at", "taken_back_at"
                )
            ),
        ),
        Part(
            "messages",
            _("Messages"),
            [
                Column("sent_at", _("sent at"), "datetime", 20),
                Column("kind", _("kind")),
                Column("reference", _("reference"), width=26),
            ],
            [
                (row.sent_at, row.get_kind_display(), row.reference)
                for row in customer.survey_contacts.order_by("sent_at", "id")
            ],
        ),
    ]


def _customer_part(customer: Customer) -> Part:
    return Part(
        "customer",
        _("Customer"),
        [
            Column("customer_no", _("customer number"), width=20),
            Column("created_at", _("stored since"), "datetime", 20),
            Column("erased_at", _("erased at"), "datetime", 20),
        ],
        [(customer.customer_no, customer.created_at, customer.erased_at)],
    )


def _contact_part(customer: Customer) -> Part:
    rows = CustomerContact.objects.filter(customer=customer)
    return Part(
        "contact",
        _("Contact"),
        [
            Column("name", _("full name"), width=20),
            Column("phone", _("phone"), width=20),
            Column("email", _("e-mail"), width=30),
            Column("updated_at", _("changed at"), "datetime", 20),
        ],
        list(rows.values_list("name", "phone", "email", "updated_at")),
    )


def _events_part(customer: Customer) -> Part:
    rows = customer.events.select_related("department").order_by("occurred_at", "event_no")
    return Part(
        "events",
        _("Services"),
        [
            Column("event_no", _("event number"), width=20),
            Column("occurred_at", _("occurred at"), "datetime", 20),
            Column("stage", _("stage")),
            Column("channel", _("channel")),
            Column("department", _("department"), width=24),
        ],
        [
            (
                row.event_no,
                row.occurred_at,
                row.get_stage_display(),
                row.channel,
                name(row.department),
            )
            for row in rows
        ],
    )
