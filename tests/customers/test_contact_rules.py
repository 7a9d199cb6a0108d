"""How often a customer is asked; the rules limit sending only."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.permissions import Allowed, Denied
from customers.models import Consent, Customer
from customers.permissions import may_contact
from customers.rules import TooOften, invitation_refused
from customers.services import (
    give_consent,
    record_contact,
    refuse_contact,
    take_back_refusal,
    withdraw_consent,
)

DAY = date(2026, 3, 1)


def at(day, hour=9):
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def customer(db):
    return Customer.objects.create(customer_no="K1")


@pytest.mark.parametrize(
    ("days_ago", "refused"),
    [
        ([], None),
        ([29], TooOften.RECENTLY),
        ([30], None),
        ([-10], TooOften.RECENTLY),
        ([364, 200, 100, 30], TooOften.THIS_YEAR),
        ([365, 200, 100, 30], None),
    ],
)
def test_one_in_thirty_days_and_four_a_year(days_ago, refused):
    invited = [DAY - timedelta(days=days) for days in days_ago]
    assert invitation_refused(invited, DAY) is refused


def test_the_log_of_invitations_is_what_counts(customer):
    record_contact(customer, reference="SALES-1", now=at(DAY, 0))
    assert "30 days" in may_contact(customer, DAY + timedelta(days=29)).reason
    assert may_contact(customer, DAY + timedelta(days=30)) == Allowed()
    with pytest.raises(Denied):
        record_contact(customer, reference="SALES-2", now=at(DAY + timedelta(days=1)))
    assert customer.survey_contacts.count() == 1


def test_two_reminders_of_one_invitation(customer):
    with pytest.raises(Denied, match="no invitation"):
        record_contact(customer, reference="SALES-1", now=at(DAY), reminder=True)
    record_contact(customer, reference="SALES-1", now=at(DAY))
    for days in (3, 6):
        record_contact(
            customer, reference="SALES-1", now=at(DAY + timedelta(days=days)), reminder=True
        )
    denied = may_contact(customer, DAY + timedelta(days=9), reminder_of="SALES-1")
    assert denied.reason == "The customer was reminded twice."


def test_a_refusal_is_for_good_until_the_customer_takes_it_back(customer):
    refuse_contact(customer, now=at(DAY))
    refuse_contact(customer, now=at(DAY))
    assert customer.refusals.count() == 1
    assert not may_contact(customer, DAY + timedelta(days=3650))
    take_back_refusal(customer, now=at(DAY))
    assert may_contact(customer, DAY) == Allowed()


def test_consent_is_one_live_row_per_purpose_and_withdrawing_keeps_it_readable(customer):
    first = give_consent(customer, purpose="survey", version="1", now=at(DAY))
    assert give_consent(customer, purpose="survey", version="1", now=at(DAY)) == first
    give_consent(customer, purpose="survey", version="2", now=at(DAY))
    withdraw_consent(customer, purpose="survey", now=at(DAY))
    assert list(Consent.objects.values_list("version", "withdrawn_at")) == [
        ("1", at(DAY)),
        ("2", at(DAY)),
    ]
