"""POST /api/v1/events/."""

import pytest
from django.test import Client

from core.models import AuditEntry
from customers.models import ServiceEvent
from customers.services import reattribute_event
from organization.models import Employee
from tests.api_client import at_once, caller

EVENT = {
    "event_no": "W1",
    "customer_no": "K1",
    "customer_name": "林女士",
    "phone": "19900000001",
    "employee_no": ["A1", "T1"],
    "stage": "after_sale",
    "channel": "workshop",
    "occurred_at": "2026-02-10T09:30:00+08:00",
}
STORED = {
    "event_no": "W1",
    "customer_no": "K1",
    "stage": "after_sale",
    "channel": "workshop",
    "occurred_at": "2026-02-10T01:30:00Z",
    "department_code": "S01",
    "people": [
        {"employee_no": "A1", "department_code": "S01", "position_code": "service_advisor"},
        {"employee_no": "T1", "department_code": "S01", "position_code": "technician"},
    ],
}


@pytest.fixture
def call(shops):
    return caller("events")


def utc(answer):
    """The answer with its moment in UTC, whatever offset it was written in."""
    from datetime import UTC, datetime

    moment = datetime.fromisoformat(answer["occurred_at"]).astimezone(UTC)
    return {**answer, "occurred_at": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}


def test_one_event_is_created_then_known_then_contradicted(call):
    first = call("events", EVENT)
    assert (first.status_code, utc(first.json())) == (201, STORED)
    again = call("events", EVENT)
    assert (again.status_code, utc(again.json())) == (200, STORED)
    other = call("events", {**EVENT, "channel": "road"})
    assert other.status_code == 409
    assert other.json()["errors"] == [
        {
            "row": 1,
            "column": "channel",
            "message": "event W1 is stored with another value",
        }
    ]
    assert ServiceEvent.objects.count() == 1
    entry = AuditEntry.objects.get(verb="events.imported")
    assert (entry.channel, entry.actor.username) == ("api", "api:crm")


def test_a_list_is_stored_whole_or_not_at_all(call):
    good = [{**EVENT, "event_no": f"W{n}"} for n in range(3)]
    bad = [*good, {**EVENT, "event_no": "W9", "employee_no": "T9", "stage": "repair"}]
    refused = call("events", bad)
    assert refused.status_code == 400
    assert refused.json()["code"] == "bad_rows"
    assert refused.json()["errors"] == [
        {"row": 4, "column": "employee_no", "message": "unknown employee T9"},
        {
            "row": 4,
            "column": "stage",
            "message": "must be one of pre_sale, sale, after_sale",
        },
    ]
    assert not ServiceEvent.objects.exists()
    taken = call("events", good)
    assert taken.status_code == 201
    assert (taken.json()["created"], taken.json()["unchanged"]) == (3, 0)
    assert [row["event_no"] for row in taken.json()["results"]] == ["W0", "W1", "W2"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("[]", 400),
        ('"x"', 400),
        ("[1]", 400),
        ("{", 400),
        ([EVENT] * 501, 400),
        ([EVENT, EVENT], 400),
    ],
)
def test_bodies_that_make_no_sense_are_refused(call, body, status):
    assert call("events", body).status_code == status
    assert not ServiceEvent.objects.exists()


def test_a_key_brings_the_first_answer_again_and_refuses_another_body(call):
    first = call("events", EVENT, key="k1")
    event = ServiceEvent.objects.get()
    technician = Employee.objects.get(employee_no="T1")
    from organization.services import operator

    reattribute_event(event, [technician], actor=operator(), reason="x")
    again = call("events", EVENT, key="k1")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert call("events", {**EVENT, "event_no": "W2"}, key="k1").status_code == 409
    assert ServiceEvent.objects.count() == 1


def test_another_client_may_use_the_same_key(call, shops):
    call("events", EVENT, key="k1")
    other = caller("events", name="dms")
    assert other("events", {**EVENT, "event_no": "W2"}, key="k1").status_code == 201


def test_without_token_or_scope_nothing_is_stored(call, shops):
    assert Client().post("/api/v1/events/", EVENT, content_type="application/json").status_code == (
        401
    )
    assert caller("responses", name="other")("events", EVENT).status_code == 403
    assert not ServiceEvent.objects.exists()


def test_the_schema_describes_the_calls_and_needs_no_token(db):
    page = Client().get("/api/v1/schema/?format=json").json()
    calls = {"/api/v1/events/", "/api/v1/responses/", "/api/v1/measurements/"}
    assert calls <= page["paths"].keys()
    post = page["paths"]["/api/v1/events/"]["post"]
    told = {"200", "201", "400", "401", "403", "405", "406", "409", "413", "415", "503"}
    assert told == post["responses"].keys()
    assert [parameter["name"] for parameter in post["parameters"]] == ["Idempotency-Key"]
    assert post["security"] == [{"bearer": []}]


@pytest.mark.django_db(transaction=True)
def test_twenty_retries_at_once_leave_one_event_and_one_answer(request):
    call = request.getfixturevalue("call")
    answers = at_once(20, lambda number: call("events", EVENT, key="k1"))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert ServiceEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_senders_without_a_key_leave_one_event(request):
    call = request.getfixturevalue("call")
    answers = at_once(20, lambda number: call("events", EVENT))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert ServiceEvent.objects.count() == 1
