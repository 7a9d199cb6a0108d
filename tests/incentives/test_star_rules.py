"""Places, order and ties of the Satisfaction Star, with the worked values."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentives.rules.star import Candidate, grade_at_least, places, select


@pytest.mark.parametrize(("n", "k"), [(0, 0), (1, 1), (9, 1), (19, 1), (20, 2), (25, 2), (30, 3)])
def test_ten_percent_gives_the_worked_number_of_places(n, k):
    assert places(n, D("10.00")) == k


def test_a_share_is_floored_in_decimal_where_floats_lose_a_place():
    # 0.29 * 100 is 28.999999999999996 in binary floats.
    assert places(100, D("29.00")) == 29
    assert places(20, D("5.00")) == 1
    assert places(40, D("5.00")) == 2


def test_a_float_share_is_refused():
    with pytest.raises(TypeError):
        places(20, 5.0)


def _people(*figures):
    return [Candidate(str(i), D(low), n) for i, (low, n) in enumerate(figures, start=1)]


def test_order_is_by_fair_low_then_by_answers():
    chosen = select(_people(("80.00", 40), ("81.00", 31), ("80.00", 45)), 2)
    assert chosen.ranks == {"2": 1, "3": 2, "1": 3}
    assert chosen.winners == ("2", "3")
    assert chosen.edge == ()


def test_a_tie_over_the_edge_is_all_in_up_to_one_and_a_half_times_the_places():
    # k 2, one tied person beyond: 2 + 1 <= 1.5 * 2.
    chosen = select(_people(("90.00", 40), ("80.00", 40), ("80.00", 40), ("70.00", 40)), 2)
    assert chosen.winners == ("1", "2", "3")
    assert chosen.edge_in


def test_a_larger_tie_is_all_out_and_those_clearly_above_stay():
    # k 2, two tied people beyond: 2 + 2 > 3.
    people = _people(("90.00", 40), ("80.00", 40), ("80.00", 40), ("80.00", 40))
    chosen = select(people, 2)
    assert chosen.winners == ("1",)
    assert chosen.edge == ("2", "3", "4")
    assert not chosen.edge_in
    assert chosen.ranks == {"1": 1, "2": 2, "3": 2, "4": 2}


def test_one_place_and_two_tied_people_give_no_star():
    # 1 + 1 > 1.5.
    assert select(_people(("80.00", 40), ("80.00", 40)), 1).winners == ()


def test_equal_fair_low_with_other_n_is_no_tie():
    assert select(_people(("80.00", 40), ("80.00", 41)), 1).winners == ("2",)


def test_all_out_drops_every_tied_person():
    people = _people(("90.00", 40), ("80.00", 40), ("80.00", 40))
    assert select(people, 2, edge_tie="all_out").winners == ("1",)


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(30, 32)), max_size=30),
    st.integers(1, 100),
)
def test_whoever_wins_is_not_behind_anybody_who_does_not(figures, percent):
    people = [Candidate(i, D(low), n) for i, (low, n) in enumerate(figures)]
    k = places(len(people), D(percent))
    chosen = select(people, k)
    winners = {one.place for one in people if one.key in chosen.winners}
    others = {one.place for one in people if one.key not in chosen.winners}
    assert not winners & others
    assert all(won < lost for won in winners for lost in others)
    assert len(chosen.winners) <= D("1.5") * k
    assert select(list(reversed(people)), k) == chosen


def test_grades_run_from_a_to_e():
    assert grade_at_least("A", "B")
    assert grade_at_least("B", "B")
    assert not grade_at_least("C", "B")
    assert not grade_at_least("", "E")
