"""What another fact would have given: one change at a time, computed by the engine itself."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor
from typing import Any

from assessments.rules.curves import Bands, Curve, Deduction, Linear, Piecewise
from assessments.rules.engine import PersonScore, Result
from assessments.rules.facts import PersonFacts, holder
from assessments.rules.fair import MICRO
from assessments.rules.scheme import SATISFACTION, SchemeSpec
from assessments.rules.values import MINUTES, SCORED

HUNDRED = Decimal(100)
ROWS = 4  # single changes that are shown
COUNT, MINUTES_MEAN, VALUE, MEAN = "count", "minutes", "value", "mean"
PERCENT = "percent"
Units = Mapping[str, str]
Compute = Callable[[PersonFacts], PersonScore]


@dataclass(frozen=True)
class Change:
    """One figure of one indicator set to something else.

    `kind`: COUNT (the numerator, of `denominator`), MINUTES_MEAN, VALUE (0..100) or MEAN (of
    satisfaction, points, over `denominator` responses); `before` and `after` in that unit.
    """

    indicator: str
    placement: int
    kind: str
    before: Decimal
    after: Decimal
    denominator: Decimal


@dataclass(frozen=True)
class WhatIf:
    """The result with these changes and everything else as it was; `gain` in composite points."""

    changes: tuple[Change, ...]
    composite: Decimal
    gain: Decimal
    grade: str


def what_if(
    facts: PersonFacts,
    now: PersonScore,
    schemes: Mapping[str, SchemeSpec],
    units: Units,
    compute: Compute,
) -> list[WhatIf]:
    """The single changes that move the composite most, then the first two of them together.

    Empty where there is no composite. `compute` scores facts with the frozen groups and schemes.
    """
    if now.composite is None:
        return []
    singles = [
        one
        for change in _changes(facts, now.results, schemes, units)
        if (one := _try(facts, now, (change,), compute))
    ]
    singles.sort(key=lambda one: (-one.gain, one.changes[0].indicator))
    rows = singles[:ROWS]
    if len(rows) >= 2:
        both = _try(facts, now, (rows[0].changes[0], rows[1].changes[0]), compute)
        if both is not None:
            rows.append(both)
    return rows


def changed(facts: PersonFacts, changes: Sequence[Change]) -> PersonFacts:
    """The facts with the changes made; the given ones stay as they are."""
    result: PersonFacts = copy.deepcopy(facts)
    for change in changes:
        if change.kind == MEAN:
            _set_mean(result, change)
            continue
        measured = result["placements"][change.placement]["measured"]
        numerator = change.after
        if change.kind == MINUTES_MEAN:
            numerator = change.after * change.denominator
        elif change.kind == VALUE:
            numerator = change.after * change.denominator / HUNDRED
        measured[change.indicator] = [f"{numerator:f}", measured[change.indicator][1]]
    return result


def _try(
    facts: PersonFacts, now: PersonScore, changes: tuple[Change, ...], compute: Compute
) -> WhatIf | None:
    after = compute(changed(facts, changes))
    if after.composite is None or now.composite is None or after.composite <= now.composite:
        return None
    return WhatIf(changes, after.composite, after.composite - now.composite, after.grade)


def _changes(
    facts: PersonFacts, results: Sequence[Result], schemes: Mapping[str, SchemeSpec], units: Units
) -> Iterator[Change]:
    """A step within reach for every indicator that earned less than it could: half the way to
    the value that earns most; satisfaction, two to three points to a whole one."""
    for row in results:
        if row.status not in SCORED or row.raw is None or not row.denominator:
            continue
        if row.indicator == SATISFACTION:
            change = _better_mean(row)
        elif row.indicator in facts["placements"][row.placement_no]["measured"]:
            items = {item.indicator: item for item in schemes[row.scheme].items}
            change = _better_figure(row, items[row.indicator].curve, units[row.indicator])
        else:
            change = None
        if change is not None:
            yield change


def _better_mean(row: Result) -> Change | None:
    if row.raw is None or row.denominator is None:
        return None
    after = min(HUNDRED, Decimal(ceil(row.raw) + 3))
    if after <= row.raw:
        return None
    return Change(row.indicator, row.placement_no, MEAN, row.raw, after, row.denominator)


def _better_figure(row: Result, curve: Curve, unit: str) -> Change | None:
    if row.raw is None or row.denominator is None or row.numerator is None:
        return None
    best = best_value(curve)
    if unit == MINUTES:
        before, after = row.raw, _whole((row.raw + best) / 2, up=best > row.raw)
        kind = MINUTES_MEAN
    elif unit == PERCENT:
        before, kind = row.numerator, COUNT
        better = not isinstance(curve, Deduction) and best > row.raw
        if better:
            after = before + _whole((row.denominator - before) / 2, up=True)
        else:
            after = before - _whole(before / 2, up=True)
    else:
        before, kind = row.raw, VALUE
        after = min(HUNDRED, _whole((row.raw + best) / 2, up=best > row.raw))
    if after == before or after < 0:
        return None
    return Change(row.indicator, row.placement_no, kind, before, after, row.denominator)


def best_value(curve: Curve) -> Decimal:
    """The value nearest to the others from which the curve gives its most: a target."""
    if isinstance(curve, Linear):
        return curve.target
    if isinstance(curve, Piecewise):
        top = max(curve.ys)
        best = [x for x, y in zip(curve.xs, curve.ys, strict=True) if y == top]
        return best[0] if curve.ys[-1] == top else best[-1]
    if isinstance(curve, Bands):
        place = max(range(len(curve.scores)), key=lambda i: curve.scores[i])
        return curve.starts[place - 1] if place else curve.starts[0]
    return Decimal(0)


def _whole(value: Decimal, *, up: bool) -> Decimal:
    return Decimal(ceil(value) if up else floor(value))


def _set_mean(facts: PersonFacts, change: Change) -> None:
    """Give the placement's responses another mean, every mode moved alike. The sum of squares,
    which no score depends on, stays as it is."""
    places = facts["placements"]
    rows: list[Any] = [list(row) for row in facts["responses"]]
    mine = [row for row in rows if holder(places, str(row[0]), str(row[1])) == change.placement]
    share = change.after - change.before
    for row in mine:
        row[4] = int(row[4]) + round(share * int(row[3]) * MICRO)
    facts["responses"] = rows
