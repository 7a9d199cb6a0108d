"""Where a value stands on its curve, as coordinates of the small drawing of an indicator's row.

112 by 34 units: the floor stands at x 29, the target at x 83, good is always to the right.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from assessments.rules.curves import Bands, Curve, Deduction, Linear, Piecewise
from assessments.rules.whatif import best_value

LEFT, RIGHT = 2.0, 110.0
FLOOR_X, TARGET_X = 29.2, 82.8
FLOOR_Y, TARGET_Y = 27.0, 7.0
_SPARE = 5.0  # a dot is never cut off


@dataclass(frozen=True)
class Drawing:
    """Path data of the line and of the interval, the dot, and the target's place."""

    line: str
    target_x: float
    interval: str
    dot_x: float | None
    dot_y: float | None


def drawing(
    curve: Curve, value: Decimal | None, low: float | None = None, high: float | None = None
) -> Drawing:
    """The drawing of a value and its interval, both in the indicator's unit."""
    knots = _knots(curve)
    worst, best = knots[0][0], knots[-1][0]
    top = max(points for _x, points in knots) or 100.0

    def across(x: float) -> float:
        place = FLOOR_X + (TARGET_X - FLOOR_X) * (x - worst) / (best - worst)
        return round(min(max(place, LEFT), RIGHT), 1)

    def up(points: float) -> float:
        return round(FLOOR_Y - (FLOOR_Y - TARGET_Y) * min(points / top, 1.0), 1)

    steps = [(LEFT, up(knots[0][1])), *((across(x), up(y)) for x, y in knots)]
    steps.append((RIGHT, up(knots[-1][1])))
    line = "M" + " L".join(f"{x} {y}" for x, y in steps)
    if value is None:
        return Drawing(line, across(float(best_value(curve))), "", None, None)
    x = min(max(across(float(value)), _SPARE), 112 - _SPARE)
    y = up(float(curve.points(value)))
    bar = ""
    if low is not None and high is not None:
        ends = sorted((across(low), across(high)))
        bar = f"M{ends[0]} {y}H{ends[1]}"
    return Drawing(line, across(float(best_value(curve))), bar, x, y)


def _knots(curve: Curve) -> list[tuple[float, float]]:
    """(value, points) from the worst to the best; a step of bands has two of one value."""
    if isinstance(curve, Linear):
        return [(float(curve.floor), 0.0), (float(curve.target), 100.0)]
    if isinstance(curve, Piecewise):
        found = [(float(x), float(y)) for x, y in zip(curve.xs, curve.ys, strict=True)]
    elif isinstance(curve, Bands):
        found = _steps(curve)
    else:
        found = _deductions(curve)
    return found if found[0][1] <= found[-1][1] else found[::-1]


def _steps(curve: Bands) -> list[tuple[float, float]]:
    """Each step twice, and a little of the first and the last band on both sides."""
    starts = [float(start) for start in curve.starts] or [0.0]
    scores = [float(score) for score in curve.scores]
    scores += scores if len(scores) == 1 else []
    room = max((starts[-1] - starts[0]) / 4, abs(starts[-1]) / 10, 1.0)
    found = [(starts[0] - room, scores[0])]
    for number, start in enumerate(starts):
        found += [(start, scores[number]), (start, scores[number + 1])]
    return [*found, (starts[-1] + room, scores[-1])]


def _deductions(curve: Deduction) -> list[tuple[float, float]]:
    if not curve.per:
        return [(1.0, float(curve.start)), (0.0, float(curve.start))]
    return [(float(curve.start / curve.per), 0.0), (0.0, float(curve.start))]
