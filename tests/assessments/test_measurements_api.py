"""POST /api/v1/measurements/."""

from datetime import date
from decimal import Decimal

import pytest

from assessments.models import Measurement
from organization.models import Employee
from tests.api_client import at_once, caller

FIGURE = {
    "indicator_code": "courtesy_rate",
    "employee_no": "007",
    "period": "2026-03",
    "numerator": 92,
    "denominator": 100,
    "source_ref": "QA",
}


@pytest.fixture
def call(db):
    Employee.objects.create(employee_no="007", name="某人", hired_on=date(2020, 1, 1))
    return caller("measurements")


def test_a_figure_is_stored_then_known_then_a_new_version(call):
    first = call("measurements", FIGURE)
    assert (first.status_code, first.json()) == (
        201,
        {
            "indicator_code": "courtesy_rate",
            "employee_no": "007",
            "period": "2026-03",
            "source_ref": "QA",
            "numerator": "92.000000",
            "denominator": "100.000000",
            "version": 1,
        },
    )
    again = call("measurements", FIGURE)
    assert (again.status_code, again.json()) == (200, first.json())
    other = call("measurements", {**FIGURE, "numerator": "93"})
    assert (other.status_code, other.json()["version"]) == (201, 2)
    assert Measurement.objects.count() == 2


def test_exact_numbers_stay_exact(call):
    raw = (
        '{"indicator_code": "response_time", "employee_no": "007", "period": "2026-03",'
        ' "numerator": 0.1, "denominator": 3}'
    )
    assert call("measurements", raw).status_code == 201
    assert Measurement.objects.get().numerator == Decimal("0.100000")


def test_faults_are_named_by_place_and_key_and_nothing_is_stored(call):
    refused = call(
        "measurements",
        [
            FIGURE,
            {**FIGURE, "employee_no": 7},
            {**FIGURE, "numerator": True},
            {**FIGURE, "mood": "good"},
        ],
    )
    assert refused.status_code == 400
    assert refused.json()["errors"] == [
        {"row": 2, "column": "employee_no", "message": "must be a text"},
        {"row": 3, "column": "numerator", "message": "must be a number"},
        {"row": 4, "column": "mood", "message": "the key is unknown"},
    ]
    assert not Measurement.objects.exists()


def test_the_scope_is_asked(db):
    assert caller("events")("measurements", FIGURE).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_twenty_retries_at_once_leave_one_figure(request):
    call = request.getfixturevalue("call")
    answers = at_once(20, lambda number: call("measurements", FIGURE, key="k1"))
    assert {answer.status_code for answer in answers} == {201}
    assert Measurement.objects.count() == 1
