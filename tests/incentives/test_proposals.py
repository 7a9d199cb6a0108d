"""propose_incentives works out awards and performance pay of a released period."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from core.errors import InvalidInput, InvalidTransition
from core.permissions import Denied
from incentives.models import Award, LedgerEntry, PerformancePay, Proposal
from incentives.queries.reasons import award_reason, pay_reason
from incentives.services.decisions import decide_incentives
from incentives.services.proposals import propose_incentives
from organization.models import PayProfile, Placement
from tests.incentives import released

pytestmark = pytest.mark.django_db
NOVEMBER = dt.date(2025, 11, 1)


def pay_of(number):
    return PerformancePay.objects.exclude(proposal__status="superseded").get(
        employee__employee_no=f"E{number:04d}"
    )


def award_of(number):
    return Award.objects.exclude(proposal__status="superseded").get(
        employee__employee_no=f"E{number:04d}"
    )


def test_a_month_gets_a_star_and_performance_pay(policy, november, director):
    released.staff(november, 6)
    proposal, new = propose_incentives("2025-11", actor=director)
    assert (new, proposal.no, proposal.policy_version) == (True, "2025-11-1", policy)
    assert proposal.evidence_hash == released.shown()
    star = award_of(1)
    assert (star.state, star.amount, star.prize_value) == ("reserved", D("500.00"), D("100.00"))
    assert (star.rank, star.places, star.fair_low) == (1, 1, D("90.00"))
    assert star.pool_month == NOVEMBER
    assert award_reason(star) == (
        "Rank 1 of 6 eligible (places: 1): lower bound of the fair score 90.00 from 40 answers."
    )
    assert award_of(6).state == "ranked"
    assert (pay_of(1).amount, pay_of(1).no) == (D("2000.00"), "2025-11-1/PAY/E0001")
    assert pay_reason(pay_of(1)) == (
        "Grade B (85.00 points): coefficient 1; present on 20 of 20 working days."
    )
    assert proposal.summary["performance_pay"]["total"] == "12000.00"
    assert proposal.summary["penalties"] == {"threshold": None, "reported": []}
    assert not LedgerEntry.objects.exists()


def test_equal_inputs_give_the_same_proposal(policy, november, director):
    released.staff(november, 6)
    first, _new = propose_incentives("2025-11", actor=director)
    again, new = propose_incentives("2025-11", actor=director)
    assert (again, new) == (first, False)


def test_other_inputs_supersede_an_open_proposal(policy, november, director):
    cards = released.staff(november, 6)
    first, _new = propose_incentives("2025-11", actor=director)
    released.attendance(cards[0].employee, NOVEMBER, "10")
    second, new = propose_incentives("2025-11", actor=director)
    first.refresh_from_db()
    assert (new, second.number, first.status) == (True, 2, "superseded")
    assert pay_of(1).amount == D("1000.00")


def test_a_decided_proposal_is_final(policy, november, director):
    cards = released.staff(november, 6)
    proposal, _new = propose_incentives("2025-11", actor=director)
    decide_incentives("2025-11", actor=director, confirm=released.shown())
    assert propose_incentives("2025-11", actor=director) == (proposal, False)
    released.attendance(cards[0].employee, NOVEMBER, "10")
    with pytest.raises(InvalidTransition, match="2025-11 was decided by director"):
        propose_incentives("2025-11", actor=director)


def test_only_released_periods_are_proposed(policy, director):
    released.period("2025-10", status="approved")
    with pytest.raises(InvalidTransition, match="2025-10 is approved"):
        propose_incentives("2025-10", actor=director)
    with pytest.raises(InvalidInput, match="There is no period 2031-01"):
        propose_incentives("2031-01", actor=director)


def test_without_a_policy_nothing_is_proposed(policy, director):
    released.staff(released.period("2024-12"), 1)
    with pytest.raises(InvalidInput, match="No policy was active on 2024-12-01"):
        propose_incentives("2024-12", actor=director)


def test_whoever_is_not_of_the_group_proposes_nothing(policy, november, hr_admin):
    with pytest.raises(Denied):
        propose_incentives("2025-11", actor=hr_admin)
    assert not Proposal.objects.exists()


def test_not_assessed_pays_coefficient_one_and_says_why(policy, november, director):
    released.scorecard(november, released.employee(1), **released.not_assessed("below_min_n"))
    propose_incentives("2025-11", actor=director)
    row = pay_of(1)
    assert (row.amount, row.coefficient, row.reason_code) == (D("2000.00"), 1, "not_assessed")
    assert pay_reason(row) == (
        "Not assessed (too few observations): coefficient 1; present on 20 of 20 working days."
    )
    assert award_of(1).reason_code == "not_assessed"


def test_the_grades_coefficient_and_presence_pay(policy, november, director):
    card = released.scorecard(november, released.employee(1), coefficient=D("0.8"), grade="C")
    released.attendance(card.employee, NOVEMBER, "19")
    propose_incentives("2025-11", actor=director)
    assert pay_of(1).amount == D("1520.00")


def test_no_performance_pay_gives_no_row(policy, november, director):
    released.scorecard(november, released.employee(1, pay="0.00"))
    released.scorecard(november, released.employee(2, pay=None))
    proposal, _new = propose_incentives("2025-11", actor=director)
    assert not PerformancePay.objects.exists()
    summary = proposal.summary["performance_pay"]
    assert (summary["people"], summary["without_base"]) == (0, 2)
    assert summary["days_without_profile"] == ["E0002"]


def test_a_pay_rise_inside_the_month_is_weighted_by_working_days(policy, november, director):
    card = released.scorecard(november, released.employee(1))
    profile = PayProfile.objects.get(employee=card.employee)
    profile.ends_on = dt.date(2025, 11, 16)
    profile.save()
    PayProfile.objects.create(
        employee=card.employee,
        base_wage=D("6000.00"),
        performance_pay=D("3000.00"),
        starts_on=dt.date(2025, 11, 17),
    )
    propose_incentives("2025-11", actor=director)
    row = pay_of(1)
    # 10 working days at 2000 and 10 at 3000.
    assert [one["days"] for one in row.detail["profiles"]] == [10, 10]
    assert (row.performance_pay, row.amount) == (D("2500.00"), D("2500.00"))


def test_a_joiner_without_attendance_is_paid_for_the_days_placed(policy, november, director):
    card = released.scorecard(november, released.employee(1))
    Placement.objects.filter(employee=card.employee).update(starts_on=dt.date(2025, 11, 24))
    propose_incentives("2025-11", actor=director)
    row = pay_of(1)
    assert (row.present_days, row.working_days, row.amount) == (5, 20, D("500.00"))


def test_a_small_group_is_decided_by_the_quarter(policy, november, director):
    for month in (released.period("2025-10"), november, released.period("2025-12")):
        released.staff(month, 4)
        proposal, _new = propose_incentives(month.key, actor=director)
        (group,) = proposal.summary["awards"]["SATISFACTION_STAR"]["groups"]
        assert (group["decided"], group["eligible"], group["winners"]) == ("fallback", 4, 0)
    assert Award.objects.filter(state="reserved").count() == 0
    assert award_reason(Award.objects.first()) == (
        "4 eligible in this job, fewer than 5: decided by the longer period (quarter)."
    )
    quarter = released.period("2025-Q4")
    released.staff(quarter, 4, present_days=D("60.00"), working_days=D("60.00"))
    proposal, _new = propose_incentives("2025-Q4", actor=director)
    row = proposal.summary["awards"]["SATISFACTION_STAR"]
    assert (row["fallback_of"], row["winners"], row["missing"]) == ("month", 1, [])
    star = proposal.awards.get(state="reserved")
    assert (star.employee.employee_no, star.pool_month) == ("E0001", dt.date(2025, 12, 1))
    assert proposal.summary["performance_pay"] is None
    assert not proposal.payments.exists()


def test_a_quarter_whose_months_decided_for_themselves_gives_no_star(policy, november, director):
    released.staff(november, 6)
    propose_incentives("2025-11", actor=director)
    quarter = released.period("2025-Q4")
    released.staff(quarter, 6, present_days=D("60.00"))
    proposal, _new = propose_incentives("2025-Q4", actor=director)
    assert not proposal.awards.exists()
    row = proposal.summary["awards"]["SATISFACTION_STAR"]
    assert row["missing"] == ["2025-10", "2025-12"]


def test_a_pool_that_is_too_small_is_said_and_nobody_is_reserved(november, director):
    spec = released.lect_policy()
    spec["pools"][0]["budget"] = "700.00"
    released.staff(november, 6)
    released.active_policy(spec, director, simulated="2025-11")
    proposal, _new = propose_incentives("2025-11", actor=director)
    (pool,) = proposal.summary["pools"]
    assert (pool["exceeded"], pool["room"], pool["cost"]) == (True, "595.00", "600.00")
    star = award_of(1)
    assert (star.state, star.reason_code) == ("ranked", "pool_exceeded")
    assert "all winners would cost 600.00 and the pool has 595.00" in award_reason(star)


def test_unspent_room_is_carried_over_from_decided_months(policy, november, director):
    october = released.period("2025-10")
    released.staff(october, 6)
    released.staff(november, 6)
    propose_incentives("2025-10", actor=director)
    proposal, _new = propose_incentives("2025-11", actor=director)
    assert proposal.summary["pools"][0]["carried_over"] == "0.00"
    decide_incentives("2025-10", actor=director, confirm=released.shown("2025-10"))
    proposal, new = propose_incentives("2025-11", actor=director)
    assert new
    assert proposal.summary["pools"][0]["carried_over"] == "9600.00"


def test_the_command_prints_the_proposal(policy, november, director, capsys):
    released.staff(november, 6)
    call_command("propose_incentives", "2025-11")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        f"PROPOSAL 2025-11-1 new (proposed), by LECT-2025 v1, confirmed with {released.shown()}"
    )
    assert lines[1] == (
        "SATISFACTION_STAR: considered 6, eligible 6, winners 1, held 0, cost 600.00"
    )
    assert lines[2] == "  LECT: 6 of 6 eligible, places 1, winners 1; decided here"
    assert any(line.startswith("penalties: none reported") for line in lines)
    with pytest.raises(CommandError, match="There is no period"):
        call_command("propose_incentives", "2030-01")


def test_the_ready_policy_says_which_awards_it_does_not_work_out(november, director):
    released.staff(released.period("2026-Q1"), 1)
    released.active_policy(released.ready_policy(), director, simulated="2026-Q1")
    proposal, _new = propose_incentives("2026-Q1", actor=director)
    assert proposal.summary["awards_not_run"] == [
        "COMPLAINT_HANDLING",
        "INNOVATION",
        "BEST_TEAM_QUARTER",
        "COLLABORATION",
    ]


def test_the_facts_of_a_proposal_cannot_be_changed(policy, november, director):
    released.staff(november, 1)
    proposal, _new = propose_incentives("2025-11", actor=director)
    for rows in (proposal.payments, proposal.awards):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            rows.update(amount=D("9999.00"))
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Proposal.objects.update(summary={})
