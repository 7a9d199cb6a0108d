"""The verbs about customers: each one transaction, audited."""

from customers.services.attribution import reattribute_event
from customers.services.contacts import (
    give_consent,
    record_contact,
    record_invitations,
    record_reminders,
    refuse_contact,
    take_back_refusal,
    withdraw_consent,
)
from customers.services.events import EventReport, import_events, record_events

__all__ = [
    "EventReport",
    "give_consent",
    "import_events",
    "reattribute_event",
    "record_contact",
    "record_events",
    "record_invitations",
    "record_reminders",
    "refuse_contact",
    "take_back_refusal",
    "withdraw_consent",
]
