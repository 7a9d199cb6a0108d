"""A re-attribution is decided by somebody outside the event, reasoned, and never overwrites."""

import io

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from core.errors import InvalidInput
from core.models import AuditEntry
from core.permissions import Denied
from customers.models import EventReattribution, ServiceEvent
from customers.services import import_events, reattribute_event
from organization.models import Employee
from organization.services import assign_role
from tests.customers.conftest import attribution, events

VISIT = "W1,K1,,,,A1,,after_sale,workshop,2026-02-10T09:30"


@pytest.fixture
def event(shops):
    import_events(events(VISIT), actor=shops)
    return ServiceEvent.objects.get()


@pytest.fixture
def technician(event):
    return Employee.objects.get(employee_no="T1")


def test_the_new_people_hold_and_the_old_ones_stay_in_the_history(event, technician, shops):
    before = list(event.people.values_list("employee_id", "department_id", "position_id"))
    history = reattribute_event(event, [technician], actor=shops, reason="工单写错")
    assert attribution("W1") == ("S01", [("T1", "S01", "technician")])
    assert [tuple(person) for person in history.before] == before
    assert (history.number, history.reason, history.decided_by) == (1, "工单写错", shops)
    entry = AuditEntry.objects.get(verb="event.reattributed")
    assert entry.data["before"] == [list(person) for person in before]


def test_the_first_file_sent_again_changes_nothing_afterwards(event, technician, shops):
    reattribute_event(event, [technician], actor=shops, reason="工单写错")
    assert import_events(events(VISIT), actor=shops).unchanged == 1
    assert import_events(events(VISIT.replace("A1", "T1")), actor=shops).unchanged == 1
    assert attribution("W1")[1] == [("T1", "S01", "technician")]


def test_nobody_decides_about_an_event_they_are_part_of(event, technician, shops, outsider):
    assign_role(outsider, "supervision", actor=shops)
    technician.user = outsider
    technician.save(update_fields=["user"])
    with pytest.raises(Denied, match="part of"):
        reattribute_event(event, [technician], actor=outsider, reason="mine")
    assert attribution("W1")[1][0][0] == "A1"


def test_a_role_and_a_reason_are_needed_and_a_change(event, technician, shops, hr_admin):
    advisor = Employee.objects.get(employee_no="A1")
    with pytest.raises(Denied):
        reattribute_event(event, [technician], actor=hr_admin, reason="x")
    with pytest.raises(InvalidInput, match="needs a reason"):
        reattribute_event(event, [technician], actor=shops, reason="  ")
    with pytest.raises(InvalidInput, match="already"):
        reattribute_event(event, [advisor], actor=shops, reason="x")
    assert not EventReattribution.objects.exists()


def test_the_history_is_append_only(event, technician, shops):
    history = reattribute_event(event, [technician], actor=shops, reason="工单写错")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        EventReattribution.objects.filter(pk=history.pk).update(reason="other")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        EventReattribution.objects.all().delete()


def test_the_command_names_people_and_reason(event, shops):
    out = io.StringIO()
    call_command(
        *["reattribute_event", "W1", "--employee-no", "T1;A1", "--reason", "two served"],
        *["--department", "S02"],
        stdout=out,
    )
    assert attribution("W1") == (
        "S02",
        [("T1", "S02", "technician"), ("A1", "S02", "service_advisor")],
    )
    assert "attribution number 2 holds" in out.getvalue()
