"""Checks of how the items were answered: attention, time, patterns, consistency."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from surveys.cleaning.rules import indices
from surveys.cleaning.rules.baseline import Baseline
from surveys.cleaning.rules.batch import EXCLUDING, MARKED, Batch, Bools, Finding, Floats
from surveys.cleaning.rules.form import Form
from surveys.cleaning.rules.ruleset import RuleSet


def attention(form: Form, batch: Batch, rules: RuleSet) -> Finding:
    """Instructed items answered otherwise; an empty one is not a wrong one."""
    columns = {q.code: i for i, q in enumerate(form.numeric)}
    failed: dict[str, Bools] = {}
    seen = np.zeros(len(batch), dtype=bool)
    for question in form.instructed:
        if question.code in columns:
            given = batch.values[:, columns[question.code]]
            answered = ~np.isnan(given)
            wrong = given != question.instructed
        elif question.code in batch.choices:
            choice = batch.choices[question.code]
            answered = np.array([code is not None for code in choice], dtype=bool)
            wrong = choice != question.instructed
        else:
            continue
        seen |= answered
        failed[question.code] = answered & wrong
    misses = sum(failed.values(), np.zeros(len(batch), dtype=np.int64))
    used = seen & ~np.isin(batch.mode, rules.list("attention", "not_channels"))
    level = np.where(misses >= rules.number("attention", "hard_from"), EXCLUDING, MARKED)
    return Finding(
        np.where(used & (misses > 0), level, 0).astype(np.int8),
        used,
        lambda row: {"failed": [code for code, hit in failed.items() if hit[row]]},
    )


def too_fast(form: Form, batch: Batch, baseline: Baseline, rules: RuleSet) -> Finding:
    """Below some seconds per closed item answered, or below a share of the channel's median.

    The higher of the two limits holds; below `hard_share` of it the answer is excluded.
    """
    closed = [i for i, q in enumerate(form.questions) if q.closed]
    limit = rules.number("too_fast", "seconds_per_item") * batch.answered[:, closed].sum(axis=1)
    for mode, (n, median) in baseline.medians.items():
        if n >= rules.number("too_fast", "median_min_n"):
            floor = rules.number("too_fast", "median_share") / 100 * median
            limit = np.where(batch.mode == mode, np.maximum(limit, floor), limit)
    tested = ~np.isnan(batch.seconds) & (limit > 0)
    soft = tested & (batch.seconds < limit)
    hard = soft & (batch.seconds < limit * rules.number("too_fast", "hard_share") / 100)

    def evidence(row: int) -> dict[str, Any]:
        return {"seconds": _figure(batch.seconds[row]), "limit": _figure(limit[row])}

    return Finding(
        np.where(hard, EXCLUDING, np.where(soft, MARKED, 0)).astype(np.int8), tested, evidence
    )


def straight_line(form: Form, batch: Batch, rules: RuleSet) -> Finding:
    """One answer down a long part of a block although a reverse-keyed item lies inside the run."""
    runs = np.zeros(len(batch), dtype=np.int64)
    tested = np.zeros(len(batch), dtype=bool)
    for block in form.blocks:
        share = rules.number("straight_line", "block_share") / 100
        needed = max(rules.number("straight_line", "min_run"), share * len(block))
        if len(block) < needed or not form.reverse[list(block)].any():
            continue
        answers = batch.values[:, list(block)]
        tested |= (~np.isnan(answers)).sum(axis=1) >= needed
        run = indices.longest_run(answers, form.reverse[list(block)])
        runs = np.maximum(runs, np.where(run >= needed, run, 0))
    return Finding.of(runs > 0, tested, lambda row: {"run": int(runs[row])})


def irv(form: Form, batch: Batch, rules: RuleSet) -> Finding:
    """No variation at all over the opinion items although reverse-keyed ones were answered."""
    columns = list(form.same_scale)
    answers = batch.values[:, columns]
    turned = form.reverse[columns]
    value = indices.variability(answers)
    opposed = (~np.isnan(answers[:, turned])).any(axis=1) & (~np.isnan(answers[:, ~turned])).any(
        axis=1
    )
    tested = ~np.isnan(value) & opposed
    hit = value <= rules.number("irv", "at_most")
    return Finding.of(hit, tested, lambda row: {"irv": _figure(value[row])})


def even_odd(form: Form, batch: Batch, rules: RuleSet) -> Finding:
    """The halves of the dimensions do not go together."""
    least = int(rules.number("even_odd", "min_items"))
    dimensions = [columns for columns in form.dimensions.values() if len(columns) >= least]
    needed = int(rules.number("even_odd", "min_dimensions"))
    if len(dimensions) < needed:
        return _untested(len(batch))
    turned = np.full_like(batch.values, np.nan)
    used = [column for columns in dimensions for column in columns]
    turned[:, used] = form.points(batch.values, used)
    value = indices.even_odd(turned, dimensions, min_dimensions=needed, min_items=least)
    tested = ~np.isnan(value)
    hit = value < rules.number("even_odd", "below")
    return Finding.of(hit, tested, lambda row: {"consistency": _figure(value[row])})


def mahalanobis(form: Form, batch: Batch, baseline: Baseline, rules: RuleSet) -> Finding:
    """A combination of answers far from what the others combine; supports, decides nothing."""
    moments = baseline.moments
    if not moments.usable(rules.number("mahalanobis", "rows_per_item")):
        return _untested(len(batch))
    values = batch.values[:, list(form.rated)]
    distance = indices.mahalanobis(values, moments.centre, moments.inverse)
    limit = moments.limit(rules.number("mahalanobis", "quantile"))
    return Finding.of(
        distance > limit,
        ~np.isnan(distance),
        lambda row: {"d2": _figure(distance[row]), "limit": _figure(limit)},
    )


def contradiction(form: Form, batch: Batch, rules: RuleSet) -> Finding:
    """Would recommend although every driver is bad, or the overall answer is far from the rest.

    Thresholds are points of a 1..5 scale; other scales are mapped onto it.
    """
    drivers = 1 + form.points(batch.values, form.drivers) / 25
    given = (~np.isnan(drivers)).sum(axis=1)
    enough = (2 * given >= len(form.drivers)) & (given > 0)
    nps = _column(batch.values, form.nps)
    recommends = enough & ~np.isnan(nps)
    worst = np.max(np.where(np.isnan(drivers), -np.inf, drivers), axis=1, initial=-np.inf)
    first = (
        recommends
        & (nps >= rules.number("contradiction", "nps_from"))
        & (worst <= rules.number("contradiction", "drivers_at_most"))
    )
    scored = [column for columns in form.dimensions.values() for column in columns]
    mean = _mean(1 + form.points(batch.values, scored) / 25)
    overall = _mean(
        1 + form.points(batch.values, [] if form.overall is None else [form.overall]) / 25
    )
    compared = ~np.isnan(mean) & ~np.isnan(overall)
    apart = np.abs(overall - mean)
    second = compared & (apart >= rules.number("contradiction", "apart"))

    def evidence(row: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if first[row]:
            found |= {"nps": _figure(nps[row]), "best_driver": _figure(worst[row])}
        if second[row]:
            found |= {"overall": _figure(overall[row]), "mean": _figure(mean[row])}
        return found

    return Finding.of(first | second, recommends | compared, evidence)


def _figure(value: float) -> float:
    """Evidence keeps four places: the same text however a processor rounds the last bits."""
    return round(float(value), 4) + 0.0


def _column(values: Floats, column: int | None) -> Floats:
    return np.full(len(values), np.nan) if column is None else values[:, column]


def _mean(values: Floats) -> Floats:
    given = (~np.isnan(values)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.nansum(values, axis=1) / given)


def _untested(n: int) -> Finding:
    nothing: NDArray[np.int8] = np.zeros(n, dtype=np.int8)
    return Finding(nothing, np.zeros(n, dtype=bool), lambda row: {})
