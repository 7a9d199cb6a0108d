"""Exact sums of scores that can be added up: months to quarters, departments to their parent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from core.stats import Mean, mean_interval


class Sums(NamedTuple):
    """Number, sum (1e-6 points) and sum of squares of scores."""

    n: int = 0
    total: int = 0
    sumsq: int = 0

    def plus(self, other: Sums) -> Sums:
        return Sums(self.n + other.n, self.total + other.total, self.sumsq + other.sumsq)

    def without(self, part: Sums) -> Sums:
        """The rest when a part is taken out."""
        return Sums(self.n - part.n, self.total - part.total, self.sumsq - part.sumsq)

    @property
    def mean(self) -> Mean:
        return mean_interval(self.n, self.total, self.sumsq)


NOTHING = Sums()


def added(many: Iterable[Sums]) -> Sums:
    """All of them together: with hundreds, a fraction of the time of as many `plus`."""
    n = total = sumsq = 0
    for one_n, one_total, one_sumsq in many:
        n += one_n
        total += one_total
        sumsq += one_sumsq
    return Sums(n, total, sumsq)
