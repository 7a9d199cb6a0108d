"""Figures of single questions, added up over batches of answers in whole numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.stats import Estimate, nps, proportion
from surveys.cleaning.rules.baseline import Moments
from surveys.cleaning.rules.form import Form

OVERALL = "overall"
PROMOTERS_FROM, DETRACTORS_TO = 9, 6


@dataclass
class Tally:
    """How often each point of a scale was chosen, and the sums alpha needs. A question that fewer
    than `fewest` answers of a batch answer is left out of it."""

    form: Form
    fewest: int = 0
    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    moments: dict[str, Moments] = field(default_factory=dict)

    def add(self, values: NDArray[np.float64]) -> None:
        """Count answers: rows x numeric questions of the form, NaN where there is none."""
        for column, question in enumerate(self.form.numeric):
            given = values[:, column]
            given = given[~np.isnan(given)]
            if len(given) < self.fewest:
                continue
            points, n = np.unique(given, return_counts=True)
            counted = self.counts.setdefault(question.code, {})
            for point, times in zip(points.tolist(), n.tolist(), strict=True):
                counted[int(point)] = counted.get(int(point), 0) + times
        turned = self._turned(values)
        for code, columns in self._scales().items():
            found = Moments.of(turned[:, list(columns)])
            if found.n < self.fewest:
                continue
            before = self.moments.get(code)
            self.moments[code] = found if before is None else before.plus(found)

    def nps(self) -> dict[str, Estimate]:
        """Net promoter score of each nps question."""
        return {
            q.code: _nps(self.counts.get(q.code, {})) for q in self.form.numeric if q.type == "nps"
        }

    def top2(self) -> dict[str, Estimate]:
        """Share of answers on the two best points of each opinion item; of a reverse-keyed item
        the two lowest points are the best."""
        found: dict[str, Estimate] = {}
        for column in self.form.rated:
            question = self.form.numeric[column]
            assert question.scale is not None
            low, high = question.scale
            counts = self.counts.get(question.code, {})
            best = (
                sum(n for point, n in counts.items() if point <= low + 1)
                if question.reverse
                else sum(n for point, n in counts.items() if point >= high - 1)
            )
            found[question.code] = proportion(best, sum(counts.values()))
        return found

    def alpha(self) -> dict[str, float | None]:
        """Cronbach's alpha of each dimension and of all scored items together, complete rows;
        None with one item, under two rows, or a total that never varies."""
        return {code: _alpha(self.moments.get(code)) for code in self._scales()}

    def _scales(self) -> Mapping[str, Sequence[int]]:
        everything = [at for columns in self.form.dimensions.values() for at in columns]
        return {**self.form.dimensions, OVERALL: sorted(everything)}

    def _turned(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(self.form.reverse, self.form.low + self.form.high - values, values)


def _nps(counts: Mapping[int, int]) -> Estimate:
    promoters = sum(n for point, n in counts.items() if point >= PROMOTERS_FROM)
    detractors = sum(n for point, n in counts.items() if point <= DETRACTORS_TO)
    return nps(promoters, detractors, sum(counts.values()))


def _alpha(moments: Moments | None) -> float | None:
    if moments is None or moments.n < 2 or len(moments.sums) < 2:
        return None
    items = len(moments.sums)
    covariance: Any = moments.covariance
    total = float(covariance.sum())
    if total <= 1e-12:
        return None
    return float(items / (items - 1) * (1 - float(np.trace(covariance)) / total))
