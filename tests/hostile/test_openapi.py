"""Random calls made from the API's own OpenAPI document: each is answered as the document says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from schemathesis.specs.openapi.checks import positive_data_acceptance

from core.api import create_client
from tests.surveys.conftest import World

# A random code would only ever be unknown: half of the calls shall name something that is there.
KNOWN = {
    "survey_code": ["MARCH", "JUNE"],
    "response_no": ["R1", "R2", "R3"],
    "event_no": ["V1", "V2", "V3"],
    "employee_no": ["E1", "E2", "E2;E1", "E9"],
    "department_code": ["S1", "S9"],
    "indicator_code": ["patience", "charm"],
    "period": ["2026-03", "2026-Q1", "2026", "2026-13"],
    "occurred_at": ["2026-03-09T09:00:00", "2026-03-09T09:00:00+08:00", "9999-12-31T23:59:59Z"],
    "submitted_at": ["2026-03-10T10:02:00", "2026-03-10T02:02:00Z", "0001-01-01T00:00:00Z"],
}
ANSWERS = {"clear": 4, "pushed": 1, "fixed": 7}
EVENTS, MEASUREMENTS, RESPONSES = (
    f"/api/v1/{name}/" for name in ("events", "measurements", "responses")
)
MANY = hypothesis.settings(max_examples=60, suppress_health_check=list(hypothesis.HealthCheck))


def _document() -> dict[str, Any]:
    """The document as it is served, with values of the small company where it says any text."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    for name, body in document["components"]["schemas"].items():
        if not name.endswith("In"):
            continue
        for field, values in KNOWN.items():
            if part := body["properties"].get(field):
                nullable = part.get("nullable", False)
                part.clear()
                part.update(type="string", nullable=nullable, enum=values)
                if nullable:
                    part["enum"] = [*values, None]
        if answers := body["properties"].get("answers"):
            answers["properties"] = {code: {"enum": [*range(12), "na"]} for code in ANSWERS}
    return document


openapi = schemathesis.openapi.from_dict(_document())
openapi.app = get_wsgi_application()


@pytest.fixture
def token(db: None) -> Iterator[str]:
    """Of a client that may call everything; the requests share the connection of the test."""
    World()
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield create_client("crm", ["responses", "events", "measurements"], actor=None)[1]
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_every_address_is_called_below() -> None:
    assert set(openapi.raw_schema["paths"]) == {EVENTS, MEASUREMENTS, RESPONSES}


# Each by itself: the tests that Schemathesis makes of one function bear one id in pytest 9, and
# processes side by side run the first of them only.


@openapi.include(path=EVENTS).parametrize()
@MANY
def test_events_are_answered_as_documented(case: Any, token: str) -> None:
    _is_answered(case, token)


@openapi.include(path=MEASUREMENTS).parametrize()
@MANY
def test_measurements_are_answered_as_documented(case: Any, token: str) -> None:
    _is_answered(case, token)


@openapi.include(path=RESPONSES).parametrize()
@MANY
def test_responses_are_answered_as_documented(case: Any, token: str) -> None:
    _is_answered(case, token)


def _is_answered(case: Any, token: str) -> None:
    case.call_and_validate(
        headers={"Authorization": f"Bearer {token}"},
        # A value that fits the document may still name nobody, or contradict what is stored.
        excluded_checks=[positive_data_acceptance],
    )
