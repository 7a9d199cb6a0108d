"""Performance pay: the worked values of the shipped policy, and properties."""

import json
from decimal import Decimal as D
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import incentives
from core.errors import InvalidInput
from incentives.rules.pay import (
    Segment,
    amount,
    monthly_base,
    pool_room,
    pool_share,
    proportional_coefficient,
)
from incentives.rules.payments import Earner, payments

POLICY = json.loads(
    (Path(incentives.__file__).parent / "content" / "policy.json").read_text(encoding="utf-8")
)
RULE = POLICY["performance_pay"]
FULL = [Segment(D("2000.00"), 21)]


@pytest.mark.parametrize("row", RULE["examples"], ids=lambda row: row["pays"])
def test_the_worked_examples_of_the_policy(row):
    days = D(row["attendance"]) * 20
    paid = amount([Segment(D(row["performance_pay"]), 20)], D(row["coefficient"]), days, D("20.00"))
    assert paid == D(row["pays"])


def test_half_a_fen_is_rounded_up():
    assert amount([Segment(D("0.05"), 20)], D("0.5"), D(2), D(10)) == D("0.01")


def test_a_pay_change_inside_the_month_is_weighted_by_working_days():
    rows = [Segment(D("1000.00"), 10), Segment(D("1600.00"), 11)]
    assert monthly_base(rows) == D("1314.29")
    # 27600 / 21 * 1.2, divided once: 1577.142857…; from the rounded base it would be 1577.15.
    assert amount(rows, D("1.2"), D(21), D(21)) == D("1577.14")


def test_no_working_days_pay_nothing():
    assert amount([], D("1.2"), D(0), D(21)) == D("0.00")


def test_negative_figures_are_refused():
    with pytest.raises(ValueError, match="negative"):
        amount(FULL, D("-1"), D(21), D(21))


@given(
    st.decimals(0, 50000, places=2),
    st.decimals(0, 2, places=4),
    st.integers(0, 23),
    st.integers(1, 23),
)
def test_pay_is_never_negative_and_grows_with_the_coefficient(base, coefficient, present, working):
    rows = [Segment(base, 21)]
    present, working = D(min(present, working)), D(working)
    paid = amount(rows, coefficient, present, working)
    assert paid >= 0
    assert paid == round(paid, 2)
    assert amount(rows, coefficient + D("0.1"), present, working) >= paid


def test_proportional_pay_is_capped():
    assert proportional_coefficient(D("92.00"), D("120.00")) == D("0.9200")
    assert proportional_coefficient(D("131.25"), D("120.00")) == D("1.2000")


def test_ten_thousand_over_three_equal_people():
    weights = dict.fromkeys(["E1", "E2", "E3"], D(21))
    assert pool_share(D("10000.00"), D(0), weights) == {
        "E1": D("3333.34"),
        "E2": D("3333.33"),
        "E3": D("3333.33"),
    }


def test_a_pool_nobody_shares_is_refused():
    with pytest.raises(InvalidInput):
        pool_share(D("10000.00"), D(0), {"E1": D(0)})


def test_the_appeal_reserve_stays_in_the_pool():
    assert pool_room(D("6400.00"), D("15.00")) == D("5440.00")
    assert sum(pool_share(D("10000.00"), D("5.00"), {"E1": D(3), "E2": D(4)}).values()) == D(9500)


def _earner(no, **changes):
    values = {
        "employee_id": int(no[1:]),
        "employee_no": no,
        "position_code": "LECT",
        "status": "assessed",
        "grade": "B",
        "composite": D("85.50"),
        "coefficient": D("0.9000"),
        "cause": "",
        "segments": FULL,
        "present_days": D(21),
        "working_days": D(21),
    }
    return Earner(**(values | changes))


def test_banded_pays_by_the_grade_and_says_so():
    (row,) = payments(RULE, [_earner("E1")])
    assert (row.amount, row.coefficient, row.reason) == (D("1800.00"), D("0.9000"), "by_grade")
    assert row.data == {"grade": "B", "composite": "85.50"}


def test_not_assessed_pays_the_policys_coefficient_with_the_reason():
    card = {"status": "not_assessed", "grade": "", "composite": None, "coefficient": None}
    (row,) = payments(RULE, [_earner("E1", cause="below_min_n", **card)])
    assert (row.amount, row.reason) == (D("2000.00"), "not_assessed")
    assert row.data == {"cause": "below_min_n"}


def test_no_performance_pay_gives_no_line():
    assert payments(RULE, [_earner("E1", segments=[Segment(D("0.00"), 21)])]) == []


def test_pool_share_adds_up_per_position():
    rule = RULE | {"mode": "pool_share"}
    rows = payments(
        rule, [_earner("E1"), _earner("E2"), _earner("E3"), _earner("E4", position_code="X")]
    )
    assert [row.amount for row in rows] == [D(1900), D(1900), D(1900), D(1900)]
    assert sum(row.amount for row in rows) == D("7600.00")
