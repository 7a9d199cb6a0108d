"""An erased customer stays erased, whatever is imported afterwards."""

import datetime

import pytest

from customers.models import Customer, CustomerContact
from customers.services import erase, import_events
from tests.customers.conftest import events

NOW = datetime.datetime(2026, 3, 20, 4, tzinfo=datetime.UTC)
LINE = "EV{n},C{c},王悦,1390000000{c},c{c}@example.com,A1,,after_sale,shop,2026-02-0{n}T10:00:00"


@pytest.fixture
def imported(shops):
    import_events(events(LINE.format(n=1, c=1), LINE.format(n=2, c=2)), actor=shops)
    return shops


def contacts():
    return dict(CustomerContact.objects.values_list("customer__customer_no", "phone"))


def test_the_same_file_and_a_new_one_bring_no_contact_back(imported):
    assert contacts() == {"C1": "13900000001", "C2": "13900000002"}
    erase(Customer.objects.get(customer_no="C1"), actor=imported, reason="asked", now=NOW)
    assert contacts() == {"C2": "13900000002"}
    again = import_events(events(LINE.format(n=1, c=1), LINE.format(n=2, c=2)), actor=imported)
    assert (again.unchanged, again.contacts_updated) == (2, 0)
    new = import_events(events(LINE.format(n=3, c=1), LINE.format(n=4, c=2)), actor=imported)
    assert (len(new.created), new.contacts_updated) == (2, 0)
    assert contacts() == {"C2": "13900000002"}
    assert Customer.objects.get(customer_no="C1").erased_at == NOW


def test_others_of_the_same_file_still_get_theirs(imported):
    erase(Customer.objects.get(customer_no="C1"), actor=imported, reason="asked", now=NOW)
    changed = LINE.format(n=2, c=2).replace("13900000002", "13700000000")
    report = import_events(events(LINE.format(n=1, c=1), changed), actor=imported)
    assert report.contacts_updated == 1
    assert contacts() == {"C2": "13700000000"}
