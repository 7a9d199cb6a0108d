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
from customers.services.privacy import Erased, Holder, erase, hand_over, held, register, to_erase

__all__ = [
    "Erased",
    "EventReport",
    "Holder",
    "erase",
    "give_consent",
    "hand_over",
    "held",
    "import_events",
    "reattribute_event",
    "record_contact",
    "record_events",
    "record_invitations",
    "record_reminders",
    "refuse_contact",
    "register",
    "take_back_refusal",
    "to_erase",
    "withdraw_consent",
]
