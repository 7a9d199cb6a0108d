"""Weights, sample sizes, response rates and comparisons: worked values and properties."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.stats import Estimate, Mean, cronbach_alpha
from surveys.analysis.queries import sentences
from surveys.analysis.rules import comparison, rates, weighting
from surveys.analysis.rules.items import Tally
from tests.surveys.cleaning_data import form, question


@pytest.mark.parametrize(
    ("population", "five", "three"), [(500, 218, 341), (2000, 323, 697), (10_000, 370, 965)]
)
def test_sample_size_worked_values(population, five, three):
    assert rates.sample_size(population, 5) == five
    assert rates.sample_size(population, 3) == three


@pytest.mark.parametrize(("population", "error"), [(0, 5), (100, 0), (100, 51)])
def test_sample_size_refuses_nonsense(population, error):
    with pytest.raises(ValueError, match="sample"):
        rates.sample_size(population, error)


def test_response_rates_worked_values():
    found = rates.response_rates(rates.Dispositions(200, 20, 80, 150, 10, 60, 30, 0.7))
    assert {name: f"{value:.4f}" for name, value in found.items()} == {
        "RR1": "0.3636",
        "RR2": "0.4000",
        "RR3": "0.3824",
        "RR4": "0.4207",
        "RR5": "0.4348",
        "COOP1": "0.6452",
    }


def test_response_rates_of_nobody_are_empty():
    nobody = rates.response_rates(rates.Dispositions(0, 0, 0, 0, 0, 0, 0, 0.5))
    assert set(nobody.values()) == {None}


# --- raking --------------------------------------------------------------------------------------


def test_raking_worked_value():
    fitted = weighting.fit([[30, 20], [10, 40]], [[60, 40], [50, 50]])
    np.testing.assert_allclose(fitted, [[40, 20], [10, 30]], atol=1e-9)


def test_raking_refuses_an_empty_category_with_a_positive_margin():
    with pytest.raises(weighting.ImpossibleMargins):
        weighting.fit([[0, 0], [10, 40]], [[10, 40], [20, 30]])
    with pytest.raises(weighting.ImpossibleMargins):
        weighting.rake([("a",)] * 3, [{"a": 50, "b": 50}])


@pytest.mark.parametrize(
    ("table", "margins"),
    [
        ([[1, 2]], [[3]]),
        ([[1, 2]], [[4], [1, 2]]),
        ([[-1, 2]], [[1], [0, 1]]),
        ([[1, 2]], [[3], [-1, 4]]),
    ],
)
def test_raking_refuses_margins_that_do_not_fit(table, margins):
    with pytest.raises(ValueError, match="margin"):
        weighting.fit(table, margins)


def test_raking_of_answers_reaches_the_margins_with_a_mean_weight_of_one():
    answers = [("m", "old")] * 30 + [("m", "new")] * 20 + [("f", "old")] * 10 + [("f", "new")] * 40
    raked = weighting.rake(answers, [{"m": 60, "f": 40}, {"old": 50, "new": 50}])
    assert raked.weights.mean() == pytest.approx(1, abs=1e-9)
    assert raked.residual == pytest.approx(0, abs=1e-9)
    assert raked.weights[0] == pytest.approx(40 / 30, abs=1e-9)
    assert raked.weights[-1] == pytest.approx(30 / 40, abs=1e-9)
    assert (raked.rounds, raked.capped, raked.warns) == (1, 0, False)


def test_raking_caps_weights_at_five_times_their_mean_and_shows_what_is_left():
    answers = [("rare",)] * 2 + [("common",)] * 98
    raked = weighting.rake(answers, [{"rare": 50, "common": 50}])
    assert raked.weights.max() == pytest.approx(5, abs=1e-6)
    assert raked.weights.mean() == pytest.approx(1, abs=1e-9)
    assert raked.residual == pytest.approx(0.4, abs=1e-6)
    assert raked.capped == 2


def test_raking_warns_when_the_effective_number_is_under_six_tenths():
    answers = [("a",)] * 12 + [("b",)] * 88
    raked = weighting.rake(answers, [{"a": 55, "b": 45}])
    assert raked.effective_n < 60
    assert raked.warns


def test_raking_refuses_a_category_without_a_margin():
    with pytest.raises(ValueError, match="'c'"):
        weighting.rake([("a",), ("c",)], [{"a": 1}])


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_raking_hits_its_margins_or_shows_the_residual(data):
    sizes = data.draw(st.lists(st.integers(2, 4), min_size=1, max_size=3))
    answers = data.draw(
        st.lists(st.tuples(*(st.integers(0, k - 1) for k in sizes)), min_size=5, max_size=80)
    )
    margins = []
    for variable, size in enumerate(sizes):
        present = {row[variable] for row in answers}
        shares = data.draw(st.lists(st.integers(1, 20), min_size=size, max_size=size))
        margins.append({str(i): shares[i] if i in present else 0 for i in range(size)})
    rows = [tuple(map(str, row)) for row in answers]
    raked = weighting.rake(rows, margins)
    assert (raked.weights >= 0).all()
    assert raked.weights.max() <= 5 * raked.weights.mean() * (1 + 1e-6)
    assert 0 < raked.effective_n <= len(rows) + 1e-9
    reached = []
    for variable, margin in enumerate(margins):
        total = sum(margin.values())
        for name, share in margin.items():
            own = [row[variable] == name for row in rows]
            reached.append(abs(raked.weights[own].sum() / len(rows) - share / total))
    assert max(reached) == pytest.approx(raked.residual, abs=1e-9)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(1, 50), min_size=3, max_size=3), min_size=2, max_size=4))
def test_fitting_a_full_table_hits_both_margins(table):
    cells = np.array(table, dtype=float)
    rows = np.linspace(1, 2, len(cells))
    columns = np.array([1.0, 2.0, 3.0])
    assume(cells.sum() > 0)
    margins = [rows / rows.sum() * 100, columns / columns.sum() * 100]
    fitted = weighting.fit(cells, margins)
    np.testing.assert_allclose(fitted.sum(axis=1), margins[0], atol=1e-8)
    np.testing.assert_allclose(fitted.sum(axis=0), margins[1], atol=1e-8)


# --- single questions ----------------------------------------------------------------------------

FORM = form(
    question("a1", dimension="a"),
    question("a2", dimension="a", reverse=True),
    question("b1", dimension="b"),
    question("n", "nps"),
)
ROWS = np.array(
    [[5, 1, 4, 10], [4, 2, 3, 9], [3, 3, np.nan, 6], [2, 4, 2, 0], [5, np.nan, 5, np.nan]]
)


def test_tally_is_the_same_in_one_batch_and_in_many():
    whole, parts = Tally(FORM), Tally(FORM)
    whole.add(ROWS)
    for row in ROWS:
        parts.add(row[None, :])
    assert whole.counts == parts.counts
    assert whole.alpha() == parts.alpha()


def test_top2_of_a_reverse_keyed_item_counts_the_two_lowest_points():
    tally = Tally(FORM)
    tally.add(ROWS)
    top2 = tally.top2()
    assert set(top2) == {"a1", "a2", "b1"}
    assert (top2["a1"].value, top2["a1"].n) == (60.0, 5)
    assert (top2["a2"].value, top2["a2"].n) == (50.0, 4)


def test_nps_and_alpha_of_a_tally():
    tally = Tally(FORM)
    tally.add(ROWS)
    assert (tally.nps()["n"].value, tally.nps()["n"].n) == (0.0, 4)
    alpha = tally.alpha()
    turned = np.array([[5, 5], [4, 4], [3, 3], [2, 2]])
    assert alpha["a"] == pytest.approx(cronbach_alpha(turned), abs=1e-12)
    assert alpha["b"] is None
    complete = np.array([[5, 5, 4], [4, 4, 3], [2, 2, 2]])
    assert alpha["overall"] == pytest.approx(cronbach_alpha(complete), abs=1e-12)


def test_a_tally_of_nothing_has_no_numbers():
    tally = Tally(FORM)
    assert tally.nps() == {"n": Estimate(0)}
    assert set(tally.top2().values()) == {Estimate(0)}
    assert set(tally.alpha().values()) == {None}


# --- comparisons ---------------------------------------------------------------------------------


def mean(value, sd, n):
    return Mean(n, value, sd)


def test_a_change_that_could_be_sampling_is_said_so():
    change = comparison.change(mean(82.4, 17.5, 210), mean(79.1, 19.2, 180))
    assert f"{change.p:.4f}" == "0.0788"
    assert not change.shown
    assert sentences.change_sentence("Overall satisfaction", change) == (
        "Overall satisfaction is 82.4 (n=210) against 79.1 (n=180); it is 3.3 points higher, but a "
        "gap of this size could still come from sampling (p=0.079), so we cannot say yet that it "
        "rose."
    )


def test_changes_are_said_to_be_real_only_when_they_are_shown():
    rise = comparison.change(mean(80.5, 15, 200), mean(74, 15, 200))
    fall = comparison.change(mean(74, 15, 200), mean(80.5, 15, 200))
    less = comparison.change(mean(74, 15, 20), mean(75, 15, 20))
    same = comparison.change(mean(74, 15, 20), mean(74, 15, 20))
    assert sentences.change_sentence("After-sales", rise).startswith(
        "After-sales rose from 74.0 (n=200) to 80.5 (n=200), 95 % interval +3.6 to +9.4"
    )
    assert "fell from 80.5" in sentences.change_sentence("After-sales", fall)
    assert "no proof that nothing changed" in sentences.change_sentence("Price", less)
    assert "the same as before" in sentences.change_sentence("Price", same)


def test_too_few_answers_give_no_comparison():
    lonely = comparison.change(mean(74, None, 1), mean(80, 10, 20))
    assert (lonely.p, lonely.shown) == (None, False)
    assert "no comparison can be made" in sentences.change_sentence("Price", lonely)
    assert "nobody" in sentences.change_sentence("Price", comparison.change(Mean(0), Mean(0)))


def test_several_dimensions_are_adjusted_by_holm():
    now = {"a": mean(82, 15, 200), "b": mean(80, 15, 200), "c": Mean(0), "new": mean(1, 1, 9)}
    before = {"a": mean(78, 15, 200), "b": mean(79, 15, 200), "c": mean(70, 10, 50)}
    found = comparison.changes(now, before)
    alone = {code: comparison.change(now[code], before[code]) for code in before}
    assert found["a"].p == pytest.approx(2 * alone["a"].p)
    assert found["b"].p == pytest.approx(alone["b"].p)
    assert found["c"].p is None
    assert set(found) == {"a", "b", "c"}


def test_nps_sentence_warns_with_few_answers():
    few = sentences.nps_sentence(Estimate(20, 45.0, 20.0, 64.0))
    assert "too wide to compare" in few
    assert sentences.nps_sentence(Estimate(200, 45.0, 34.1, 104.5)).endswith("34 and 100.")


def test_no_sentence_says_minus_zero():
    said = sentences.nps_sentence(Estimate(1000, -0.3, -5.1, -0.2))
    assert "The NPS is 0 from 1000 answers" in said
    assert said.endswith("between -5 and 0.")
    assert "no answer" in sentences.nps_sentence(Estimate(0))
