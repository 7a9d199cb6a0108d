"""Figures of a stored survey, and the commands that clean, export and analyse it."""

import csv
import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core.stats import cronbach_alpha, mean_interval, nps, proportion
from surveys.analysis.queries import analyse, days_of
from surveys.models import Survey
from surveys.services.locks import lock_data
from tests.surveys.cleaning_world import (
    NOW,
    comment,
    event,
    make_survey,
    rating,
    staff,
    take_in,
)
from tests.surveys.cleaning_world import nps as nps_item

pytestmark = pytest.mark.django_db

ITEMS = [
    rating("a1", "a"),
    rating("a2", "a", reverse=True),
    rating("b1", "b", accountable=["technician"]),
    nps_item("rec"),
    comment(),
]


@pytest.fixture
def survey():
    return make_survey(ITEMS, opens_on=date(2025, 10, 1), closes_on=date(2025, 12, 31))


@pytest.fixture
def filled(survey):
    """Four counted answers and one excluded, over two people, two months."""
    advisor, _ = staff(2)
    technician = staff_of("technician")
    event("EV1", [advisor, technician])
    rows = [
        {"response_no": "R1", "event_no": "EV1", "q_a1": 5, "q_a2": 1, "q_b1": 3, "q_rec": 10},
        {"response_no": "R2", "employee_no": "E1", "q_a1": 4, "q_a2": 3, "q_b1": 5, "q_rec": 8},
        {"response_no": "R3", "employee_no": "E2", "q_a1": 2, "q_a2": 4, "q_b1": 2, "q_rec": 3},
        {
            "response_no": "R4",
            "employee_no": "E1",
            "q_a1": 3,
            "q_a2": 2,
            "q_b1": 4,
            "started_at": "2025-10-05T10:00:00",
            "submitted_at": "2025-10-05T10:05:00",
        },
        {"response_no": "R5", "employee_no": "E1", "q_a1": 1},
    ]
    take_in(survey, rows)
    return survey


def staff_of(position):
    from organization.models import Department, Employee, Placement, Position

    person = Employee.objects.create(
        employee_no="T1", name="技师", sort_key="t1", hired_on=date(2020, 1, 1)
    )
    Placement.objects.create(
        employee=person,
        department=Department.objects.get(code="D1"),
        position=Position.objects.get(code=position),
        starts_on=date(2020, 1, 1),
    )
    return person


def of_points(*points):
    micro = [round(p * 1_000_000) for p in points]
    found = mean_interval(len(micro), sum(micro), sum(m * m for m in micro))
    return {
        "n": found.n,
        "mean": found.mean,
        "sd": found.sd,
        "low": found.low,
        "high": found.high,
    }


def test_figures_of_a_survey(filled):
    found = analyse(filled)
    # a: 100, 62.5, 25, 62.5 - b: 50, 100, 25, 75 - overall: the mean of both
    overall = of_points(75, 81.25, 25, 68.75)
    assert found["n"] == 4
    assert found["overall"] == {k: v for k, v in overall.items() if k != "n"}
    assert found["dimensions"] == {
        "a": of_points(100, 62.5, 25, 62.5),
        "b": of_points(50, 100, 25, 75),
    }
    expected = nps(1, 1, 3)
    assert found["nps"] == {
        "rec": {"n": 3, "value": 0.0, "low": expected.low, "high": expected.high}
    }
    assert found["top2"]["a2"] == {
        "n": 4,
        "value": 50.0,
        "low": proportion(2, 4).low,
        "high": proportion(2, 4).high,
    }
    alpha = cronbach_alpha([[5, 5], [4, 3], [2, 2], [3, 4]])
    assert found["alpha"]["a"] == pytest.approx(alpha, abs=1e-12)
    assert found["alpha"]["b"] is None
    assert set(found["alpha"]) == {"a", "b", "overall"}


def test_departments_count_a_response_once_and_people_by_their_own_items(filled):
    found = analyse(filled)
    assert found["by_department"] == {"D1": of_points(75, 81.25, 68.75), "D2": of_points(25)}
    assert found["by_employee"] == {
        "E1": of_points(100, 62.5, 62.5),
        "E2": of_points(25),
        "T1": of_points(75),  # of its own items: a 100 and b 50
    }


def test_a_period_takes_its_own_days_only(filled):
    assert analyse(filled, "2025-10")["overall"]["mean"] == 68.75
    assert analyse(filled, "2025-11")["n"] == 3
    assert analyse(filled, "2025-Q4") == analyse(filled, "2025") == analyse(filled)
    assert analyse(filled, "2024")["n"] == 0


def test_without_answers_every_other_number_is_null(survey):
    found = analyse(survey)
    nothing = {"mean": None, "sd": None, "low": None, "high": None}
    assert found == {
        "as_of": None,
        "n": 0,
        "overall": nothing,
        "dimensions": {"a": {"n": 0} | nothing, "b": {"n": 0} | nothing},
        "nps": {"rec": {"n": 0, "value": None, "low": None, "high": None}},
        "top2": {
            code: {"n": 0, "value": None, "low": None, "high": None} for code in ("a1", "a2", "b1")
        },
        "alpha": {"a": None, "b": None, "overall": None},
        "by_department": {},
        "by_employee": {},
    }


def test_a_locked_period_keeps_the_figures_of_its_cut_off(filled, tmp_path):
    before = analyse(filled, "2025-11")
    lock = lock_data("2025-11", date(2025, 11, 1), date(2025, 11, 30), actor=None, now=NOW)
    take_in(
        Survey.objects.get(pk=filled.pk),
        [{"response_no": "R9", "employee_no": "E1", "q_a1": 1, "q_a2": 5, "q_b1": 1, "q_rec": 0}],
    )
    moment = lock.cutoff_at.isoformat()
    assert analyse(filled, "2025-11") == before | {"as_of": moment}
    assert (analyse(filled)["n"], analyse(filled)["as_of"]) == (5, None)
    out, file = StringIO(), tmp_path / "f.json"
    call_command("analyse_survey", "S1", "--period", "2025-11", "--output", file, stdout=out)
    assert out.getvalue() == f"{file}: n 3, as of {moment}\n"
    assert json.loads(file.read_bytes())["as_of"] == moment


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2025-11", date(2025, 11, 1), date(2025, 11, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-Q4", date(2025, 10, 1), date(2025, 12, 31)),
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_days_of_a_period(period, first, last):
    assert days_of(period) == (first, last)


@pytest.mark.parametrize("period", ["2025-13", "2025-Q5", "25", "", "2025-1", "0000"])
def test_what_is_no_period_is_refused(filled, period, tmp_path):
    with pytest.raises(CommandError, match="is not a period"):
        call_command("analyse_survey", "S1", "--period", period, "--output", tmp_path / "f.json")
    assert list(tmp_path.iterdir()) == []


def test_analyse_survey_writes_the_same_bytes_every_time(filled, tmp_path):
    for name in ("one.json", "two.json"):
        call_command("analyse_survey", "S1", "--output", tmp_path / name, stdout=StringIO())
    one = (tmp_path / "one.json").read_bytes()
    assert one == (tmp_path / "two.json").read_bytes()
    assert json.loads(one) == analyse(filled)


def test_clean_and_export_by_command(filled, tmp_path):
    out = StringIO()
    call_command("clean_survey", "S1", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0] == "S1: 5 responses, 0 new verdicts, 0 decided by people and kept"
    assert lines[1] == "counted 4, review 0, excluded 1"
    assert "partial: 1 of 5" in lines
    assert "even_odd: not testable" in lines
    assert "score, hard rules only: 62.50 (n 4)" in lines
    for name in ("one.csv", "two.csv"):
        call_command("export_cleaning", "S1", "--output", tmp_path / name, stdout=StringIO())
        call_command("clean_survey", "S1", stdout=StringIO())
    raw = (tmp_path / "one.csv").read_bytes()
    assert raw == (tmp_path / "two.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfresponse_no,verdict,checks,evidence\n")
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    assert [row["response_no"] for row in rows] == ["R1", "R2", "R3", "R4", "R5"]
    assert rows[0] == {"response_no": "R1", "verdict": "counted", "checks": "", "evidence": ""}
    assert (rows[4]["verdict"], rows[4]["checks"]) == ("excluded", "partial")
    assert json.loads(rows[4]["evidence"])["partial"]["dimensions"] == ["b"]


@pytest.mark.parametrize(
    "command", ["clean_survey", "close_survey", "export_cleaning", "analyse_survey"]
)
def test_an_unknown_survey_is_refused(db, command, tmp_path):
    writes = command in ("export_cleaning", "analyse_survey")
    output = ["--output", str(tmp_path / "f")] if writes else []
    with pytest.raises(CommandError, match="no survey NONE"):
        call_command(command, "NONE", *output)


def test_a_survey_is_closed_once_by_command(survey):
    out = StringIO()
    call_command("close_survey", "S1", stdout=out)
    assert out.getvalue() == "S1: closed\n"
    survey.refresh_from_db()
    assert survey.status == Survey.Status.CLOSED
    with pytest.raises(CommandError, match="closed already"):
        call_command("close_survey", "S1")
