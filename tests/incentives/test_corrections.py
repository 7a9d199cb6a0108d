"""A revised scorecard after the decision: reversal and difference, the appellant's star."""

from decimal import Decimal as D

import pytest

from core.errors import InvalidTransition
from incentives.models import Award, LedgerEntry, PerformancePay
from incentives.queries.reasons import award_reason
from incentives.services import corrections, ledger
from incentives.services.corrections import Figures
from incentives.services.decisions import award_entry, decide_award, decide_incentives
from incentives.services.proposals import propose_incentives
from tests.incentives import released

pytestmark = pytest.mark.django_db


@pytest.fixture
def cards(policy, november, director):
    """Six people; the sixth has grade C; everything decided."""
    cards = released.staff(november, 5)
    low = {"grade": "C", "coefficient": D("0.8000"), "composite": D("75.00"), "fair_low": 60.0}
    cards.append(released.scorecard(november, released.employee(6), **low))
    propose_incentives("2025-11", actor=director)
    decide_incentives("2025-11", actor=director, confirm=released.shown())
    return cards


def revise(card, **changes):
    card.corrected = True
    card.save(update_fields=["corrected"])
    values = {"version": 2, "supersedes": card, "cause": "AP-2025-0001", "state": "revised"}
    return released.scorecard(card.period, card.employee, **(values | changes))


def test_a_dry_run_shows_before_and_after_and_writes_nothing(cards):
    count = LedgerEntry.objects.count()
    figures = Figures("assessed", "B", D("82.00"), D("1.0000"), "", 40, 70.0, "ok")
    effects = corrections.preview(cards[5], figures)
    assert effects.pay is not None
    assert (effects.pay.before, effects.pay.after) == (D("1600.00"), D("2000.00"))
    assert effects.gains == ()
    assert LedgerEntry.objects.count() == count


def test_in_a_job_too_small_for_the_month_a_corrected_score_wins_no_star(
    policy, november, director
):
    released.staff(november, 3)
    low = {"grade": "C", "coefficient": D("0.8000"), "composite": D("75.00"), "fair_low": 60.0}
    card = released.scorecard(november, released.employee(4), **low)
    propose_incentives("2025-11", actor=director)
    decide_incentives("2025-11", actor=director, confirm=released.shown())
    figures = Figures("assessed", "B", D("82.00"), D("1.0000"), "", 40, 99.0, "ok")
    assert corrections.preview(card, figures).gains == ()


def test_execution_posts_a_reversal_and_the_full_new_amount(cards, director):
    revised = revise(cards[5], fair_low=70.0)
    back, new = corrections.apply(
        cards[5], revised, actor=director, approval_no="AP-2025-0001", reason="two answers out"
    )
    assert (back.amount, back.kind, back.reverses.amount) == (D("-1600.00"), "A", D("1600.00"))
    assert (new.amount, new.source_no, new.approval_no) == (
        D("2000.00"),
        "2025-11-1/PAY/E0006/2",
        "AP-2025-0001",
    )
    assert str(new.month) == str(back.month) == "2025-11-01"
    rows = PerformancePay.objects.filter(employee=cards[5].employee).order_by("version")
    assert [(row.version, row.state, row.amount) for row in rows] == [
        (1, "reversed", D("1600.00")),
        (2, "posted", D("2000.00")),
    ]
    assert ledger.verify() is None


def test_the_appellant_gets_a_star_from_the_reserve_and_nobody_loses_one(cards, director):
    revised = revise(cards[5], fair_low=95.0, satisfaction_n=41)
    entries = corrections.apply(
        cards[5], revised, actor=director, approval_no="AP-2025-0001", reason="two answers out"
    )
    assert [entry.amount for entry in entries] == [D("-1600.00"), D("2000.00"), D("500.00")]
    stars = Award.objects.filter(state="posted").order_by("employee__employee_no")
    assert [star.employee.employee_no for star in stars] == ["E0001", "E0006"]
    assert award_reason(stars[1]) == (
        "Rank 1 of 6 eligible after an appeal: paid from the appeal reserve."
    )
    assert stars[1].no == "2025-11-1/SATISFACTION_STAR/E0006/2"
    assert ledger.verify() is None


def test_a_used_up_reserve_leaves_the_star_to_the_group(november, director):
    spec = released.lect_policy()
    spec["pools"][0] |= {"budget": "620.00", "appeal_reserve_percent": "1.00"}
    cards = released.staff(november, 6)
    released.active_policy(spec, director, simulated="2025-11")
    propose_incentives("2025-11", actor=director)
    decide_incentives("2025-11", actor=director, confirm=released.shown())
    entries = corrections.apply(
        cards[5],
        revise(cards[5], fair_low=95.0),
        actor=director,
        approval_no="AP-2025-0001",
        reason="two answers out",
    )
    assert entries == []
    row = Award.objects.get(version=2)
    assert (row.state, row.reason_code) == ("ranked", "pool_exceeded")


def test_before_the_decision_nothing_is_posted(policy, november, director):
    cards = released.staff(november, 6)
    propose_incentives("2025-11", actor=director)
    revised = revise(cards[5], coefficient=D("1.2000"), grade="A")
    assert (
        corrections.apply(
            cards[5], revised, actor=director, approval_no="AP-2025-0001", reason="out"
        )
        == []
    )
    assert not LedgerEntry.objects.exists()


def test_an_unchanged_amount_posts_nothing(cards, director):
    revised = revise(cards[1], composite=D("86.00"), fair_low=85.0)
    assert (
        corrections.apply(
            cards[1], revised, actor=director, approval_no="AP-2025-0001", reason="out"
        )
        == []
    )


# --- one award, one payment ---


def scarce(november, director, budget="620.00"):
    """Six people, and a pool that can pay one star, or with a smaller budget none."""
    spec = released.lect_policy()
    spec["pools"][0] |= {"budget": budget, "appeal_reserve_percent": "1.00"}
    cards = released.staff(november, 6)
    released.active_policy(spec, director, simulated="2025-11")
    propose_incentives("2025-11", actor=director)
    decide_incentives("2025-11", actor=director, confirm=released.shown())
    return cards


def appealed(card, director, **changes):
    return corrections.apply(
        card,
        revise(card, **changes),
        actor=director,
        approval_no="AP-2025-0001",
        reason="two answers out",
    )


def stars(card):
    rows = Award.objects.filter(employee=card.employee).order_by("version")
    return [(row.version, row.state, row.reason_code, row.decision_reason) for row in rows]


def test_a_place_the_pool_could_not_pay_stays_the_groups_after_an_appeal(november, director):
    cards = scarce(november, director, budget="600.00")
    open_place = (1, "ranked", "pool_exceeded", "")
    assert stars(cards[0]) == [open_place]
    assert appealed(cards[0], director, fair_low=96.0) == []
    assert stars(cards[0]) == [open_place]


def test_of_two_versions_only_the_last_is_decided(november, director):
    cards = scarce(november, director)
    appealed(cards[5], director, fair_low=95.0)
    assert stars(cards[5]) == [
        (1, "rejected", "below_line", ""),
        (2, "ranked", "pool_exceeded", ""),
    ]
    Award.objects.filter(employee=cards[5].employee, version=1).update(state="held")
    before = LedgerEntry.objects.count()
    with pytest.raises(InvalidTransition, match=r"E0006/2 has taken the place of .*E0006;"):
        decide_award(
            "2025-11-1/SATISFACTION_STAR/E0006", actor=director, approve=True, reason="first"
        )
    assert LedgerEntry.objects.count() == before


def test_an_award_the_group_refused_is_not_paid_by_an_appeal(policy, november, director):
    cards = released.staff(november, 6)
    propose_incentives("2025-11", actor=director)
    decide_award(
        "2025-11-1/SATISFACTION_STAR/E0001", actor=director, approve=False, reason="asked not to"
    )
    decide_incentives("2025-11", actor=director, confirm=released.shown())
    refused = [(1, "rejected", "won", "asked not to")]
    assert stars(cards[0]) == refused
    assert appealed(cards[0], director, fair_low=96.0, satisfaction_n=45) == []
    assert stars(cards[0]) == refused
    assert ledger.verify() is None


def test_two_standing_payments_of_one_award_are_found(cards, director):
    appealed(cards[5], director, fair_low=95.0, satisfaction_n=41)
    second = Award.objects.get(employee=cards[5].employee, version=2)
    second.pk, second.version = None, 3
    second.content_hash = ledger.facts_hash(second)
    second.save()
    entry = award_entry(second, second.proposal, second.pool_month)
    (row,) = ledger.post([entry], actor=director)
    found = ledger.verify()
    assert found is not None
    assert (found.entry_no, found.problem) == (
        row.entry_no,
        "it pays what another entry has paid already",
    )


def test_a_reversal_cut_off_at_the_end_is_found(cards, director):
    PerformancePay.objects.filter(employee=cards[5].employee).update(state="reversed")
    found = ledger.verify()
    assert found is not None
    assert str(found).endswith("2025-11-1/PAY/E0006 was reversed without an entry")
