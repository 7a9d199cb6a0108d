"""What one month's wage may bear: the worked values, the edges, and the properties."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentives.rules.wage_guard import (
    Debt,
    FineRule,
    Taken,
    Wage,
    bearable,
    exceeds_warning_line,
    take,
)

MW = Decimal("2490.00")
fen = st.integers(min_value=0, max_value=3_000_000).map(lambda n: Decimal(n).scaleb(-2))
debts = st.lists(
    st.builds(Debt, number=st.just("RC"), kind=st.sampled_from(["C", "D"]), due=fen), max_size=5
)
fines = st.sampled_from([FineRule(), FineRule(Decimal(5)), FineRule(Decimal("12.5"))])


def wage(gross: str, excluded: str = "0.00", minimum: Decimal | None = MW) -> Wage:
    return Wage(Decimal(gross), Decimal(excluded), minimum)


def loss(due: str, number: str = "RC-1") -> Debt:
    return Debt(number, "C", Decimal(due))


def fine(due: str) -> Debt:
    return Debt("RC-9", "D", Decimal(due))


def amounts(taken: list[Taken]) -> list[tuple[str, str, str]]:
    return [(str(one.deduct), str(one.carry), one.reason) for one in taken]


@pytest.mark.parametrize(
    ("gross", "excluded", "deduct", "carry", "reason"),
    [
        ("6000.00", "0.00", "1200.00", "1800.00", "cap"),
        ("2800.00", "0.00", "310.00", "2690.00", "room"),
        ("3000.00", "600.00", "0.00", "3000.00", "room"),
    ],
)
def test_the_worked_values(gross, excluded, deduct, carry, reason):
    assert amounts(take(wage(gross, excluded), [loss("3000.00")])) == [(deduct, carry, reason)]


def test_overtime_does_not_fill_the_minimum_wage_and_the_shortfall_is_named():
    assert wage("3000.00", "600.00").shortfall == Decimal("90.00")
    assert wage("2800.00").shortfall == Decimal("0.00")
    assert wage("3000.00", "600.00", None).shortfall == Decimal("0.00")


def test_a_debt_that_fits_is_taken_whole_and_limited_by_nothing():
    assert amounts(take(wage("6000.00"), [loss("150.00")])) == [("150.00", "0.00", "")]


def test_the_cap_is_rounded_down_to_the_fen():
    assert wage("6000.04").cap() == Decimal("1200.00")
    assert wage("6000.05").cap() == Decimal("1200.01")


def test_several_debts_are_served_in_the_order_of_their_decisions():
    taken = take(wage("6000.00"), [loss("1000.00", "RC-1"), loss("500.00", "RC-2"), loss("1.00")])
    assert amounts(taken) == [
        ("1000.00", "0.00", ""),
        ("200.00", "300.00", "cap"),
        ("0.00", "1.00", "cap"),
    ]


def test_what_was_taken_before_in_the_month_reduces_cap_and_room():
    earlier = [("C", Decimal("1000.00"))]
    assert amounts(take(wage("6000.00"), [loss("3000.00")], taken=earlier)) == [
        ("200.00", "2800.00", "cap")
    ]
    assert amounts(take(wage("2800.00"), [loss("300.00")], taken=[("D", Decimal("100.00"))])) == [
        ("210.00", "90.00", "room")
    ]


def test_without_a_minimum_wage_nothing_is_taken():
    taken = take(wage("6000.00", minimum=None), [loss("10.00"), fine("10.00")])
    assert amounts(taken) == [("0.00", "10.00", "no_minimum_wage")] * 2


def test_fines_are_off_unless_the_place_caps_them():
    assert amounts(take(wage("6000.00"), [fine("100.00")])) == [("0.00", "100.00", "fines_off")]
    capped = FineRule(Decimal(5))
    assert amounts(take(wage("6000.00"), [fine("400.00")], fines=capped)) == [
        ("300.00", "100.00", "fine_cap")
    ]


def test_fines_and_losses_share_one_cap():
    capped = FineRule(Decimal(5))
    taken = take(wage("6000.00"), [loss("1100.00"), fine("300.00")], fines=capped)
    assert amounts(taken) == [("1100.00", "0.00", ""), ("100.00", "200.00", "cap")]


def test_a_negative_wage_bears_nothing():
    assert amounts(take(wage("-50.00"), [loss("10.00")])) == [("0.00", "10.00", "cap")]


def test_reductions_stay_within_the_variable_pay_and_above_the_floor():
    big = wage("8000.00")
    kept = bearable(big, Decimal("2000.00"), [Decimal("1500.00"), Decimal("600.00"), Decimal(500)])
    assert kept == [True, False, True]
    assert bearable(wage("2800.00"), Decimal("400.00"), [Decimal("311.00")]) == [False]
    assert bearable(wage("2800.00"), Decimal("400.00"), [Decimal("310.00")]) == [True]
    assert bearable(wage("2800.00", minimum=None), Decimal(400), [Decimal(400)]) == [True]


def test_the_warning_line_is_over_twenty_percent_of_the_wage():
    assert not exceeds_warning_line(Decimal("1200.00"), Decimal("6000.00"))
    assert exceeds_warning_line(Decimal("1200.01"), Decimal("6000.00"))
    assert not exceeds_warning_line(Decimal("0.00"), Decimal("0.00"))


@given(gross=fen, excluded=fen, minimum=st.none() | fen, owed=debts, rule=fines)
def test_never_below_the_floor_and_nothing_is_lost(gross, excluded, minimum, owed, rule):
    before = Wage(gross, excluded, minimum)
    taken = take(before, owed, fines=rule)
    total = sum((one.deduct for one in taken), Decimal(0))
    assert [one.deduct + one.carry for one in taken] == [debt.due for debt in owed]
    assert all(one.deduct >= 0 and one.carry >= 0 for one in taken)
    assert all((one.reason == "") == (one.carry == 0) for one in taken)
    assert total * 5 <= gross
    if minimum is None:
        assert total == 0
    elif total:
        assert gross - excluded - total >= minimum
    fined = sum((one.deduct for one in taken if one.debt.kind == "D"), Decimal(0))
    assert fined * 100 <= gross * (rule.capped_percent or 0)


@given(gross=fen, owed=debts.filter(lambda owed: all(debt.kind == "C" for debt in owed)))
def test_two_runs_in_one_month_take_no_more_than_one(gross, owed):
    before = Wage(gross, Decimal(0), MW)
    at_once = sum((one.deduct for one in take(before, owed)), Decimal(0))
    used: list[tuple[str, Decimal]] = []
    for debt in owed:
        used += [("C", one.deduct) for one in take(before, [debt], taken=used)]
    assert sum((amount for _kind, amount in used), Decimal(0)) == at_once


@given(gross=fen, variable=fen, wanted=st.lists(fen, max_size=6))
def test_reductions_never_touch_base_pay(gross, variable, wanted):
    before = Wage(gross, Decimal(0), MW)
    kept = bearable(before, variable, wanted)
    total = sum((amount for amount, fits in zip(wanted, kept, strict=True) if fits), Decimal(0))
    assert total <= variable
    assert total == 0 or gross - total >= MW
