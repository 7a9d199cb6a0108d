"""Curves turn an indicator's value into points (0..100, more where the cap allows)."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

HUNDRED = Decimal(100)
ZERO = Decimal(0)


@dataclass(frozen=True)
class Linear:
    """clip(100 * (x - floor) / (target - floor), 0, cap); less is better when target < floor."""

    floor: Decimal
    target: Decimal
    cap: Decimal = HUNDRED

    def __post_init__(self) -> None:
        if self.floor == self.target:
            raise ValueError("floor and target are equal")

    def points(self, x: Decimal) -> Decimal:
        """Points of the value x, in the indicator's unit."""
        return min(self.cap, max(ZERO, HUNDRED * (x - self.floor) / (self.target - self.floor)))


@dataclass(frozen=True)
class Piecewise:
    """Straight lines through the given (value, score); flat before the first, after the last."""

    xs: tuple[Decimal, ...]
    ys: tuple[Decimal, ...]

    def __post_init__(self) -> None:
        if len(self.xs) < 2 or any(a >= b for a, b in zip(self.xs, self.xs[1:], strict=False)):
            raise ValueError("values do not ascend")

    def points(self, x: Decimal) -> Decimal:
        """Points of the value x, in the indicator's unit."""
        after = bisect_right(self.xs, x)
        if after == 0:
            return self.ys[0]
        if after == len(self.xs):
            return self.ys[-1]
        x0, x1, y0, y1 = self.xs[after - 1], self.xs[after], self.ys[after - 1], self.ys[after]
        return y0 + (x - x0) * (y1 - y0) / (x1 - x0)


@dataclass(frozen=True)
class Bands:
    """Half-open bands [from, next from): each begins where the one before it ends.

    The first begins at or below 0 (or at None), so every possible value has a band.
    """

    starts: tuple[Decimal, ...]  # of all bands after the first
    scores: tuple[Decimal, ...]

    def __post_init__(self) -> None:
        ascending = all(a < b for a, b in zip(self.starts, self.starts[1:], strict=False))
        if len(self.scores) != len(self.starts) + 1 or not ascending:
            raise ValueError("bands do not ascend")

    def points(self, x: Decimal) -> Decimal:
        """Points of the value x, in the indicator's unit."""
        return self.scores[bisect_right(self.starts, x)]


@dataclass(frozen=True)
class Deduction:
    """max(0, start - sum of deductions); `per` points for each verified event.

    The value is the number of events, so the indicator's numerator and not its rate.
    """

    start: Decimal
    per: Decimal

    def points(self, x: Decimal) -> Decimal:
        """Points after x events."""
        return deduct(self.start, [(x, self.per)])


def deduct(start: Decimal, events: Iterable[tuple[Decimal | int, Decimal]]) -> Decimal:
    """max(0, S0 - sum(n_i * p_i)) over (number of events, points for each)."""
    return max(ZERO, start - sum((number * points for number, points in events), ZERO))


Curve = Linear | Piecewise | Bands | Deduction
