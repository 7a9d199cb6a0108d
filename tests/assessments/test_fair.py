"""The fair score: worked values, the levels of comparison, order, and the mix of modes."""

from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.rules import fair, peers
from assessments.rules.fair import MICRO, Sums
from assessments.rules.peers import PersonTotal

Z = 1.959963984540054


def sums(*scores):
    micro = [round(score * MICRO) for score in scores]
    return Sums(len(micro), sum(micro), sum(x * x for x in micro))


def rows(position, people, mode="online"):
    """PersonTotal rows of {employee: [scores]}."""
    return [
        PersonTotal(name, position, mode, *vars(sums(*scores)).values())
        for name, scores in people.items()
    ]


def crowd(prefix, persons, each, spread=20, base=50):
    """Persons whose answers differ between (by spread) and within (by 10)."""
    return {
        f"{prefix}{j}": [base + spread * (j % 3) + 10 * (i % 2) for i in range(each)]
        for j in range(persons)
    }


@pytest.mark.parametrize(
    ("n", "raw", "expected"), [(5, 95, "86.64"), (20, 90, "87.52"), (60, 88, "87.22")]
)
def test_few_answers_are_drawn_further_towards_the_group(n, raw, expected):
    assert f"{fair.shrink(n, raw, m=82, icc=0.10, tau2=10).fair:.2f}" == expected


def test_anova_of_a_small_table():
    # means 2, 4, 9 of 2, 2, 2 answers; SSB 52, SSW 6 (deviations of 1, 1, 1)
    got = fair.anova([sums(1, 3), sums(3, 5), sums(8, 10)])
    assert (got.N, got.J, got.n0) == (6, 3, 2.0)
    assert isclose(got.msb, 26.0)
    assert isclose(got.msw, 2.0)
    assert isclose(got.tau2, 12.0)
    assert isclose(got.icc, 12 / 14)


def test_interval_narrows_with_answers_and_equals_the_formula():
    got = fair.shrink(20, 90, m=82, icc=0.1, tau2=16.0)
    b = 20 * 0.1 / (1 + 19 * 0.1)
    half = Z * (16 * (1 - b)) ** 0.5
    assert got.b == b
    assert isclose(got.high - got.fair, half)
    assert isclose(got.fair - got.low, half)


def test_no_difference_between_people_gives_the_group_mean_to_everybody():
    people = rows("p", {f"e{j}": [40, 60] * 5 for j in range(6)})
    group = peers.freeze({"p": ""}, people, people)["p"]
    assert (group.status, group.tau2, group.icc) == (peers.NO_DIFFERENCE, 0.0, 0.0)
    got = fair.shrink(10, 90, m=group.m, icc=group.icc, tau2=group.tau2)
    assert (got.fair, got.low, got.high) == (50.0, 50.0, 50.0)


def test_own_position_is_the_peer_group_when_large_enough():
    people = rows("p", crowd("e", 5, 10))
    group = peers.freeze({"p": "fam"}, people, people)["p"]
    assert (group.group, group.J, group.N, group.status) == ("position:p", 5, 50, peers.OK)


@pytest.mark.parametrize("people", [crowd("e", 4, 50), crowd("e", 5, 6)])
def test_small_position_falls_back_to_family_then_to_all(people):
    few = rows("p", people)  # 4 persons, or N - J = 25
    kin = rows("q", crowd("k", 6, 10))
    other = rows("x", crowd("o", 6, 10))
    families = {"p": "fam", "q": "fam", "x": "x"}
    assert peers.freeze(families, few + kin, few + kin)["p"].group == "family:fam"
    # Without a family, or with the position itself as its family, all positions are next.
    assert peers.freeze({"p": ""}, few + other, few + other)["p"].group == "all"
    assert peers.freeze({"p": "p"}, few + other, few + other)["p"].group == "all"
    alone = peers.freeze({"p": "fam"}, few, few)["p"]
    assert (alone.group, alone.status, alone.m) == ("", peers.NO_PEER_GROUP, None)


def test_variance_comes_from_the_window_and_the_mean_from_the_period():
    window = rows("p", crowd("e", 6, 20))
    period = rows("p", {"e0": [90, 100], "e1": [80, 90]})
    group = peers.freeze({"p": ""}, window, period)["p"]
    variance = fair.anova([sums(*scores) for scores in crowd("e", 6, 20).values()])
    assert (group.tau2, group.msw, group.J) == (variance.tau2, variance.msw, 6)
    assert group.m == pytest.approx(90.0)


def test_one_person_in_two_positions_is_one_person_of_the_family():
    window = rows("p", crowd("e", 4, 20)) + rows("q", crowd("e", 4, 20, base=40))
    window += rows("q", crowd("z", 2, 20))
    group = peers.freeze({"p": "f", "q": "f"}, window, window)["p"]
    assert (group.group, group.J) == ("family:f", 6)


def test_a_frozen_group_survives_storing():
    people = rows("p", crowd("e", 6, 10))
    group = peers.freeze({"p": ""}, people, people)["p"]
    assert peers.from_json(group.as_json()) == group


def test_mode_mix_is_corrected_only_when_two_modes_hold_a_fifth_each():
    assert fair.mode_shares({"online": 81, "phone": 19}) is None
    assert fair.mode_shares({"online": 80, "phone": 20}) == {"online": 0.8, "phone": 0.2}
    assert fair.mode_shares({}) is None


def test_person_means_are_standardised_to_the_groups_mode_mix():
    shares = {"online": 0.5, "phone": 0.5}
    mostly_phone = {"phone": (15, 15 * 90 * MICRO), "online": (5, 5 * 70 * MICRO)}
    assert fair.standardised_mean(mostly_phone, shares) == 80.0
    # Four answers by one mode are too few: that mode is merged into the other.
    four = {"phone": (16, 16 * 90 * MICRO), "online": (4, 4 * 70 * MICRO)}
    assert fair.standardised_mean(four, shares) == 86.0
    only = {"phone": (9, 9 * 90 * MICRO)}
    assert fair.standardised_mean(only, shares) == 90.0
    # Two small modes are merged with each other where together they are enough.
    third = {"phone": (10, 10 * 90 * MICRO), "online": (3, 3 * 60 * MICRO), "on_site": (3, 0)}
    thirds = {"phone": 0.4, "online": 0.3, "on_site": 0.3}
    assert fair.standardised_mean(third, thirds) == pytest.approx(0.4 * 90 + 0.6 * 30)


people = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3),
    st.lists(st.integers(0, 100), min_size=1, max_size=12),
    min_size=2,
    max_size=12,
)


@given(people, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_order_of_people_and_answers_never_changes_a_bit(table, random):
    first = rows("p", table)
    items = [(name, random.sample(scores, len(scores))) for name, scores in table.items()]
    random.shuffle(items)
    second = rows("p", dict(items))
    assert peers.freeze({"p": ""}, first, first) == peers.freeze({"p": ""}, second, second)


@given(st.integers(1, 5000), st.floats(0, 1), st.floats(0, 100), st.floats(0, 100))
def test_shrinkage_stays_between_the_mean_and_the_group(n, icc, mean, m):
    got = fair.shrink(n, mean, m=m, icc=icc, tau2=50.0)
    assert 0 <= got.b <= 1
    assert min(m, mean) - 1e-9 <= got.fair <= max(m, mean) + 1e-9
    assert got.low <= got.fair <= got.high
    assert fair.weight_of_data(n, icc) <= fair.weight_of_data(n + 1, icc) + 1e-12


@given(people)
@settings(max_examples=60)
def test_icc_is_a_share(table):
    persons = [sums(*scores) for scores in table.values()]
    if sum(p.n for p in persons) == len(persons):
        return
    got = fair.anova(persons)
    assert 0 <= got.icc <= 1
    assert got.tau2 >= 0
    assert got.msw >= 0
