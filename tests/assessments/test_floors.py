"""Three floors, kept apart: shown, counted, with consequences."""

from math import sqrt

import pytest

from assessments.rules.floors import is_alarming, may_compare, may_propose_penalty, may_show

CASE = {"m": 82.0, "tau2": 16.0, "msw": 400.0}
LINE = 82 - 3.0902 * sqrt(16 + 400 / 50)  # n 50: 66.86…


@pytest.mark.parametrize(
    ("n", "shown", "compared"),
    [(0, False, False), (4, False, False), (5, True, False), (29, True, False), (30, True, True)],
)
def test_display_floors(n, shown, compared):
    assert (may_show(n), may_compare(n)) == (shown, compared)


def test_penalty_needs_both_the_deviation_and_the_threshold():
    low = {"mean": LINE - 0.01, "fair_high": 74.9, "threshold": 75.0}
    assert is_alarming(50, **CASE, **low) is True
    assert is_alarming(50, **CASE, **{**low, "mean": LINE + 0.01}) is False
    assert is_alarming(50, **CASE, **{**low, "fair_high": 75.0}) is False
    assert is_alarming(44, **CASE, **{**low, "mean": 0.0}) is False


def test_without_a_threshold_a_score_is_never_a_ground():
    assert is_alarming(500, 0.0, **CASE, fair_high=1.0, threshold=None) is False


def test_where_people_do_not_differ_sampling_error_alone_is_no_ground():
    assert is_alarming(500, 0.0, m=82, tau2=0, msw=400, fair_high=1.0, threshold=75) is False


def test_penalty_needs_two_periods_in_a_row():
    assert may_propose_penalty([True, True]) is True
    assert may_propose_penalty([True, False, True]) is False
    assert may_propose_penalty([True]) is False
