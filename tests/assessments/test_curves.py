"""Curves, with the worked values and every ready scheme's own examples."""

import json
from decimal import Decimal as D
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.rules.canonical import number_text
from assessments.rules.curves import Bands, Deduction, Linear, Piecewise, deduct
from assessments.rules.specs import parse_scheme
from core.rounding import half_up

CONTENT = Path(__file__).parents[2] / "assessments" / "content"
INDICATORS = [
    row["code"]
    for row in json.loads((CONTENT / "indicators.json").read_text(encoding="utf-8"))["indicators"]
]
SCHEMES = sorted((CONTENT / "schemes").glob("*.json"))
numbers = st.decimals(-1000, 1000, places=4)


def load(path):
    return json.loads(path.read_text(encoding="utf-8"), parse_float=D)


@pytest.mark.parametrize(
    ("floor", "target", "x", "points"),
    [(85, 95, 92, "70.00"), (480, 300, 360, "66.67"), (85, 95, 80, "0.00"), (85, 95, 99, "100.00")],
)
def test_linear_curve_follows_floor_and_target(floor, target, x, points):
    assert half_up(Linear(D(floor), D(target)).points(D(x))) == D(points)


def test_linear_cap_over_100_pays_more_than_the_target():
    curve = Linear(D(40), D(80), D(120))
    assert curve.points(D(84)) == D(110)
    assert curve.points(D(100)) == D(120)


def test_linear_refuses_equal_floor_and_target():
    with pytest.raises(ValueError, match="equal"):
        Linear(D(5), D(5))


def test_piecewise_is_flat_outside_and_straight_inside():
    curve = Piecewise((D(60), D(75), D(82), D(90)), (D(0), D(65), D(85), D(100)))
    got = [curve.points(D(x)) for x in ("50", "60", "67.5", "75", "82", "86", "90", "99")]
    assert got == [D(x) for x in ("0", "0", "32.5", "65", "85", "92.5", "100", "100")]


def test_bands_are_half_open_and_cover_everything():
    curve = Bands((D(10), D(20)), (D(100), D(60), D(0)))
    got = [curve.points(D(x)) for x in ("-5", "9.9999", "10", "19.9999", "20", "500")]
    assert got == [D(x) for x in ("100", "100", "60", "60", "0", "0")]


def test_deduction_never_falls_below_zero():
    assert Deduction(D(100), D(15)).points(D(2)) == D(70)
    assert Deduction(D(100), D(15)).points(D(9)) == D(0)
    assert deduct(D(100), [(2, D(5)), (1, D(30))]) == D(60)


@pytest.mark.parametrize("path", SCHEMES, ids=lambda path: path.stem)
def test_every_example_of_a_ready_scheme_is_right(path):
    spec = load(path)
    scheme = parse_scheme(spec, INDICATORS)
    assert len(scheme.items) == len(spec["items"])
    for item, row in zip(scheme.items, spec["items"], strict=True):
        example = row["example"]
        assert half_up(item.curve.points(D(example["value"]))) == D(example["score"]), row


@given(numbers, numbers, st.decimals(1, 200, places=2), numbers, numbers)
def test_linear_stays_in_its_range_and_never_turns(floor, target, cap, a, b):
    if floor == target:
        return
    curve = Linear(floor, target, cap)
    low, high = sorted([a, b], reverse=target < floor)
    assert 0 <= curve.points(low) <= curve.points(high) <= cap


@given(
    st.lists(
        st.tuples(numbers, st.decimals(0, 100, places=2)), min_size=2, unique_by=lambda p: p[0]
    ),
    numbers,
)
def test_piecewise_stays_between_its_scores_and_meets_its_points(points, x):
    points = sorted(points)
    curve = Piecewise(tuple(p[0] for p in points), tuple(p[1] for p in points))
    scores = [score for _, score in points]
    assert min(scores) <= half_up(curve.points(x), 8) <= max(scores)
    assert [half_up(curve.points(at), 8) for at, _ in points] == scores


@given(st.lists(numbers, unique=True, min_size=1), numbers)
def test_bands_give_exactly_one_score_to_any_value(starts, x):
    starts = tuple(sorted(starts))
    scores = tuple(D(i) for i in range(len(starts) + 1))
    assert Bands(starts, scores).points(x) == sum(1 for start in starts if start <= x)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("70", "70"),
        ("70.0", "70"),
        ("1E+2", "100"),
        ("0.50", "0.5"),
        ("-0.0", "0"),
        ("59.99", "59.99"),
    ],
)
def test_equal_numbers_have_one_text(value, text):
    assert number_text(D(value)) == text
