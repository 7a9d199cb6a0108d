"""Figures of the whole survey that single answers are held against; frozen when it closes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

from surveys.cleaning.rules.batch import Batch
from surveys.cleaning.rules.form import Form

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Sums over complete rows of opinion items; whole numbers, so the order never matters."""

    n: int
    sums: tuple[float, ...]
    products: tuple[tuple[float, ...], ...]

    @classmethod
    def of(cls, values: Floats) -> "Moments":
        complete = values[~np.isnan(values).any(axis=1)]
        products = complete.T @ complete
        return cls(
            len(complete),
            tuple(complete.sum(axis=0).tolist()),
            tuple(map(tuple, products.tolist())),
        )

    def plus(self, other: "Moments") -> "Moments":
        products = np.array(self.products) + np.array(other.products)
        return Moments(
            self.n + other.n,
            tuple((np.array(self.sums) + np.array(other.sums)).tolist()),
            tuple(map(tuple, products.tolist())),
        )

    @cached_property
    def centre(self) -> Floats:
        return np.array(self.sums) / self.n

    @cached_property
    def covariance(self) -> Floats:
        """Sample covariance (ddof 1)."""
        between = self.n * np.outer(self.centre, self.centre)
        return np.asarray((np.array(self.products) - between) / (self.n - 1))

    @cached_property
    def inverse(self) -> Floats:
        return np.asarray(np.linalg.inv(self.covariance), dtype=np.float64)

    def usable(self, rows_per_item: float) -> bool:
        """Enough complete rows, at least two items, and none that repeats the others."""
        items = len(self.sums)
        if items < 2 or self.n < 2 or self.n < rows_per_item * items:
            return False
        return bool(np.linalg.matrix_rank(self.covariance, hermitian=True) == items)

    def limit(self, quantile: float) -> float:
        """The `quantile` (percent) point of chi-square with one degree per item."""
        return float(chdtri(len(self.sums), 1 - quantile / 100))


@dataclass(frozen=True)
class Baseline:
    """`medians`: channel -> (n, median seconds). `texts`: digest -> how many responses wrote it
    (only comments written more than once)."""

    medians: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    moments: Moments = Moments(0, (), ())
    texts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, form: Form, batches: Iterable[tuple[Batch, Iterable[str]]]) -> "Baseline":
        """The figures over all batches, each with the digests of its comments."""
        rated = list(form.rated)
        width = len(rated)
        moments = Moments(0, (0.0,) * width, ((0.0,) * width,) * width)
        seconds: dict[str, list[Floats]] = {}
        texts: Counter[str] = Counter()
        for batch, digests in batches:
            moments = moments.plus(Moments.of(batch.values[~batch.preview][:, rated]))
            for mode in np.unique(batch.mode).tolist():
                known = (batch.mode == mode) & ~np.isnan(batch.seconds) & ~batch.preview
                seconds.setdefault(mode, []).append(batch.seconds[known])
            texts.update(digests)
        medians: dict[str, tuple[int, float]] = {}
        for mode, parts in seconds.items():
            whole = np.concatenate(parts)
            if len(whole):
                medians[mode] = (len(whole), float(np.median(whole)))
        return cls(medians, moments, {key: n for key, n in sorted(texts.items()) if n > 1})

    def to_json(self) -> dict[str, Any]:
        return {
            "medians": {mode: list(pair) for mode, pair in sorted(self.medians.items())},
            "moments": {
                "n": self.moments.n,
                "sums": list(self.moments.sums),
                "products": [list(row) for row in self.moments.products],
            },
            "texts": dict(self.texts),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Baseline":
        moments = data["moments"]
        return cls(
            {mode: (int(n), float(median)) for mode, (n, median) in data["medians"].items()},
            Moments(
                int(moments["n"]),
                tuple(float(x) for x in moments["sums"]),
                tuple(tuple(float(x) for x in row) for row in moments["products"]),
            ),
            {key: int(n) for key, n in data["texts"].items()},
        )
