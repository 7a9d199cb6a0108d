"""Money: exact to the fen, and parts that add up."""

import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.money import floor_fen, percent, split, yuan
from core.rounding import half_up

amounts = st.integers(0, 10**12).map(lambda fen: Decimal(fen) / 100)
weights = st.dictionaries(
    st.text("ABCDE0123456789", min_size=1, max_size=6),
    st.decimals(0, 1000, places=4, allow_nan=False, allow_infinity=False),
    min_size=1,
    max_size=30,
).filter(lambda found: sum(found.values()) > 0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1.005", "1.01"), ("1.004999", "1.00"), ("-1.005", "-1.01"), (7, "7.00"), ("-0.001", "0.00")],
)
def test_yuan_rounds_half_up_to_the_fen(value: str | int, expected: str) -> None:
    assert str(yuan(value)) == expected


@pytest.mark.parametrize("value", [0.1, True, None])
def test_money_refuses_what_is_not_exact(value: object) -> None:
    with pytest.raises(TypeError):
        yuan(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["ten", "", "NaN", "Infinity", "1e40"])
def test_text_that_is_no_amount_is_invalid_input(value: str) -> None:
    with pytest.raises(InvalidInput):
        yuan(value)


def test_floor_fen_rounds_towards_minus_infinity() -> None:
    assert str(floor_fen("1.019")) == "1.01"
    assert str(floor_fen("-1.011")) == "-1.02"


def test_percent_of_an_amount() -> None:
    assert str(percent("6000", 20)) == "1200.00"
    assert str(percent("0.03", "50")) == "0.02"


def test_a_pool_over_three_equal_people() -> None:
    parts = split("10000.00", {"E3": Decimal(1), "E1": Decimal(1), "E2": Decimal(1)})
    assert parts == {"E1": Decimal("3333.34"), "E2": Decimal("3333.33"), "E3": Decimal("3333.33")}
    assert list(parts) == ["E3", "E1", "E2"]


def test_leftover_fen_go_to_the_largest_remainder_before_the_first_key() -> None:
    # 0.10 * 1/6 = 1.67 fen, 0.10 * 5/6 = 8.33 fen: the fen left over is A's for its remainder.
    assert split("0.10", {"A": 1, "B": 5}) == {"A": Decimal("0.02"), "B": Decimal("0.08")}
    assert split("0.10", {"B": 1, "A": 5}) == {"A": Decimal("0.08"), "B": Decimal("0.02")}


@pytest.mark.parametrize(
    ("total", "shares"),
    [
        ("1.00", {}),
        ("1.00", {"A": 0}),
        ("1.00", {"A": 2, "B": -1}),
        ("-1", {"A": 1}),
        ("0.001", {"A": 1}),
    ],
)
def test_what_cannot_be_shared_is_refused(total: str, shares: dict[str, int]) -> None:
    with pytest.raises(InvalidInput):
        split(total, shares)


@given(amounts, weights)
def test_parts_add_up_and_miss_the_exact_share_by_less_than_a_fen(
    total: Decimal, shares: dict[str, Decimal]
) -> None:
    parts = split(total, shares)
    whole = sum(shares.values())
    assert sum(parts.values()) == total
    assert all(abs(parts[key] - total * shares[key] / whole) < Decimal("0.01") for key in shares)
    assert all(part == 0 for key, part in parts.items() if shares[key] == 0)


@given(amounts, weights)
def test_the_order_of_the_people_does_not_matter(
    total: Decimal, shares: dict[str, Decimal]
) -> None:
    assert split(total, shares) == split(total, dict(reversed(list(shares.items()))))


@given(amounts, weights)
def test_a_larger_weight_never_gets_less(total: Decimal, shares: dict[str, Decimal]) -> None:
    parts = split(total, shares)
    ordered = sorted(shares, key=lambda key: shares[key])
    for lower, higher in itertools.pairwise(ordered):
        if shares[lower] < shares[higher]:
            assert parts[lower] <= parts[higher]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("89.996", "90.00"),
        (89.996, "90.00"),
        (0.285, "0.29"),  # stored as 0.28499999999999998
        (1.005, "1.01"),
        (Decimal("89.99499999999"), "90.00"),  # 89.9950000000 at ten places
        (Decimal("89.9949999999"), "89.99"),
        (-0.125, "-0.13"),
        (70, "70.00"),
    ],
)
def test_a_score_is_rounded_once_to_ten_places_and_then_half_up(
    value: Decimal | float, expected: str
) -> None:
    assert str(half_up(value)) == expected


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be rounded"):
        half_up(float("nan"))
