"""What leaves as a file or an answer to a call tells no more than the page does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from core.rounding import half_up
from dashboards.exports.department import department_rows
from dashboards.queries.manager.department import department_page
from dashboards.queries.manager.spans import picker
from tests.dashboards.telling import (
    APRIL,
    JULY,
    MAY,
    MILLION,
    MONTHS,
    Stored,
    points_of,
)
from tests.dashboards.test_nothing_small_is_told_anywhere import Company


@pytest.fixture
def company(db: None) -> Company:
    return Company()


def test_the_file_of_a_department_tells_what_its_page_tells(company: Company) -> None:
    """Every number of the file is one of a figure the page shows: its mean, n and place."""
    company.store(
        [
            Stored(MAY, "S1", "E1", 8, "MARCH", 8),
            Stored(MAY, "S2", "E3", 9, "OTHER", 9),
            Stored(MAY, "S3", "E2", 3, "OTHER", 3),
            Stored(APRIL, "S1", "E1", 4, "MARCH", 4),
        ]
    )
    overall, dimension = company.told()
    shown = {(n, half_up(Decimal(total) / (n * MILLION), 1)) for n, total in overall | dimension}
    told = 0
    for shop in ("HQ", "S1", "S2", "S3"):
        chosen = picker(list(MONTHS[:2]), "2026-05", JULY)
        assert chosen is not None
        page = department_page(company.world.shops[shop], company.seen, chosen, company.viewer)
        for section, *_where, item, value, _low, _high, n, _gap, _p in department_rows(page):
            if section in ("trend", "parts", "people", "dimensions") or item == "satisfaction":
                assert value is None or (n, value) in shown
                told += value is not None
    assert told > 5
    assert (3, half_up(Decimal(points_of(2)) / MILLION, 1)) not in shown


SAID_BACK = {
    "created", "results", "unchanged",  # how many objects of the call are new, and each of them
    "survey_code", "response_no", "answered_on", "verdict", "checks", "late",
    "event_no", "customer_no", "occurred_at", "channel", "stage", "people", "department_code",
    "employee_no", "position_code",
    "indicator_code", "period", "source_ref", "numerator", "denominator", "version",
}  # fmt: skip


def _said_back(document: dict[str, Any]) -> set[str]:
    """Every key in the answers of successful integration calls."""
    found: set[str] = set()

    def walk(part: Any) -> None:
        for one in part if isinstance(part, list) else part.values():
            if isinstance(one, list | dict):
                walk(one)
        if isinstance(part, dict):
            found.update(part.get("properties", {}))
            if name := str(part.get("$ref", "")).rpartition("/")[2]:
                walk(document["components"]["schemas"][name])

    for calls in document["paths"].values():
        for method, call in calls.items():
            assert method == "post"  # nothing is asked for, only sent
            for status, answer in call["responses"].items():
                if status.startswith("2"):
                    walk(answer["content"])
    return found


def test_integration_calls_say_back_what_was_sent_and_no_score() -> None:
    """A call answers with the objects it sent; a figure among them would have to be looked at."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    assert _said_back(document) == SAID_BACK
    document["components"]["schemas"]["ResponseOut"]["properties"]["score"] = {"type": "number"}
    assert _said_back(document) == SAID_BACK | {"score"}
