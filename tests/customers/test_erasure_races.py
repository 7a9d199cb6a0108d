"""An erasure and an import of contacts at the same moment: the contact does not come back."""

import datetime
import threading

import pytest
from django.db import connection, connections, transaction

from core.models import AuditEntry
from customers.models import Customer, CustomerContact
from customers.services import erase, import_events
from organization.services import import_roster, operator
from tests.conftest_worker import eventually
from tests.customers.conftest import DEPARTMENTS, EMPLOYEES, events, table

NOW = datetime.datetime(2026, 3, 20, 4, tzinfo=datetime.UTC)
LINE = "EV{n},C1,王悦,1390000000{n},c1@example.com,A1,,after_sale,shop,2026-02-0{n}T10:00:00"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def actor(transactional_db):
    found = operator()
    import_roster([table(DEPARTMENTS), table(EMPLOYEES)], actor=found)
    import_events(events(LINE.format(n=1)), actor=found)
    return found


def in_thread(step):
    """The step on a connection of its own; (thread, what it returned or raised)."""
    results = []

    def run():
        try:
            results.append(step())
        except Exception as error:
            results.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, results


def somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees one moment
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def test_an_import_waits_for_an_erasure_and_then_sees_it(actor):
    one = Customer.objects.get()
    with transaction.atomic():
        erase(one, actor=actor, reason="asked", now=NOW)
        thread, results = in_thread(lambda: import_events(events(LINE.format(n=2)), actor=actor))
        eventually(somebody_waits)
    thread.join()
    assert results[0].contacts_updated == 0
    assert len(results[0].created) == 1
    assert CustomerContact.objects.count() == 0


def test_an_erasure_waits_for_an_import_and_takes_what_it_brought(actor):
    one = Customer.objects.get()
    with transaction.atomic():
        assert import_events(events(LINE.format(n=2)), actor=actor).contacts_updated == 1
        thread, results = in_thread(lambda: erase(one, actor=actor, reason="asked", now=NOW))
        eventually(somebody_waits)
    thread.join()
    assert results[0].counts["contacts"] == 1
    assert CustomerContact.objects.count() == 0


def test_twice_at_the_same_moment_is_once(actor):
    one = Customer.objects.get()
    both = [in_thread(lambda: erase(one, actor=actor, reason="asked", now=NOW)) for _i in (1, 2)]
    for thread, _results in both:
        thread.join()
    assert sorted(results[0].changed for _thread, results in both) == [False, True]
    assert AuditEntry.objects.filter(verb="customer.erased").count() == 1
