"""POST /api/v1/responses/."""

import pytest

from surveys.models import Response, ResponseKey
from tests.api_client import at_once, caller


def item(number, **values):
    return {
        "survey_code": "MARCH",
        "response_no": f"R{number}",
        "customer_no": f"C{number}",
        "employee_no": "E1",
        "channel": "online",
        "started_at": "2026-03-10T10:00:00",
        "submitted_at": "2026-03-10T10:02:00",
        "answers": {"clear": 4, "pushed": 1, "fixed": 7},
    } | values


@pytest.fixture
def call(world):
    return caller("responses")


def test_an_answer_is_stored_then_known_then_contradicted(call):
    first = call("responses", item(1))
    assert (first.status_code, first.json()) == (
        201,
        {
            "survey_code": "MARCH",
            "response_no": "R1",
            "answered_on": "2026-03-10",
            "verdict": "counted",
            "checks": [],
            "late": False,
        },
    )
    again = call("responses", item(1))
    assert (again.status_code, again.json()) == (200, first.json())
    other = call("responses", item(1, answers={"clear": 1, "pushed": 1, "fixed": 7}))
    assert other.status_code == 409
    assert [(e["row"], e["column"]) for e in other.json()["errors"]] == [(1, "response_no")]
    assert Response.objects.count() == 1


def test_a_list_over_surveys_is_stored_whole_or_not_at_all(call, world):
    from datetime import date

    from surveys import services

    services.open_survey(
        "APRIL",
        questionnaire="VISIT",
        first=date(2026, 3, 1),
        last=date(2026, 4, 30),
        actor=world.operator,
    )
    refused = call(
        "responses",
        [
            item(1, survey_code="MARCH"),
            item(2, survey_code="APRIL", channel="fax"),
            item(3, survey_code="JUNE"),
            item(4, survey_code="MARCH", employee_no="E9"),
            item(5, survey_code=None),
        ],
    )
    assert refused.status_code == 400
    assert [(e["row"], e["column"]) for e in refused.json()["errors"]] == [
        (2, "channel"),
        (3, "survey_code"),
        (4, "employee_no"),
        (5, "survey_code"),
    ]
    assert not Response.objects.exists()
    taken = call("responses", [item(2, survey_code="APRIL"), item(1)])
    assert taken.status_code == 201
    assert [row["survey_code"] for row in taken.json()["results"]] == ["APRIL", "MARCH"]


def test_the_scope_is_asked(world):
    assert caller("events")("responses", item(1)).status_code == 403
    assert not Response.objects.exists()


def test_the_number_of_queries_does_not_grow_with_the_answers(
    call, world, django_assert_max_num_queries
):
    call("responses", item(0))
    with django_assert_max_num_queries(60):
        assert call("responses", [item(n) for n in range(1, 4)]).status_code == 201
    with django_assert_max_num_queries(60):
        assert call("responses", [item(n) for n in range(10, 410)]).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_twenty_retries_at_once_leave_one_answer(request):
    call = request.getfixturevalue("call")
    answers = at_once(20, lambda number: call("responses", item(1), key="k1"))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert ResponseKey.objects.count() == 1


@pytest.mark.parametrize("wrong", [True, 1.5, "1.5"])
def test_what_only_equals_an_answer_read_before_is_read_by_itself(call, wrong):
    answers = {"clear": 1, "pushed": 1, "fixed": 1}
    refused = call(
        "responses", [item(1, answers=answers), item(2, answers=answers | {"clear": wrong})]
    )
    assert refused.status_code == 400
    assert [(e["row"], e["column"]) for e in refused.json()["errors"]] == [(2, "q_clear")]
    stored = call(
        "responses", [item(1, answers=answers), item(2, answers=answers | {"clear": "1"})]
    )
    assert stored.status_code == 201
    assert [one.answers["clear"] for one in Response.objects.all()] == [1, 1]
