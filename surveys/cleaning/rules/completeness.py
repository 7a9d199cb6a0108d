"""Checks of the answer as a whole: complete, in time, meant for this survey, given once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from surveys.cleaning.rules.batch import Batch, Bools, Finding, Links, Objects
from surveys.cleaning.rules.form import Form
from surveys.cleaning.rules.ruleset import RuleSet


@dataclass(frozen=True)
class Window:
    """The survey's days as seconds since 1970: from `start` up to, not including, `end`."""

    start: float
    end: float


def partial(form: Form, batch: Batch, rules: RuleSet) -> Finding:
    """Too few of the required items, or of the required items of one dimension, are answered."""
    required = [i for i, q in enumerate(form.questions) if q.required]
    needed = rules.number("partial", "required_share")
    given = batch.answered[:, required].sum(axis=1)
    hit = 100 * given < needed * len(required)
    by_dimension: dict[str, Bools] = {}
    for code in form.dimensions:
        own = [i for i in required if form.questions[i].dimension == code]
        share = rules.number("partial", "dimension_share")
        short = 100 * batch.answered[:, own].sum(axis=1) < share * len(own)
        by_dimension[code] = short
        hit = hit | short
    tested = np.full(len(batch), bool(required))
    return Finding.of(
        hit,
        tested,
        lambda row: {
            "answered": int(given[row]),
            "required": len(required),
            "dimensions": [code for code, short in by_dimension.items() if short[row]],
        },
    )


def out_of_window(batch: Batch, window: Window, rules: RuleSet) -> Finding:
    """Submitted outside the survey's days; what is entered later offline has some hours more."""
    late_entry = np.isin(batch.mode, rules.list("out_of_window", "grace_channels"))
    grace = 3600 * rules.number("out_of_window", "grace_hours")
    end = np.where(late_entry, window.end + grace, window.end)
    early = batch.submitted < window.start
    return Finding.of(
        early | (batch.submitted >= end),
        np.ones(len(batch), dtype=bool),
        lambda row: {"when": "before" if early[row] else "after"},
    )


def preview(batch: Batch) -> Finding:
    return Finding.of(batch.preview, np.ones(len(batch), dtype=bool), lambda row: {})


def not_eligible(form: Form, batch: Batch) -> Finding:
    """The service was of another stage than the questionnaire asks about."""
    meant_for = form.stage or ""
    return Finding.of(
        batch.stage != meant_for,
        (batch.stage != "") & bool(meant_for),
        lambda row: {"stage": str(batch.stage[row]), "meant_for": meant_for},
    )


def duplicate(batch: Batch, links: Links) -> Finding:
    second = np.array([kept is not None for kept in links.kept], dtype=bool)
    return Finding.of(
        second, np.ones(len(batch), dtype=bool), lambda row: {"kept": links.kept[row]}
    )


def valid_by_itself(form: Form, batch: Batch, window: Window, rules: RuleSet) -> Bools:
    """Rows that no check of the answer alone excludes: only such a row can be the one kept."""
    good = np.ones(len(batch), dtype=bool)
    for code, finding in alone(form, batch, window, rules).items():
        if rules.uses(code):
            good &= finding.level == 0
    return good


def alone(form: Form, batch: Batch, window: Window, rules: RuleSet) -> dict[str, Finding]:
    """The hard checks that need nothing but the answer, those of the rule set only."""
    found: dict[str, Finding] = {}
    if rules.uses("partial"):
        found["partial"] = partial(form, batch, rules)
    if rules.uses("out_of_window"):
        found["out_of_window"] = out_of_window(batch, window, rules)
    if rules.uses("preview"):
        found["preview"] = preview(batch)
    if rules.uses("not_eligible"):
        found["not_eligible"] = not_eligible(form, batch)
    return found


def kept_instead(
    cases: NDArray[np.int64],
    submitted: NDArray[np.float64],
    numbers: Objects,
    valid: Bools,
) -> Objects:
    """For each answer the number of the one kept for its case instead of it, else None.

    `cases`: the case of each answer, -1 for an answer that is its own case. Of one case the first
    valid answer (by time, then number) is kept, or the first at all when none is valid. What came
    before the kept one is not a second answer: it has a fault of its own.
    """
    kept: Objects = np.full(len(cases), None, dtype=object)
    order = sorted(
        (i for i in range(len(cases)) if cases[i] >= 0),
        key=lambda i: (cases[i], submitted[i], numbers[i]),
    )
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and cases[order[end]] == cases[order[start]]:
            end += 1
        _settle(order[start:end], numbers, valid, kept)
        start = end
    return kept


def _settle(case: Sequence[int], numbers: Objects, valid: Bools, kept: Objects) -> None:
    first = next((at for at, row in enumerate(case) if valid[row]), 0)
    for row in case[first + 1 :]:
        kept[row] = numbers[case[first]]
