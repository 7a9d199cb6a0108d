"""The scores as HR takes them."""

import csv
from decimal import Decimal

import pytest
from django.core.management import call_command

from assessments.exports import export_scores
from core.errors import InvalidInput
from organization.models import Attendance
from tests.assessments.world import courtesy

COLUMNS = (
    "employee_no,department_code,status,quantitative,qualitative,composite,grade,coefficient,"
    "satisfaction_raw,satisfaction_n,fair_score,fair_low,fair_high,"
    "analysis_accuracy,coordination,courtesy_rate,emergency,error_rate,first_owner_rate,"
    "handling_time,patience,proactive,resolution_rate,response_time,satisfaction"
)


@pytest.fixture
def scored(company):
    spec = company.scheme().spec
    company.scheme(items=[{**spec["items"][0], "weight": 50}, courtesy(50)])
    company.hire("E2")
    company.hire("E10", department="S2")
    company.answer("E2", 4, 4, 4, 5, 4, 4)  # 79.1666…
    company.answer("E10", 5, 5, 5, 5)
    company.measure(("courtesy_rate", "E2", "2025-11", 92, 100))
    company.score()
    return company


def test_file_has_one_sorted_row_per_employee_and_blanks_where_too_few(scored, tmp_path):
    assert export_scores("2025-11", tmp_path / "scores.csv") == 2
    raw = (tmp_path / "scores.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfemployee_no,")
    assert b"\r" not in raw
    text = raw.decode("utf-8-sig")
    assert text.splitlines()[0] == COLUMNS
    first, second = csv.DictReader(text.splitlines())
    assert [first["employee_no"], second["employee_no"]] == ["E10", "E2"]
    shown = {name: value for name, value in first.items() if value}
    assert shown == {
        "employee_no": "E10",
        "department_code": "S2",
        "status": "not_assessed",
        "satisfaction_n": "4",
    }
    assert second["satisfaction_raw"] == "79.17"
    assert (second["satisfaction"], second["courtesy_rate"]) == ("97.92", "70.00")
    assert (second["quantitative"], second["composite"], second["grade"]) == ("83.96", "83.96", "B")
    assert second["coefficient"] == "1.00"
    assert second["fair_score"] == ""


def test_scored_twice_gives_the_same_bytes(scored, tmp_path):
    call_command("export_scores", "2025-11", "--output", str(tmp_path / "a.csv"))
    person = scored.card("E2").employee
    row = Attendance.objects.create(
        employee=person, month="2025-11-01", working_days=20, present_days=3
    )
    scored.score()
    row.delete()
    scored.score()
    assert scored.card("E2").version == 3
    call_command("export_scores", "2025-11", "--output", str(tmp_path / "b.csv"))
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_points_of_two_placements_are_weighted_by_days(company, tmp_path):
    company.scheme(position_codes=["LECT", "B"], items=[courtesy()])
    company.hire("E1", ("S1", "LECT", "2020-01-01", "2025-11-07"), ("S2", "B", "2025-11-08", None))
    company.measure(("courtesy_rate", "E1", "2025-11", 92, 100))
    company.score()
    export_scores("2025-11", tmp_path / "s.csv")
    (row,) = csv.DictReader((tmp_path / "s.csv").read_text("utf-8-sig").splitlines())
    assert Decimal(row["courtesy_rate"]) == 70
    assert (row["composite"], row["status"]) == ("70.00", "partial")


def test_a_period_without_scores_is_refused(company, tmp_path):
    with pytest.raises(InvalidInput, match="has not been scored"):
        export_scores("2025-11", tmp_path / "s.csv")
    assert list(tmp_path.iterdir()) == []
