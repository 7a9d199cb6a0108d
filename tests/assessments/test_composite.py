"""From points to grade: what is missing is not zero, and the grade is read from what is shown."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.rules.composite import (
    combine,
    composite_cap,
    grade_of,
    item_cap,
    qualitative,
    quantitative,
    settle,
)
from assessments.rules.scheme import Gate, Grade, OpinionGroup

GRADES = [
    Grade("A", D(90), D("1.2")),
    Grade("B", D(80), D("1.0")),
    Grade("C", D(70), D("0.8")),
    Grade("D", D(60), D("0.6")),
    Grade("E", D(0), D("0.4")),
]
GROUPS = [
    OpinionGroup("customer", D(50), 5),
    OpinionGroup("peer", D(25), 3),
    OpinionGroup("superior", D(25), 1),
]
CAP = Gate("manipulation", "composite", "59.99")
NOT_ABOVE_D = Gate("concealment", "grade", "D")
COURTESY = Gate("insult", "item", "40", "courtesy_rate")


def test_missing_item_is_left_out_and_never_counts_as_zero():
    items = [(D(30), D(70)), (D(20), D(200) / 3), (D(20), None), (D(30), D(100))]
    assert settle(quantitative(items, D(60))) == D("80.42")


def test_too_little_assessed_weight_is_not_assessed():
    items = [(D(59), D(90)), (D(41), None)]
    assert quantitative(items, D(60)) is None
    assert quantitative([(D(60), D(90)), (D(40), None)], D(60)) == D(90)
    assert quantitative([(D(100), None)], D(0)) is None


def test_groups_are_averaged_inside_first_and_small_ones_suppressed():
    ratings = {
        "customer": [D(80), D(90), D(100), D(90), D(90)],
        "peer": [D(10), D(20)],  # two raters of the three needed
        "superior": [D(60)],
    }
    assert qualitative(GROUPS, ratings) == D(80)  # (50*90 + 25*60) / 75
    assert qualitative(GROUPS, {"peer": [D(10)]}) is None
    assert qualitative(GROUPS, {}) is None


def test_missing_opinions_give_their_weight_to_the_figures():
    assert combine(D(80), D(90), D(70), D(30)) == D(83)
    assert combine(D(80), None, D(70), D(30)) == D(80)


def test_order_of_operations_is_points_then_gate_then_calibration_then_rounding():
    assert settle(D("95"), penalty_points=D(5), deduction_cap=D(3)) == D("92.00")
    assert settle(D("2"), penalty_points=D(5)) == D("0.00")
    assert settle(D("95"), penalty_points=D(5), cap=D("59.99"), calibration=D("0.01")) == D("60.00")


def test_grade_is_read_from_the_number_the_employee_sees():
    shown = settle(D("89.996"))
    assert shown == D("90.00")
    assert grade_of(shown, GRADES).grade == "A"
    assert grade_of(settle(D("89.9949999")), GRADES).grade == "B"
    # 10 places first: a value a hair under the half still rounds as it reads.
    assert settle(D("89.99499999999")) == D("90.00")


@pytest.mark.parametrize(
    ("composite", "grade", "coefficient"),
    [
        ("120", "A", "1.2"),
        ("90", "A", "1.2"),
        ("89.99", "B", "1.0"),
        ("70", "C", "0.8"),
        ("60", "D", "0.6"),
        ("59.99", "E", "0.4"),
        ("0", "E", "0.4"),
    ],
)
def test_grades_and_coefficients(composite, grade, coefficient):
    got = grade_of(D(composite), GRADES)
    assert (got.grade, got.coefficient) == (grade, D(coefficient))


def test_gates_cap_item_composite_or_grade_only_after_their_event():
    gates = [CAP, NOT_ABOVE_D, COURTESY]
    assert composite_cap(gates, set()) is None
    assert composite_cap(gates, {"manipulation"}) == D("59.99")
    assert item_cap(gates, {"insult"}, "courtesy_rate") == D(40)
    assert item_cap(gates, {"insult"}, "patience") is None
    assert grade_of(D(95), GRADES, gates, {"concealment"}).grade == "D"
    assert grade_of(D(30), GRADES, gates, {"concealment"}).grade == "E"
    assert grade_of(D(95), GRADES, gates, set()).grade == "A"


@given(
    st.lists(
        st.tuples(st.decimals("0.1", 100, places=1), st.none() | st.decimals(0, 120, places=4)),
        min_size=1,
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_composite_lies_between_its_items_in_any_order(items, random):
    value = quantitative(items, D(0))
    points = [p for _, p in items if p is not None]
    assert (value is None) == (not points)
    if value is None:
        return
    assert min(points) <= value.quantize(D("1e-10")) <= max(points)
    shuffled = list(items)
    random.shuffle(shuffled)
    assert settle(quantitative(shuffled, D(0))) == settle(value)
