"""Who may record and correct service events, and whether a customer may be written to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from core.models import ApiClient, User
from core.permissions import Allowed, Denied
from customers.models import Customer, ServiceEventPerson, SurveyContact
from customers.queries import invited_on
from customers.rules import MOST_REMINDERS, TooOften, invitation_refused
from organization.models import Role
from organization.permissions import may_hold, may_hold_in, may_hold_somewhere
from organization.queries import own_id

EVENTS_SCOPE = "events"


RECORDERS = (Role.EXECUTOR, Role.HANDLER, Role.ADMIN)


def may_record_events(user: User) -> Allowed | Denied:
    """Executors, handlers, administration, and integration clients with the scope `events`."""
    return _is_client(user) or may_hold_somewhere(user, *RECORDERS)


def may_record_events_of(user: User, departments: Iterable[int]) -> Allowed | Denied:
    """The same for events of these departments (ids): a role reaches as far as it was given."""
    return _is_client(user) or may_hold_in(user, *RECORDERS, departments=departments)


def _is_client(user: User) -> Allowed | None:
    client = ApiClient.objects.filter(user=user, revoked_at=None, scopes__contains=[EVENTS_SCOPE])
    return Allowed() if client.exists() else None


def may_reattribute(
    user: User, concerned: Iterable[int], departments: Iterable[int]
) -> Allowed | Denied:
    """Supervision, assessment or administration of the departments (ids) the event is taken from
    and given to; never somebody it is about (employee ids)."""
    own = own_id(user)
    if own is not None and own in set(concerned):
        return Denied(_("You cannot decide about an event that you are part of."))
    roles = (Role.SUPERVISION, Role.ASSESSMENT, Role.ADMIN)
    return may_hold_in(user, *roles, departments=departments)


def may_answer_for_data(user: User) -> Allowed | Denied:
    """Whether a user sees and hands out what is stored about a customer.

    Administrators: they see the audit trail, must have a second factor, and neither score people
    nor decide about pay, so nobody erases the evidence of a decision of their own.
    """
    return may_hold(user, Role.ADMIN)


def may_erase(user: User, customer: Customer) -> Allowed | Denied:
    """As above, and never somebody who served the customer."""
    answer = may_answer_for_data(user)
    own = own_id(user)
    if not answer or own is None:
        return answer
    served = ServiceEventPerson.objects.filter(event__customer=customer, employee_id=own)
    if served.exists():
        return Denied(_("You served this customer; another administrator erases the data."))
    return answer


def may_contact(
    customer: Customer, on: date, *, reminder_of: str | None = None
) -> Allowed | Denied:
    """Whether an invitation, or a reminder of the invitation `reminder_of`, may be sent.

    A refusal is for good. A reminder is no new invitation; there are at most two of one.
    """
    if customer.refusals.filter(taken_back_at__isnull=True).exists():
        return Denied(_("The customer asked not to be surveyed."))
    if reminder_of is not None:
        return _may_remind(customer, reminder_of)
    refused = invitation_refused(invited_on(customer.pk, on), on)
    if refused is TooOften.RECENTLY:
        return Denied(_("The customer was invited less than 30 days ago."))
    if refused is TooOften.THIS_YEAR:
        return Denied(_("The customer was invited four times within a year."))
    return Allowed()


def _may_remind(customer: Customer, reference: str) -> Allowed | Denied:
    sent = list(
        SurveyContact.objects.filter(customer=customer, reference=reference).values_list(
            "kind", flat=True
        )
    )
    if SurveyContact.Kind.INVITATION not in sent:
        return Denied(_("There is no invitation to remind of."))
    if sent.count(SurveyContact.Kind.REMINDER) >= MOST_REMINDERS:
        return Denied(_("The customer was reminded twice."))
    return Allowed()
