"""import_events: who served is frozen, contact fields update, every fault is named."""

import io
import threading
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connection

from core.errors import BadRows
from core.models import AuditEntry
from core.permissions import Denied
from customers.models import Customer, CustomerContact, ServiceEvent, ServiceEventPerson
from customers.services import import_events, record_events
from tests.customers.conftest import HEADER, attribution, events

VISIT = "W1,K1,林女士,19900000001,,A1;T1,,after_sale,workshop,2026-02-10T09:30"


def state():
    return [
        list(model.objects.order_by("pk").values_list())
        for model in (Customer, CustomerContact, ServiceEvent, ServiceEventPerson)
    ]


def faults(raised):
    return [str(error) for error in raised.value.errors]


def test_people_are_frozen_with_department_and_position_of_the_day(shops):
    later = "W2,K1,,,,A1,,after_sale,workshop,2026-03-01T00:00"
    report = import_events(events(VISIT, later), actor=shops)
    assert report.created == {"W1", "W2"}
    assert attribution("W1") == (
        "S01",
        [("A1", "S01", "service_advisor"), ("T1", "S01", "technician")],
    )
    assert attribution("W2") == ("S02", [("A1", "S02", "service_advisor")])
    event = ServiceEvent.objects.get(event_no="W1")
    assert event.occurred_at == datetime(2026, 2, 10, 1, 30, tzinfo=UTC)
    assert (event.customer.customer_no, event.stage) == ("K1", "after_sale")


def test_a_given_department_holds_for_the_event_and_its_people(shops):
    import_events(events("W1,K1,,,,A1,S02,after_sale,workshop,2026-02-10T09:30"), actor=shops)
    assert attribution("W1") == ("S02", [("A1", "S02", "service_advisor")])


def test_an_event_without_people_needs_a_department(shops):
    import_events(events("W1,K1,,,,,S02,pre_sale,showroom,2026-02-10"), actor=shops)
    assert attribution("W1") == ("S02", [])


def test_the_same_file_twice_changes_nothing(shops):
    import_events(events(VISIT), actor=shops)
    before, entries = state(), AuditEntry.objects.count()
    report = import_events(events(VISIT), actor=shops)
    assert (report.created, report.unchanged, report.contacts_updated) == (set(), 1, 0)
    assert state() == before
    assert AuditEntry.objects.count() == entries


def test_contact_fields_update_and_empty_cells_state_nothing(shops):
    import_events(events(VISIT), actor=shops)
    other = VISIT.replace("19900000001,", ",k1@example.com")
    assert import_events(events(other), actor=shops).contacts_updated == 1
    contact = CustomerContact.objects.get()
    assert (contact.name, contact.phone, contact.email) == (
        "林女士",
        "19900000001",
        "k1@example.com",
    )


def test_of_several_rows_of_a_customer_the_last_stated_field_counts(shops):
    import_events(
        events(
            VISIT,
            "W2,K1,林先生,,,A1,,after_sale,workshop,2026-02-11",
            "W3,K1,,19900000002,,A1,,after_sale,workshop,2026-02-12",
        ),
        actor=shops,
    )
    contact = CustomerContact.objects.get()
    assert (contact.name, contact.phone) == ("林先生", "19900000002")


def test_a_known_event_with_other_content_is_a_fault_and_changes_nothing(shops):
    import_events(events(VISIT), actor=shops)
    before = state()
    with pytest.raises(BadRows) as raised:
        import_events(
            events("W1,K2,,,,T1,,sale,showroom,2026-02-10T09:31", "W2,K1,,,,A1,,sale,,2026-02-10"),
            actor=shops,
        )
    assert faults(raised) == [
        "row 2, column channel: event W1 is stored with another value",
        "row 2, column customer_no: event W1 is stored with another value",
        "row 2, column occurred_at: event W1 is stored with another value",
        "row 2, column stage: event W1 is stored with another value",
    ]
    assert state() == before


@pytest.mark.parametrize(
    ("before", "after", "column"),
    [("A1;T1", "T1;A1", "employee_no"), ("T1,,", "T1,S02,", "department_code")],
)
def test_a_file_updates_contacts_and_never_the_attribution(shops, before, after, column):
    import_events(events(VISIT), actor=shops)
    stored = attribution("W1")
    other = VISIT.replace(before, after).replace("19900000001", "19900000002")
    report = import_events(events(other), actor=shops)
    assert (report.kept, report.unchanged, report.contacts_updated) == (["W1"], 1, 1)
    assert attribution("W1") == stored
    assert CustomerContact.objects.get().phone == "19900000002"
    item = dict(zip(HEADER.split(","), other.split(","), strict=True))
    with pytest.raises(BadRows) as raised:
        record_events([item], actor=shops)
    assert faults(raised) == [
        f"row 1, column {column}: event W1 is attributed otherwise; a correction is a "
        "re-attribution"
    ]


def test_unknown_numbers_are_faults_of_a_known_event_too(shops):
    import_events(events(VISIT), actor=shops)
    with pytest.raises(BadRows) as raised:
        import_events(events(VISIT.replace("A1;T1,", "A1;T9,S09")), actor=shops)
    assert faults(raised) == [
        "row 2, column department_code: unknown department S09",
        "row 2, column employee_no: unknown employee T9",
    ]


def test_the_same_file_still_passes_after_the_roster_changed(shops):
    import_events(events(VISIT), actor=shops)
    from organization.models import Placement

    Placement.objects.filter(employee__employee_no="A1").delete()
    assert import_events(events(VISIT), actor=shops).unchanged == 1


def test_every_fault_is_named_with_row_and_column(shops):
    with pytest.raises(BadRows) as raised:
        import_events(
            events(
                ",K1,,,,A1,,after_sale,,2026-02-10",
                "W2,,,,nobody,A1;T9,,after_sale,,2026-02-10",
                "W3,K1,,,,A1,S09,repair,,10.02.2026",
                "W4,K1,,,,A1;A1,,sale,,2026-02-10",
                "W5,K1,,,,,,sale,,2026-02-10",
                "W6,K1,,,,C1,,sale,,2025-05-31",
                "W7,K1,,,,C1,,sale,,2026-07-01",
                "W7,K1,,,,C1,,sale,,2026-06-30T23:59",
            ),
            actor=shops,
        )
    assert faults(raised) == [
        "row 2, column event_no: a value is required",
        "row 3, column customer_no: a value is required",
        "row 3, column email: nobody is not an e-mail address",
        "row 3, column employee_no: unknown employee T9",
        "row 4, column department_code: unknown department S09",
        "row 4, column occurred_at: '10.02.2026' is not a time like 2026-03-31T09:30",
        "row 4, column stage: must be one of pre_sale, sale, after_sale",
        "row 5, column employee_no: somebody is named twice",
        "row 6, column employee_no: without an employee a department_code is required",
        "row 7, column employee_no: C1 was not employed on 2025-05-31",
        "row 8, column employee_no: C1 was not employed on 2026-07-01",
        "row 9, column event_no: W7 stands in the file twice",
    ]
    assert not Customer.objects.exists()


def test_unknown_references_are_faults(shops):
    with pytest.raises(BadRows) as raised:
        import_events(events("W1,K1,,,,T9,S09,sale,,2026-02-10"), actor=shops)
    assert faults(raised) == [
        "row 2, column department_code: unknown department S09",
        "row 2, column employee_no: unknown employee T9",
    ]


def test_at_most_one_person_per_position(shops):
    from organization.models import Placement, Position

    Placement.objects.filter(employee__employee_no="T1").update(
        position=Position.objects.get(code="service_advisor")
    )
    with pytest.raises(BadRows, match=r"row 2, column employee_no: at most one person per posit"):
        import_events(events(VISIT), actor=shops)


def test_objects_of_the_api_are_the_same_events(shops):
    item = {
        "event_no": "W1",
        "customer_no": "K1",
        "employee_no": ["A1", "T1"],
        "stage": "after_sale",
        "channel": "workshop",
        "occurred_at": "2026-02-10T09:30:00+08:00",
    }
    assert record_events([item], actor=shops).created == {"W1"}
    assert import_events(events(VISIT), actor=shops).unchanged == 1
    with pytest.raises(BadRows) as raised:
        record_events([item, {**item, "event_no": 7, "mood": "good"}], actor=shops)
    assert faults(raised) == [
        "row 2, column event_no: a value is required",
        "row 2, column event_no: must be a text",
        "row 2, column mood: the key is unknown",
    ]


def test_recording_needs_a_role(shops, hr_admin):
    with pytest.raises(Denied):
        import_events(events(VISIT), actor=hr_admin)
    assert not ServiceEvent.objects.exists()


def test_the_number_of_queries_does_not_grow_with_the_rows(shops, django_assert_max_num_queries):
    def visits(first, count):
        return events(
            *(
                f"X{n},K{n % 97},某,{n},,A1;T1,,after_sale,,2026-02-10T09:30"
                for n in range(first, first + count)
            )
        )

    with django_assert_max_num_queries(25):
        import_events(visits(0, 3), actor=shops)
    with django_assert_max_num_queries(25):
        import_events(visits(1000, 3000), actor=shops)
    with django_assert_max_num_queries(25):
        assert import_events(visits(1000, 3000), actor=shops).unchanged == 3000


def test_the_command_reads_a_file_and_a_dry_run_stores_nothing(shops, tmp_path):
    path = tmp_path / "visits.csv"
    path.write_text(f"{HEADER}\n{VISIT}\n", encoding="utf-8")
    out = io.StringIO()
    call_command("import_events", str(path), "--dry-run", stdout=out)
    assert "Events: 1 created, 0 known already." in out.getvalue()
    assert not ServiceEvent.objects.exists()
    call_command("import_events", str(path), stdout=out)
    assert ServiceEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_file_at_the_same_moment_store_it_once(request):
    admin = request.getfixturevalue("shops")
    rows = [f"R{n},K{n},某,1,,A1;T1,,after_sale,,2026-02-10T09:30" for n in range(300)]
    start, reports, errors = threading.Barrier(4), [], []

    def work(lines):
        start.wait()
        try:
            reports.append(import_events(events(*lines), actor=admin))
        except Exception as error:  # the test reports whatever it was
            errors.append(error)
        finally:
            connection.close()

    orders = [rows, rows[::-1], rows, rows[::-1]]
    threads = [threading.Thread(target=work, args=(lines,)) for lines in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sum(len(report.created) for report in reports) == 300
    assert ServiceEvent.objects.count() == 300
    assert ServiceEventPerson.objects.count() == 600


@pytest.mark.parametrize("column", [0, 1])
def test_a_number_with_an_invisible_sign_makes_no_second_customer_or_event(shops, column):
    import_events(events(VISIT), actor=shops)
    before = state()
    cells = VISIT.split(",")
    cells[column] = f"{cells[column][0]}\u200b{cells[column][1:]}"
    with pytest.raises(BadRows) as raised:
        import_events(events(",".join(cells)), actor=shops)
    name = ("event_no", "customer_no")[column]
    said = f"row 2, column {name}: holds an invisible character; type it anew"
    assert said in faults(raised)
    assert state() == before
