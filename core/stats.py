"""Statistics of scores and shares: pure functions on numbers and arrays, no domain words.

Sums come in as integers of a small unit (1e-6 points) so that a mean or a variance is one exact
integer division: the order in which answers arrived can never move the last digit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, stdtr, stdtrit

from core.intervals import Z

MICRO = 1_000_000


class Interval(NamedTuple):
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with its t interval; sd and interval need two values, the mean needs one."""

    n: int
    mean: float | None = None
    sd: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share or a difference of shares, in percent points, with its interval."""

    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Test:
    """The outcome of a two-sided test; df is None for a normal test."""

    statistic: float
    p: float
    df: float | None = None
    __test__ = False  # the name is statistics' own, not pytest's


@lru_cache(maxsize=65_536)
def t_quantile(df: int) -> float:
    """The 97.5 % point of Student's t, the half-width factor of a 95 % interval."""
    return float(stdtrit(df, 0.975))


def mean_interval(
    n: int,
    total: int,
    sumsq: int,
    *,
    unit: int = MICRO,
    bounds: tuple[float, float] = (0.0, 100.0),
) -> Mean:
    """Mean, sd (ddof 1) and the 95 % t interval, clipped to `bounds`, from exact integer sums.

    `total` and `sumsq` are the sum in units of 1/`unit` and the sum of squares in 1/`unit`**2.
    The interval exists for n >= 2. Raises ValueError when the sums cannot belong together.
    """
    if n < 0 or (n == 0 and (total or sumsq)):
        raise ValueError("n does not fit the sums")
    if n == 0:
        return Mean(0)
    mean = int(total) / (n * unit)
    if n == 1:
        return Mean(1, mean)
    spread = n * int(sumsq) - int(total) ** 2
    if spread < 0:
        raise ValueError("the sum of squares is smaller than the sums allow")
    sd = sqrt(spread / (n * (n - 1) * unit * unit))
    half = t_quantile(n - 1) * sd / sqrt(n)
    return Mean(n, mean, sd, max(bounds[0], mean - half), min(bounds[1], mean + half))


def wilson(k: int, n: int, z: float = Z) -> Interval:
    """Wilson's score interval of a share k/n, as fractions of 1 (E. B. Wilson 1927).

    Raises ValueError unless 0 <= k <= n and n >= 1.
    """
    if not 0 <= k <= n or n < 1:
        raise ValueError("a share needs 0 <= k <= n and n >= 1")
    p, z2 = k / n, z * z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def proportion(k: int, n: int) -> Estimate:
    """A share in percent points with Wilson's interval; n 0 has neither value nor interval."""
    if n == 0:
        return Estimate(0)
    low, high = wilson(k, n)
    return Estimate(n, 100 * k / n, 100 * low, 100 * high)


class _Adjusted(NamedTuple):
    centre: float
    variance: float


def _adjusted_nps(promoters: int, detractors: int, n: int) -> _Adjusted:
    """Adjusted Wald: three answers are added, a quarter of them to either end and half between."""
    if min(promoters, detractors) < 0 or promoters + detractors > n or n < 1:
        raise ValueError("promoters and detractors must fit into n >= 1")
    size = n + 3
    p, d = (promoters + 0.75) / size, (detractors + 0.75) / size
    return _Adjusted(p - d, (p + d - (p - d) ** 2) / size)


def nps(promoters: int, detractors: int, n: int) -> Estimate:
    """Net promoter score (9-10 less 0-6) in percent points; the value is the raw one.

    The interval is adjusted Wald (Rocks 2016). With a handful of answers at one end it may pass
    100 by a little; it is not clipped, a page may.
    """
    if n == 0:
        return Estimate(0)
    centre, variance = _adjusted_nps(promoters, detractors, n)
    half = Z * sqrt(variance)
    value = 100 * (promoters - detractors) / n
    return Estimate(n, value, 100 * (centre - half), 100 * (centre + half))


def nps_test(first: tuple[int, int, int], second: tuple[int, int, int]) -> Test:
    """Two-sided adjusted Wald test of two (promoters, detractors, n)."""
    a, b = _adjusted_nps(*first), _adjusted_nps(*second)
    z = (a.centre - b.centre) / sqrt(a.variance + b.variance)
    return Test(z, 2 * float(ndtr(-abs(z))))


def welch(
    mean1: float, sd1: float, n1: int, mean2: float, sd2: float, n2: int
) -> tuple[Test, Interval] | None:
    """Welch's t test of two means and the 95 % interval of mean1 - mean2.

    None where it cannot be made: under two values on a side, or no spread on both.
    """
    if n1 < 2 or n2 < 2:
        return None
    v1, v2 = sd1 * sd1 / n1, sd2 * sd2 / n2
    if v1 + v2 == 0:
        return None
    error = sqrt(v1 + v2)
    df = (v1 + v2) ** 2 / (v1 * v1 / (n1 - 1) + v2 * v2 / (n2 - 1))
    t = (mean1 - mean2) / error
    half = float(stdtrit(df, 0.975)) * error
    difference = mean1 - mean2
    p = 2 * float(stdtr(df, -abs(t)))
    return Test(t, p, df), Interval(difference - half, difference + half)


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """Holm's step-down adjustment of several p values; keys keep their order."""
    adjusted: dict[str, float] = {}
    floor = 0.0
    for rank, key in enumerate(sorted(p, key=lambda name: (p[name], name))):
        floor = max(floor, min(1.0, (len(p) - rank) * p[key]))
        adjusted[key] = floor
    return {key: adjusted[key] for key in p}


def reverse_scored(
    answers: ArrayLike, reverse: Sequence[bool], scales: Sequence[tuple[float, float]]
) -> NDArray[np.float64]:
    """Rows x items with reverse-keyed columns turned round: lo + hi - x; NaN stays NaN."""
    values = np.array(answers, dtype=np.float64)
    for column, (turned, (lo, hi)) in enumerate(zip(reverse, scales, strict=True)):
        if turned:
            values[:, column] = lo + hi - values[:, column]
    return values


def cronbach_alpha(answers: ArrayLike) -> float | None:
    """Cronbach's alpha of rows x items, already reverse-scored; rows with a NaN are left out.

    None with under two items, under two complete rows, or a total that never varies.
    """
    values = np.asarray(answers, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] < 2:
        return None
    complete = values[~np.isnan(values).any(axis=1)]
    if len(complete) < 2:
        return None
    items = complete.shape[1]
    total = float(complete.sum(axis=1).var(ddof=1))
    if total == 0:
        return None
    parts = float(complete.var(axis=0, ddof=1).sum())
    return float(items / (items - 1) * (1 - parts / total))


def effective_n(weights: ArrayLike) -> float:
    """Kish's effective number of answers, (sum w)**2 / sum w**2; 0 without any weight."""
    values = np.asarray(weights, dtype=np.float64)
    squares = float((values * values).sum())
    return float(values.sum()) ** 2 / squares if squares else 0.0
