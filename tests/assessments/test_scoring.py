"""Scoring a period: whose facts, which scheme, what is missing, what is frozen."""

import datetime
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments import services
from assessments.models import (
    Indicator,
    IndicatorResult,
    Period,
    ScoringRun,
)
from assessments.queries import evidence
from core.errors import InvalidInput, InvalidTransition
from core.permissions import Denied
from core.workdays import SHANGHAI
from organization.models import Attendance
from surveys.models import DataLock
from tests.assessments.world import LATER, courtesy

EARLY = datetime.datetime(2025, 12, 3, 23, 59, 59, tzinfo=SHANGHAI)
IN_TIME = datetime.datetime(2025, 12, 4, tzinfo=SHANGHAI)


def test_twelve_indicators_stand_ready(db):
    assert Indicator.objects.count() == 12
    assert Indicator.objects.get(code="response_time").versions.get().unit == "business_minutes"
    assert services.indicators.ensure_indicators() == 0


def test_satisfaction_raw_and_points_from_counted_responses(company):
    company.scheme()
    company.hire("E1")
    company.answer("E1", 4, 4, 4, 4, 5)  # mean of 75, 75, 75, 75, 100
    run = company.score()
    card = company.card("E1")
    assert run.provisional is False
    assert (card.satisfaction_raw, card.satisfaction_n) == (80.0, 5)
    assert (card.status, card.composite, card.grade) == ("assessed", D("100.00"), "A")
    assert card.coefficient == D("1.2")
    result = IndicatorResult.objects.get(scorecard=card)
    assert (result.numerator, result.denominator, result.n) == (D(400), D(5), 5)
    assert (result.raw, result.value_used, result.points) == (D(80), D(80), D(100))
    assert result.status == "ok"


def test_four_responses_show_their_number_and_nothing_else(company):
    company.scheme()
    company.hire("E1")
    company.answer("E1", 5, 5, 5, 5)
    company.score()
    card = company.card("E1")
    assert (card.satisfaction_n, card.satisfaction_raw, card.fair_score) == (4, None, None)
    assert (card.status, card.reason) == ("not_assessed", "below_min_n")
    assert (card.composite, card.grade, card.coefficient) == (None, "", None)
    result = IndicatorResult.objects.get(scorecard=card)
    assert (result.n, result.raw, result.points, result.status) == (4, None, None, "below_min_n")


def test_fair_score_needs_a_peer_group(company):
    item = company.scheme().spec["items"][0]
    company.scheme(items=[{**item, "value": "fair"}])
    company.hire("E1")
    company.answer("E1", *([5] * 10))
    company.score("2025-10", now=LATER)
    assert company.card("E1", "2025-10").reason == "no_data"
    company.score()
    card = company.card("E1")
    assert (card.reason, card.fair_status, card.satisfaction_raw) == (
        "no_peer_group",
        "no_peer_group",
        100.0,
    )
    company.crowd()
    services.send_back_period("2025-11", actor=company.reviewer, reason="more answers")
    company.score()
    card = company.card("E1")
    assert (card.status, card.fair_status, card.peer_group) == ("assessed", "ok", "position:LECT")
    assert card.fair_low < card.fair_score < card.satisfaction_raw
    result = IndicatorResult.objects.get(scorecard=card)
    assert float(result.value_used) == pytest.approx(card.fair_score, abs=1e-9)
    frozen = company.period().current_run.frozen["LECT"]
    assert (frozen["J"], frozen["N"]) == (7, 82)


def test_position_without_a_scheme_is_not_assessed_but_keeps_its_satisfaction(company):
    company.hire("E1", position="PILOT")
    company.answer("E1", 5, 5, 5, 5, 5)
    run = company.score()
    card = company.card("E1")
    assert (card.status, card.reason, card.satisfaction_raw) == ("not_assessed", "no_scheme", 100.0)
    assert {"code": "no_scheme", "count": 1, "examples": ["PILOT"]} in run.warnings


def test_scheme_holds_for_periods_that_begin_on_or_after_its_date(company):
    company.scheme(effective_from="2025-11-02")
    company.hire("E1")
    company.answer("E1", *([5] * 5))
    company.score("2025-11")
    company.score("2025-12")
    assert company.card("E1", "2025-11").reason == "no_scheme"
    assert company.card("E1", "2025-12").reason == "no_data"


def test_measured_indicator_sums_sources_and_months(company):
    company.scheme(items=[courtesy()])
    company.hire("E1")
    company.measure(
        ("courtesy_rate", "E1", "2025-10", 17, 20, "audit"),
        ("courtesy_rate", "E1", "2025-11", 12, 15, "audit 1"),
        ("courtesy_rate", "E1", "2025-11", 5, 5, "audit 2"),
        ("courtesy_rate", "E1", "2025-Q4", 58, 60, "visit"),
    )
    company.score("2025-11")
    result = IndicatorResult.objects.get(scorecard=company.card("E1"))
    assert (result.numerator, result.denominator, result.raw) == (D(17), D(20), D(85))
    run = company.score("2025-Q4")
    result = IndicatorResult.objects.get(scorecard=company.card("E1", "2025-Q4"))
    assert (result.numerator, result.denominator, result.raw) == (D(92), D(100), D(92))
    assert result.points == D(70)
    assert run.warnings == [
        {
            "code": "measured_by_month_and_longer",
            "count": 1,
            "examples": ["E1 courtesy_rate"],
        }
    ]


def test_minutes_deductions_and_empty_denominators(company):
    company.scheme(
        items=[
            {
                "indicator": "handling_time",
                "weight": 50,
                "value": "raw",
                "curve": {"type": "linear", "floor": 480, "target": 300},
                "min_n": 2,
            },
            {
                "indicator": "error_rate",
                "weight": 30,
                "value": "raw",
                "curve": {"type": "deduction", "start": 100, "per": 15},
                "min_n": 1,
            },
            courtesy(20),
        ]
    )
    company.hire("E1")
    company.measure(
        ("handling_time", "E1", "2025-11", 1080, 3),
        ("error_rate", "E1", "2025-11", 2, 50),
        ("courtesy_rate", "E1", "2025-11", 0, 0),
    )
    company.score()
    rows = {r.indicator: r for r in IndicatorResult.objects.filter(scorecard=company.card("E1"))}
    assert rows["handling_time"].points.quantize(D("0.01")) == D("66.67")
    assert (rows["error_rate"].raw, rows["error_rate"].value_used) == (D(4), D(2))
    assert rows["error_rate"].points == D(70)
    assert (rows["courtesy_rate"].status, rows["courtesy_rate"].points) == ("no_data", None)
    # (50 * 66.67 + 30 * 70) / 80
    assert company.card("E1").composite == D("67.92")


def test_qualitative_part_without_opinions_gives_its_weight_to_the_figures(company):
    company.scheme(
        quantitative_weight=70,
        qualitative_weight=30,
        qualitative={"groups": [{"group": "peer", "weight": 100}]},
    )
    company.hire("E1")
    company.answer("E1", *([4] * 5))
    company.score()
    card = company.card("E1")
    assert (card.status, card.composite, card.qualitative) == ("partial", D("87.50"), None)


def test_placements_are_weighted_by_working_days_and_judged_by_their_own_scheme(company):
    company.scheme()
    company.scheme(code="B-2025", position_codes=["B"], items=[courtesy()])
    # November 2025 has 20 working days: 10 until Friday 14th, 10 from Monday 17th.
    company.hire("E1", ("S1", "LECT", "2020-01-01", "2025-11-14"), ("S2", "B", "2025-11-15", None))
    company.answer("E1", *([4] * 5), department="S1", day="2025-11-10")  # 87.5 points
    company.measure(("courtesy_rate", "E1", "2025-11", 92, 100))  # 70 points
    company.score()
    card = company.card("E1")
    assert [p["days"] for p in card.placements] == [10, 10]
    assert (card.composite, card.status) == (D("78.75"), "assessed")
    assert card.department.code == "S2"
    assert card.position.code == "B"


def test_response_of_another_department_counts_for_the_job_it_was_earned_in(company):
    company.scheme()
    company.hire("E1", department="S1")
    company.answer("E1", *([4] * 5), department="S2")
    company.score()
    assert company.card("E1").composite == D("87.50")


def test_leaver_is_scored_in_the_department_of_the_last_day(company):
    company.scheme()
    company.hire("E1", ("S2", "LECT", "2020-01-01", "2025-11-20"))
    company.hire("E2", ("S2", "LECT", "2020-01-01", "2025-10-31"))
    company.answer("E1", *([4] * 5))
    run = company.score()
    assert company.card("E1").department.code == "S2"
    assert run.scorecards.count() == 1


@pytest.mark.parametrize(
    ("present", "leave", "status", "reason"),
    [
        ("10", 0, "assessed", ""),
        ("9.5", 0, "not_assessed", "presence"),
        ("9", 11, "not_assessed", "presence"),
    ],
)
def test_too_few_days_present_is_not_assessed(company, present, leave, status, reason):
    company.scheme()
    person = company.hire("E1")
    company.answer("E1", *([4] * 5))
    Attendance.objects.create(
        employee=person,
        month="2025-11-01",
        working_days=20,
        present_days=present,
        statutory_leave_days=leave,
    )
    company.score()
    card = company.card("E1")
    assert (card.status, card.reason) == (status, reason)
    assert (card.working_days, card.present_days) == (D(20), D(present))


def test_presence_is_counted_per_month_of_the_period(company):
    company.scheme()
    person = company.hire("E1")
    company.answer("E1", *([4] * 5))
    for month, days in (("10", "18"), ("11", "6"), ("12", "5")):
        Attendance.objects.create(
            employee=person, month=f"2025-{month}-01", working_days=20, present_days=days
        )
    company.score("2025-Q4")
    assert company.card("E1", "2025-Q4").reason == "presence"  # 29 of the 30 needed


def test_no_attendance_file_means_present(company):
    company.hire("E1")
    company.score()
    card = company.card("E1")
    assert (card.working_days, card.present_days) == (D(20), D(20))


def test_unfinished_period_is_provisional_and_locks_nothing(company):
    company.scheme()
    company.hire("E1")
    company.answer("E1", *([4] * 5))
    run = company.score(now=EARLY)
    assert run.provisional is True
    assert (company.period().status, company.period().cutoff_at) == ("collecting", None)
    assert not DataLock.objects.exists()
    assert company.score(now=EARLY).pk == run.pk
    company.answer("E1", 1)
    assert company.score(now=EARLY).number == 2
    with pytest.raises(InvalidTransition):
        services.review_period("2025-11", actor=company.reviewer, confirm="0" * 64)
    final = company.score(now=IN_TIME)
    assert (final.provisional, final.number) == (False, 3)
    assert company.period().status == "scored"
    assert company.card("E1").version == 3


def test_equal_inputs_change_nothing_and_late_answers_reach_nothing(company):
    company.scheme()
    company.hire("E1")
    company.answer("E1", *([4] * 5))
    run = company.score()
    company.answer("E1", 1, 1, 1)
    again = company.score()
    assert again.pk == run.pk
    assert ScoringRun.objects.count() == 1
    assert company.card("E1").satisfaction_n == 5
    assert evidence(company.period()).late == 3


def test_an_answer_late_for_one_cut_off_is_in_the_result_of_the_next(company):
    company.scheme()
    company.hire("E1")
    company.answer("E1", *([4] * 5))
    company.score()
    company.answer("E1", 1, 1, 1)
    company.score("2025-Q4")
    assert evidence(company.period("2025-Q4")).late == 0
    services.send_back_period("2025-11", actor=company.approver, reason="three more answers")
    assert evidence(company.period()).late == 0
    company.score()
    assert company.card("E1").satisfaction_n == 8
    assert evidence(company.period()).late == 0


def test_other_inputs_give_a_new_version_and_keep_the_old(company):
    company.scheme()
    person = company.hire("E1")
    company.answer("E1", *([4] * 5))
    company.score()
    first = company.card("E1")
    Attendance.objects.create(employee=person, month="2025-11-01", working_days=20, present_days=3)
    company.score(actor=company.admin)
    second = company.card("E1")
    assert (second.version, second.supersedes_id, second.status) == (2, first.pk, "not_assessed")
    first.refresh_from_db()
    assert (first.is_current, first.composite) == (False, D("87.50"))
    assert company.period().scored_by == company.admin


def test_quarter_and_year_are_computed_from_the_raw_facts(company):
    company.scheme()
    company.hire("E1")
    for day, ratings in (("2025-10-10", [5] * 5), ("2025-11-10", [3] * 15), ("2025-07-01", [1])):
        company.answer("E1", *ratings, day=day)
    company.score("2025-Q4")
    company.score("2025")
    assert company.card("E1", "2025-Q4").satisfaction_raw == 62.5  # not the mean of two months
    assert company.card("E1", "2025").satisfaction_n == 21


def test_only_some_roles_score(company):
    with pytest.raises(Denied):
        services.score_period("2025-11", actor=company.admin.__class__.objects.create_user("x"))
    with pytest.raises(InvalidInput, match="is no period"):
        company.score("2025-13")
    assert not Period.objects.exists()


def test_more_people_cost_no_more_queries(company):
    company.scheme()
    company.crowd(3)
    with CaptureQueriesContext(connection) as few:
        company.score("2025-10")
    company.crowd(30, prefix="M")
    with CaptureQueriesContext(connection) as many:
        company.score("2025-12")
    assert len(many) == len(few)
