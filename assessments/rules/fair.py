"""Fair score: a person's mean, drawn towards the peer group's as far as few answers are luck.

One-way analysis of variance over the peer group, then shrinkage:
    n0 = (N - sum(n_j^2) / N) / (J - 1)    tau2 = max(0, (MSB - MSW) / n0)
    ICC = tau2 / (tau2 + MSW)              w_j = n_j / (1 + (n_j - 1) * ICC)
    m = sum(w_j * mean_j) / sum(w_j)       B_j = n_j * ICC / (1 + (n_j - 1) * ICC)
    fair_j = m + B_j * (mean_j - m)        sd_j = sqrt(tau2 * (1 - B_j)), interval +- z * sd_j
Sums arrive as exact integers (1e-6 points) and every float sum is `fsum`, so the order of persons
or responses never changes a bit of the result. The only module of scoring that uses floats.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import fsum, sqrt

from core.intervals import Z

MICRO = 10**6
MIN_PERSONS = 5  # J
MIN_FREEDOM = 30  # N - J
MODE_SHARE = 0.20
MODE_MIN_N = 5


@dataclass(frozen=True)
class Sums:
    """n responses with their sum (1e-6 points) and sum of squares (1e-12 points squared)."""

    n: int
    total: int
    sumsq: int

    @property
    def mean(self) -> float:
        """Points 0..100, correctly rounded."""
        return self.total / (self.n * MICRO)


@dataclass(frozen=True)
class Anova:
    """One-way analysis of variance of J persons with N responses; squares in points squared."""

    N: int
    J: int
    msb: float
    msw: float
    n0: float
    tau2: float
    icc: float


@dataclass(frozen=True)
class Shrunk:
    """A fair score and its 95 % interval, in points."""

    fair: float
    low: float
    high: float
    b: float


def enough(persons: Iterable[Sums]) -> bool:
    """Whether differences between people can be estimated: J >= 5 and N - J >= 30."""
    counts = [person.n for person in persons if person.n]
    return len(counts) >= MIN_PERSONS and sum(counts) - len(counts) >= MIN_FREEDOM


def anova(persons: Iterable[Sums]) -> Anova:
    """Variance between and within persons, from exact sums; needs J >= 2 and N > J."""
    rows = [person for person in persons if person.n]
    big_n, big_j = sum(row.n for row in rows), len(rows)
    grand = sum(row.total for row in rows) / (big_n * MICRO)
    # Integer numerators: a sum of squares minus a squared sum loses no digits.
    within = fsum((r.n * r.sumsq - r.total * r.total) / (r.n * MICRO * MICRO) for r in rows)
    between = fsum(r.n * (r.mean - grand) ** 2 for r in rows)
    msb, msw = between / (big_j - 1), within / (big_n - big_j)
    n0 = (big_n - sum(r.n * r.n for r in rows) / big_n) / (big_j - 1)
    tau2 = max(0.0, (msb - msw) / n0)
    icc = tau2 / (tau2 + msw) if tau2 else 0.0
    return Anova(big_n, big_j, msb, msw, n0, tau2, icc)


def group_mean(persons: Iterable[tuple[int, float]], icc: float) -> float | None:
    """m of (n_j, mean_j): means weighted by w_j; None without a response."""
    rows = [(n / (1 + (n - 1) * icc), mean) for n, mean in persons if n]
    if not rows:
        return None
    return fsum(w * mean for w, mean in rows) / fsum(w for w, _ in rows)


def weight_of_data(n: int, icc: float) -> float:
    """B_j in [0, 1]: how much of the own deviation is believed."""
    return n * icc / (1 + (n - 1) * icc) if n else 0.0


def shrink(n: int, mean: float, *, m: float, icc: float, tau2: float) -> Shrunk:
    """The fair score of one person; tau2 = 0 gives m itself with an empty interval."""
    b = weight_of_data(n, icc)
    half = Z * sqrt(max(0.0, tau2 * (1 - b)))
    fair = m + b * (mean - m)
    return Shrunk(fair, fair - half, fair + half, b)


def mode_shares(modes: Mapping[str, int]) -> dict[str, float] | None:
    """The group's shares of collection modes when two of them hold >= 20 % each, else None."""
    total = sum(modes.values())
    if not total or sum(n / total >= MODE_SHARE for n in modes.values()) < 2:
        return None
    return {mode: modes[mode] / total for mode in sorted(modes) if modes[mode]}


def standardised_mean(modes: Mapping[str, tuple[int, int]], shares: Mapping[str, float]) -> float:
    """A person's mean as if their answers came by the group's mode mix.

    `modes` maps mode -> (n, total). Modes with fewer than 5 of the person's answers are merged
    into one stratum, and that one, if still under 5, into the largest, so the shares of all
    strata always add up to the whole.
    """
    names = sorted(set(shares) | set(modes))
    large = [name for name in names if modes.get(name, (0, 0))[0] >= MODE_MIN_N]
    strata = [[name] for name in large]
    rest = [name for name in names if name not in large]
    if rest:
        pooled = sum(modes.get(name, (0, 0))[0] for name in rest)
        if pooled >= MODE_MIN_N or not strata:
            strata.append(rest)
        else:
            max(strata, key=lambda s: (modes[s[0]][0], s[0])).extend(rest)
    weights, means = [], []
    for stratum in strata:
        n = sum(modes.get(name, (0, 0))[0] for name in stratum)
        total = sum(modes.get(name, (0, 0))[1] for name in stratum)
        weights.append(fsum(shares.get(name, 0.0) for name in stratum))
        means.append(total / (n * MICRO))
    weight = fsum(weights)
    if len(strata) == 1 or not weight:
        everything = list(modes.values())
        return sum(t for _, t in everything) / (sum(n for n, _ in everything) * MICRO)
    return fsum(w * x for w, x in zip(weights, means, strict=True)) / weight
