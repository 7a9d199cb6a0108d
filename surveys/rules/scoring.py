"""Scores of a response, exact, in whole numbers of 1e-6 points.

A rating x on [lo, hi] is worth 100*(x-lo)/(hi-lo) points, reverse-coded 100 minus that. A dimension
is the item-weighted mean of its answered ratings, missing when under half of its item weight is
answered. The overall score is the dimension-weighted mean of the answered dimensions, missing when
under 80 % of the dimension weight is present. For a person only the items count which the person's
position answers for, and every share is taken over those items and their dimensions. "Not
applicable" is no rating. Attention items, nps and items outside the dimensions have no part.

All steps are exact fractions; each result is rounded once, half-up, to 1e-6 points. Hence the order
of items, dimensions or responses never changes a score, and sums of scores are exact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from surveys.rules.questionnaires import Questionnaire

MICRO = 1_000_000
HALF = Fraction(1, 2)
FOUR_FIFTHS = Fraction(4, 5)
_INT64_SAFE = 1 << 62

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Item:
    code: str
    weight: Fraction
    low: int
    high: int
    reverse: bool

    def points(self, answer: int) -> Fraction:
        gained = self.high - answer if self.reverse else answer - self.low
        return Fraction(100 * gained, self.high - self.low)


@dataclass(frozen=True)
class Part:
    """A dimension with the items that count."""

    code: str
    weight: Fraction
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Scores:
    """Scores of one response in 1e-6 points; None = missing."""

    dimensions: Mapping[str, int | None]
    overall: int | None


@dataclass(frozen=True)
class ScoreColumns:
    """Scores of n responses: `scores` and `present` are n x d in the order of `codes`."""

    codes: tuple[str, ...]
    scores: Ints
    present: Bools
    overall: Ints
    overall_present: Bools


class Everybody:
    """Stands for "all items", as against the items of a position (which may be unknown: None)."""


EVERYBODY = Everybody()
Whom = Everybody | str | None


@lru_cache(maxsize=1024)
def parts_for(questionnaire: Questionnaire, whom: Whom = EVERYBODY) -> tuple[Part, ...]:
    """The dimensions and items that count: all of them, or those a position answers for."""
    parts = []
    for dimension in questionnaire.dimensions:
        items = tuple(
            Item(q.code, Fraction(q.weight), q.scale[0], q.scale[1], q.reverse)
            for q in questionnaire.scored_items(dimension.code)
            if q.scale and (isinstance(whom, Everybody) or q.counts_for(whom))
        )
        if items:
            parts.append(Part(dimension.code, Fraction(dimension.weight), items))
    return tuple(parts)


def half_up_micro(points: Fraction) -> int:
    """Points (0..100) as whole 1e-6 points, a half upwards."""
    scaled = points * MICRO
    return (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)


def score(parts: Sequence[Part], answers: Mapping[str, Any]) -> Scores:
    """Score one response. `answers`: code -> whole number; anything else is no rating."""
    means: dict[str, Fraction | None] = {}
    for part in parts:
        rated = [(item, answers[item.code]) for item in part.items if _is_rating(answers, item)]
        share = sum((item.weight for item, _ in rated), Fraction(0))
        total = sum((item.weight for item in part.items), Fraction(0))
        means[part.code] = (
            sum((item.weight * item.points(x) for item, x in rated), Fraction(0)) / share
            if share and share >= HALF * total
            else None
        )
    overall = _overall(parts, means)
    return Scores(
        {code: None if mean is None else half_up_micro(mean) for code, mean in means.items()},
        None if overall is None else half_up_micro(overall),
    )


def _is_rating(answers: Mapping[str, Any], item: Item) -> bool:
    return isinstance(answers.get(item.code), int)


def _overall(parts: Sequence[Part], means: Mapping[str, Fraction | None]) -> Fraction | None:
    total = sum((part.weight for part in parts), Fraction(0))
    present = Fraction(0)
    weighted = Fraction(0)
    for part in parts:
        mean = means[part.code]
        if mean is not None:
            present += part.weight
            weighted += part.weight * mean
    if not present or present < FOUR_FIFTHS * total:
        return None
    return weighted / present


def score_columns(
    parts: Sequence[Part], codes: Sequence[str], values: Ints, answered: Bools
) -> ScoreColumns:
    """Score n responses at once, equal to `score` in every digit.

    `values` and `answered` are n x k in the order of `codes` (unanswered values are ignored). Rows
    are grouped by which items are answered: inside a group all weights are constants, so one whole
    numerator over one whole denominator is the exact score.
    """
    column = {code: i for i, code in enumerate(codes)}
    n, d = len(values), len(parts)
    result = ScoreColumns(
        tuple(part.code for part in parts),
        np.zeros((n, d), np.int64),
        np.zeros((n, d), np.bool_),
        np.zeros(n, np.int64),
        np.zeros(n, np.bool_),
    )
    used = [column[item.code] for part in parts for item in part.items]
    if not n or not used:
        return result
    for rows, pattern in _patterns(answered[:, used]):
        plan = _plan(tuple(parts), tuple(codes), tuple(pattern.tolist()))
        for place, terms in plan.dimensions:
            result.scores[rows, place] = _rounded(values, rows, *terms)
            result.present[rows, place] = True
        if plan.overall is not None:
            result.overall[rows] = _rounded(values, rows, *plan.overall)
            result.overall_present[rows] = True
    return result


def _patterns(answered: Bools) -> list[tuple[Ints, Bools]]:
    """The distinct rows of a boolean matrix, each with the numbers of the rows that equal it."""
    if len(answered) == 1:
        return [(np.zeros(1, np.int64), answered[0])]
    packed = np.ascontiguousarray(np.packbits(answered, axis=1))
    keys = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(inverse))[:-1])
    return [(rows, answered[first[i]]) for i, rows in enumerate(groups)]


_Terms = tuple[Sequence[tuple[int, int, int]], int]  # (column, a, b) each, and the denominator


@dataclass(frozen=True, slots=True)
class _Plan:
    """What rows that answered the same items are worked out by: the terms of each dimension that
    has a score, by its place, and of the overall score where there is one."""

    dimensions: tuple[tuple[int, _Terms], ...]
    overall: _Terms | None


@lru_cache(maxsize=4096)  # an answer by itself would spend most of its time here
def _plan(parts: tuple[Part, ...], codes: tuple[str, ...], answered: tuple[bool, ...]) -> _Plan:
    """`answered`: for each item of the parts, in their order."""
    column = {code: i for i, code in enumerate(codes)}
    asked = iter(answered)
    found: list[tuple[int, Part, _Terms]] = []
    for place, part in enumerate(parts):
        items = [item for item in part.items if next(asked)]
        share = sum((item.weight for item in items), Fraction(0))
        total = sum((item.weight for item in part.items), Fraction(0))
        if share and share >= HALF * total:
            found.append((place, part, _terms(items, share, column)))
    dimensions = tuple((place, terms) for place, _, terms in found)
    weight = sum((part.weight for _, part, _ in found), Fraction(0))
    if not weight or weight < FOUR_FIFTHS * sum((part.weight for part in parts), Fraction(0)):
        return _Plan(dimensions, None)
    shares = [part.weight / weight for _, part, _ in found]
    common = lcm(
        *(
            share.denominator * denominator
            for share, (_, _, (_, denominator)) in zip(shares, found, strict=True)
        )
    )
    overall: list[tuple[int, int, int]] = []
    for share, (_, _, (own, denominator)) in zip(shares, found, strict=True):
        factor = int(share * common / denominator)
        overall += [(at, a * factor, b * factor) for at, a, b in own]
    return _Plan(dimensions, (overall, common))


def _terms(
    items: Sequence[Item], share: Fraction, column: Mapping[str, int]
) -> tuple[list[tuple[int, int, int]], int]:
    """The weighted mean as whole numbers: sum of (a*x + b) over one denominator, in points."""
    slopes = [item.weight / share * Fraction(100, item.high - item.low) for item in items]
    denominator = lcm(*(slope.denominator for slope in slopes))
    terms = []
    for item, slope in zip(items, slopes, strict=True):
        a = int(slope * denominator)
        terms.append(
            (column[item.code], -a, a * item.high)
            if item.reverse
            else (column[item.code], a, -a * item.low)
        )
    divisor = gcd(denominator, *(a for _, a, _ in terms))
    return [(at, a // divisor, b // divisor) for at, a, b in terms], denominator // divisor


def _rounded(
    values: Ints, rows: Ints, terms: Sequence[tuple[int, int, int]], denominator: int
) -> Ints:
    """sum(a*x + b) / denominator in 1e-6 points, half-up; beyond 64 bits with Python integers."""
    bound = (200 * MICRO + 2) * denominator
    size = max((abs(a) * 4096 + abs(b) for _, a, b in terms), default=0) * len(terms) * 2 * MICRO
    dtype: Any = np.int64 if max(bound, size) < _INT64_SAFE else object
    total = np.zeros(len(rows), dtype)
    for at, a, b in terms:
        total += values[rows, at].astype(dtype) * a + b
    rounded = (2 * MICRO * total + denominator) // (2 * denominator)
    return rounded.astype(np.int64)
