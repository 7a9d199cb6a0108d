"""The verdict of an answer from all its checks, and what it means for honest customers."""

import numpy as np
import pytest

from surveys.cleaning.rules import indices, judge
from surveys.cleaning.rules.baseline import Baseline
from surveys.cleaning.rules.batch import EXCLUDING, Finding
from surveys.cleaning.rules.catalogue import CATALOGUE
from tests.surveys.cleaning_data import (
    RULES,
    WINDOW,
    batch,
    form,
    links,
    question,
)

WITH_REVERSE = form(*(question(f"q{i}", reverse=i == 3) for i in range(1, 9)))


def finding(*levels):
    array = np.array(levels, dtype=np.int8)
    return Finding(array, np.ones(len(levels), dtype=bool), lambda row: {})


@pytest.mark.parametrize(
    ("marks", "verdict"),
    [
        ({}, "counted"),
        ({"straight_line": 1}, "counted"),
        ({"straight_line": 1, "irv": 1}, "counted"),
        ({"straight_line": 1, "mahalanobis": 1}, "counted"),
        ({"straight_line": 1, "too_fast": 1}, "review"),
        ({"even_odd": 1, "same_text": 1}, "review"),
        ({"contradiction": 1, "attention": 1}, "counted"),
        ({"staff_contact": 1}, "review"),
        ({"store_network": 1}, "review"),
        ({"too_fast": 2}, "excluded"),
        ({"attention": 2}, "excluded"),
        ({"duplicate": 1}, "excluded"),
        ({"partial": 1, "staff_contact": 1}, "excluded"),
    ],
)
def test_verdict_of_combined_checks(marks, verdict):
    found = {code: finding(0) for code in CATALOGUE}
    found |= {code: finding(level) for code, level in marks.items()}
    (result,) = judge.judge(found, 1)
    assert result.verdict == verdict
    assert set(result.checks) == set(marks)
    assert all(
        result.evidence[code] == ({"hard": True} if level == EXCLUDING else {})
        for code, level in marks.items()
    )


def test_checks_are_listed_in_the_order_of_the_catalogue():
    found = {"same_text": finding(1), "too_fast": finding(1), "partial": finding(1)}
    assert judge.judge(found, 1)[0].checks == ("partial", "too_fast", "same_text")


def test_honest_happy_customers_are_not_excluded():
    """15 items; 12 % of honest happy customers give the same top answer everywhere. Deleting those
    would lower the score, so nothing that a pattern shows may exclude them."""
    rng = np.random.default_rng(2025)
    items = form(*(question(f"q{i}", dimension=f"d{i // 5}") for i in range(15)))
    mood = rng.normal(4.4, 0.7, (20_000, 1))
    rows = np.clip(np.rint(mood + rng.normal(0, 0.45, (20_000, 15))), 1, 5)
    seconds = rng.lognormal(np.log(75), 0.3, len(rows))
    honest = batch(items, rows.tolist(), seconds=seconds)
    same = (rows == 5).all(axis=1)
    assert round(same.mean(), 2) == 0.12
    assert (indices.longest_run(rows) >= 8).mean() > 0.28

    baseline = Baseline.of(items, [(honest, ())])
    found = judge.all_findings(items, honest, links(len(rows)), WINDOW, baseline, RULES)
    excluded, review = judge.levels(found, len(rows))
    assert not excluded[same].any()
    assert not review[same].any()
    assert excluded.sum() == 0
    score = 100 * (rows.mean(axis=1) - 1) / 4
    assert score[~excluded].mean() == score.mean()
    assert score[~same].mean() < score.mean() - 2  # what deleting them would do


def test_happy_customers_who_read_over_a_reverse_keyed_item_are_marked_and_counted():
    result = judge.judge(
        judge.all_findings(
            WITH_REVERSE,
            batch(WITH_REVERSE, [[5] * 8]),
            links(1),
            WINDOW,
            Baseline(),
            RULES,
        ),
        1,
    )
    assert (result[0].verdict, result[0].checks) == ("counted", ("straight_line", "irv"))


def test_answers_pass_the_same_whatever_batch_they_arrive_in():
    rng = np.random.default_rng(11)
    rows = [*rng.integers(1, 6, (180, 8)).tolist(), *[[3] * 8] * 20]
    seconds = rng.uniform(2, 60, 200)
    whole = batch(WITH_REVERSE, rows, seconds=seconds)
    baseline = Baseline.of(WITH_REVERSE, [(whole, ())])
    together = judge.judge(
        judge.all_findings(WITH_REVERSE, whole, links(200), WINDOW, baseline, RULES), 200
    )
    apart = []
    for start in range(0, 200, 7):
        part = batch(WITH_REVERSE, rows[start : start + 7], seconds=seconds[start : start + 7])
        n = len(part)
        apart += judge.judge(
            judge.all_findings(WITH_REVERSE, part, links(n), WINDOW, baseline, RULES), n
        )
    assert apart == together
    assert {result.verdict for result in together} == {"counted", "review", "excluded"}
