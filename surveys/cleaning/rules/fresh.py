"""Judging answers the moment they arrive, together with stored answers to the same cases."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from surveys.cleaning.rules import completeness, judge
from surveys.cleaning.rules.batch import Batch, Links
from surveys.cleaning.rules.catalogue import CATALOGUE
from surveys.cleaning.rules.completeness import Window
from surveys.cleaning.rules.form import Form
from surveys.cleaning.rules.judge import Judged
from surveys.cleaning.rules.ruleset import RuleSet


@dataclass(frozen=True, slots=True)
class Fresh:
    """An answer that has just arrived. `stage`: of its service event; `answers`: in stored form;
    `texts`: codes of the text questions that were answered."""

    response_no: str
    event_id: int | None
    stage: str | None
    channel: str
    submitted_at: datetime
    answers: Mapping[str, Any]
    texts: Collection[str] = ()
    preview: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored answer to a case with its valid verdict by the machine."""

    response_no: str
    event_id: int
    submitted_at: float
    checks: tuple[str, ...]
    evidence: Mapping[str, Mapping[str, Any]]


def judge_arrivals(
    form: Form,
    window: Window,
    rules: RuleSet,
    fresh: Sequence[Fresh],
    stored: Sequence[Stored],
) -> tuple[list[Judged], dict[int, Judged]]:
    """Verdicts on the fresh answers, and on those stored ones (by place) that they change.

    A stored answer changes only in whether it is a second answer to its case.
    """
    batch = batch_of(form, fresh)
    found = completeness.alone(form, batch, window, rules)
    valid = ~np.any([f.level > 0 for f in found.values()], axis=0) if found else None
    kept = _kept(fresh, stored, valid)
    links = Links.none(len(fresh))
    if rules.uses("duplicate"):
        links = Links(
            kept[: len(fresh)], links.device_uses, links.network, links.staff, links.reachable,
            links.text_uses,
        )  # fmt: skip
        found["duplicate"] = completeness.duplicate(batch, links)
    verdicts = judge.judge(found, len(fresh), rules.review_from_families)
    changed: dict[int, Judged] = {}
    if rules.uses("duplicate"):
        for place, old in enumerate(stored):
            now = _with_duplicate(old, kept[len(fresh) + place], rules)
            if (now.checks, now.evidence) != (old.checks, old.evidence):
                changed[place] = now
    return verdicts, changed


def _kept(fresh: Sequence[Fresh], stored: Sequence[Stored], valid: Any) -> Any:
    """For fresh and then stored answers, the one kept for the case instead; see kept_instead."""
    cases = [-1 if row.event_id is None else row.event_id for row in fresh]
    times = [row.submitted_at.timestamp() for row in fresh]
    numbers = [row.response_no for row in fresh]
    good = [True] * len(fresh) if valid is None else valid.tolist()
    for old in stored:
        cases.append(old.event_id)
        times.append(old.submitted_at)
        numbers.append(old.response_no)
        good.append(not _alone(old.checks))
    return completeness.kept_instead(
        np.array(cases, dtype=np.int64),
        np.array(times, dtype=np.float64),
        np.array(numbers, dtype=object),
        np.array(good, dtype=bool),
    )


def _alone(checks: Sequence[str]) -> bool:
    """Whether the answer is excluded for what it is by itself."""
    return any(CATALOGUE[code].alone for code in checks if code != "duplicate")


def _with_duplicate(old: Stored, kept: str | None, rules: RuleSet) -> Judged:
    evidence = {code: figures for code, figures in old.evidence.items() if code != "duplicate"}
    if kept is not None:
        evidence["duplicate"] = {"kept": kept}
    checks = {code for code in old.checks if code != "duplicate"} | evidence.keys()
    ordered = tuple(code for code in CATALOGUE if code in checks)
    verdict = judge.verdict_of(ordered, evidence, rules.review_from_families)
    return Judged(verdict, ordered, evidence)


def batch_of(form: Form, rows: Sequence[Fresh]) -> Batch:
    """Answers in stored form as arrays."""
    n = len(rows)
    answered = np.zeros((n, len(form.questions)), dtype=bool)
    values = np.full((n, len(form.numeric)), np.nan)
    choices = {}
    numeric = {q.code: i for i, q in enumerate(form.numeric)}
    wanted = {q.code for q in form.choices}
    for at, question in enumerate(form.questions):
        code = question.code
        if question.type == "text":
            answered[:, at] = [code in row.texts for row in rows]
            continue
        given = [row.answers.get(code) for row in rows]
        if code in numeric and set(map(type, given)) == {int}:  # everybody answered
            answered[:, at], values[:, numeric[code]] = True, given
            continue
        answered[:, at] = [answer is not None for answer in given]
        if code in numeric:
            values[:, numeric[code]] = [
                answer if isinstance(answer, int) else np.nan for answer in given
            ]
        elif code in wanted:
            choices[code] = np.array(given, dtype=object)
    return Batch(
        values=values,
        answered=answered,
        choices=choices,
        seconds=np.full(n, np.nan),
        submitted=np.array([row.submitted_at.timestamp() for row in rows], dtype=np.float64),
        mode=np.array([row.channel for row in rows], dtype=str),
        preview=np.array([row.preview for row in rows], dtype=bool),
        stage=np.array([row.stage or "" for row in rows], dtype=str),
    )
