"""Statistics against worked values and against their own definitions."""

import math
from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as reference

from core import stats


def micro(values):
    scaled = [round(value * stats.MICRO) for value in values]
    return len(scaled), sum(scaled), sum(value * value for value in scaled)


def test_mean_interval_is_the_t_interval():
    values = [75.0, 50.0, 100.0, 25.0, 75.0]
    result = stats.mean_interval(*micro(values))
    half = reference.t.ppf(0.975, 4) * stdev(values) / math.sqrt(5)
    assert result.n == 5
    assert result.mean == 65.0
    assert result.sd == pytest.approx(stdev(values), abs=1e-12)
    assert result.low == pytest.approx(65 - half, abs=1e-9)
    assert result.high == 100.0  # clipped


def test_mean_interval_needs_two_values_and_the_mean_one():
    assert stats.mean_interval(0, 0, 0) == stats.Mean(0)
    assert stats.mean_interval(*micro([80.0])) == stats.Mean(1, 80.0)


def test_mean_interval_without_spread_is_a_point():
    assert stats.mean_interval(*micro([75.0] * 4)) == stats.Mean(4, 75.0, 0.0, 75.0, 75.0)


@pytest.mark.parametrize("sums", [(0, 1, 1), (-1, 0, 0), (2, 10, 1)])
def test_mean_interval_refuses_impossible_sums(sums):
    with pytest.raises(ValueError, match="sum"):
        stats.mean_interval(*sums)


@given(st.lists(st.integers(0, 100 * stats.MICRO), min_size=2, max_size=60), st.randoms())
def test_mean_interval_does_not_depend_on_the_order(values, random):
    shuffled = values[:]
    random.shuffle(shuffled)
    one = stats.mean_interval(len(values), sum(values), sum(v * v for v in values))
    other = stats.mean_interval(len(shuffled), sum(shuffled), sum(v * v for v in shuffled))
    assert one == other
    assert one.mean == pytest.approx(mean(values) / stats.MICRO, abs=1e-9)
    assert 0 <= one.low <= one.mean <= one.high <= 100


@pytest.mark.parametrize(("k", "n", "low", "high"), [(9, 10, 0.596, 0.982), (45, 50, 0.786, 0.957)])
def test_wilson_worked_values(k, n, low, high):
    interval = stats.wilson(k, n)
    assert (round(interval.low, 3), round(interval.high, 3)) == (low, high)


def test_wilson_refuses_more_hits_than_answers():
    with pytest.raises(ValueError, match="share"):
        stats.wilson(3, 2)


def test_proportion_is_in_percent_points_and_empty_without_answers():
    result = stats.proportion(9, 10)
    assert (result.n, result.value) == (10, 90.0)
    assert (round(result.low, 1), round(result.high, 1)) == (59.6, 98.2)
    assert stats.proportion(0, 0) == stats.Estimate(0)


def test_nps_worked_values():
    result = stats.nps(120, 30, 200)
    assert result.value == 45.0
    # centre 44.33 and half-width 10.20, each rounded, give the published [34.13, 54.53]
    assert round((result.low + result.high) / 2, 2) == 44.33
    assert round((result.high - result.low) / 2, 2) == 10.2
    assert (round(result.low, 4), round(result.high, 4)) == (34.1354, 54.5345)
    few = stats.nps(18, 4, 30)
    assert round((few.high - few.low) / 2, 2) == 24.89
    assert stats.nps(0, 0, 0) == stats.Estimate(0)


def test_nps_test_worked_values():
    result = stats.nps_test((120, 30, 200), (100, 40, 200))
    assert round(result.statistic, 3) == 1.955
    assert f"{result.p:.4f}" == "0.0505"


def test_nps_refuses_counts_that_do_not_fit():
    with pytest.raises(ValueError, match="fit"):
        stats.nps(3, 3, 5)


def test_welch_worked_values():
    test, interval = stats.welch(82.4, 17.5, 210, 79.1, 19.2, 180)
    assert round(test.statistic, 3) == 1.762
    assert f"{test.p:.4f}" == "0.0788"
    assert interval.low < 0 < interval.high


def test_welch_equals_scipy_on_raw_values():
    one, other = [71.0, 82.0, 90.0, 65.5], [60.0, 88.0, 79.0, 91.0, 40.0]
    test, interval = stats.welch(mean(one), stdev(one), 4, mean(other), stdev(other), 5)
    expected = reference.ttest_ind(one, other, equal_var=False)
    assert test.statistic == pytest.approx(expected.statistic, abs=1e-9)
    assert test.p == pytest.approx(expected.pvalue, abs=1e-9)
    assert test.df == pytest.approx(expected.df, abs=1e-9)
    assert interval == pytest.approx(tuple(expected.confidence_interval()), abs=1e-9)


def test_welch_is_not_made_from_single_values_or_without_spread():
    assert stats.welch(80, 0, 1, 70, 5, 10) is None
    assert stats.welch(80, 0, 10, 70, 0, 10) is None


def test_holm_steps_down_and_never_falls():
    assert stats.holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.5}) == pytest.approx(
        {"a": 0.04, "b": 0.09, "c": 0.09, "d": 0.5}
    )
    assert stats.holm({}) == {}


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=8))
def test_holm_lies_between_the_p_value_and_bonferroni(p):
    for key, adjusted in stats.holm(p).items():
        assert p[key] <= adjusted <= min(1.0, len(p) * p[key])


def test_cronbach_alpha_worked_value():
    rows = [[5, 4, 5], [4, 4, 4], [3, 3, 2], [5, 5, 4], [2, 3, 2], [4, 5, 4]]
    assert f"{stats.cronbach_alpha(rows):.4f}" == "0.9190"


def test_cronbach_alpha_leaves_incomplete_rows_out():
    rows = [[5, 4], [4, 4], [3, 2], [1, np.nan]]
    assert stats.cronbach_alpha(rows) == stats.cronbach_alpha(rows[:3])


@pytest.mark.parametrize("rows", [[[1], [2]], [[1, 2]], [[1, 2], [2, 1]], [[3, 3], [3, 3]]])
def test_cronbach_alpha_is_none_where_it_has_no_meaning(rows):
    assert stats.cronbach_alpha(rows) is None


def test_reverse_scored_turns_only_reverse_keyed_columns():
    turned = stats.reverse_scored([[1, 2], [np.nan, 5]], [True, False], [(1, 5), (1, 5)])
    np.testing.assert_array_equal(turned, [[5, 2], [np.nan, 5]])


def test_effective_n_worked_value():
    assert round(stats.effective_n([0.5, 0.8, 1, 1, 1.2, 1.5]), 3) == 5.471
    assert stats.effective_n([]) == 0.0
