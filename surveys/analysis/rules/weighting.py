"""Raking: weights that make the answers' mix equal to known margins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats import effective_n

CAP = 5.0  # times the mean weight
ROUNDS = 50
ITERATIONS = 500
ENOUGH = 1e-12
WARN_BELOW = 0.6  # of n

Floats = NDArray[np.float64]


class ImpossibleMargins(ValueError):
    """The margins cannot be reached: a category that must have a share has no answer."""


@dataclass(frozen=True)
class Raked:
    """`weights` per answer (mean 1); `residual`: the largest difference between a reached and a
    wanted share of a category, in fractions of 1; `capped`: how many answers stand at the cap."""

    weights: Floats
    residual: float
    rounds: int
    capped: int

    @property
    def effective_n(self) -> float:
        return effective_n(self.weights)

    @property
    def warns(self) -> bool:
        """The weights cost so much that the figures are shaky."""
        return self.effective_n < WARN_BELOW * len(self.weights)


def fit(table: ArrayLike, margins: Sequence[ArrayLike]) -> Floats:
    """Iterative proportional fitting of a table to one margin per axis (all of one total).

    Raises ImpossibleMargins for a positive margin over cells that are all empty, ValueError for
    margins that do not fit the table.
    """
    cells = np.array(table, dtype=np.float64)
    wanted = [np.asarray(margin, dtype=np.float64) for margin in margins]
    if len(wanted) != cells.ndim or any(
        margin.shape != (cells.shape[axis],) for axis, margin in enumerate(wanted)
    ):
        raise ValueError("one margin per axis, one value per category")
    if (cells < 0).any() or any((margin < 0).any() for margin in wanted):
        raise ValueError("counts and margins cannot be negative")
    if not np.allclose([margin.sum() for margin in wanted], wanted[0].sum(), rtol=1e-9):
        raise ValueError("the margins must have one total")
    for axis, margin in enumerate(wanted):
        if ((_sums(cells, axis) == 0) & (margin > 0)).any():
            raise ImpossibleMargins("a category with a positive margin has no answer")
    for _ in range(ITERATIONS):
        before = cells
        for axis, margin in enumerate(wanted):
            cells = cells * _along(_ratio(margin, _sums(cells, axis)), axis, cells.ndim)
        if np.abs(cells - before).max(initial=0.0) <= ENOUGH * max(1.0, float(wanted[0].sum())):
            break
    return cells


def rake(answers: Sequence[Sequence[str]], margins: Sequence[Mapping[str, float]]) -> Raked:
    """Weights for answers, each given by its category in every variable.

    `margins`: for each variable the wanted share of each category (any total). Weights above 5
    times their mean are cut there and the rest is raked again, at most 50 rounds. An answer in a
    category without a margin is refused (ValueError).
    """
    if not answers:
        raise ImpossibleMargins("there is no answer to weight")
    names = [sorted(margin) for margin in margins]
    places = [{name: i for i, name in enumerate(own)} for own in names]
    try:
        index = np.array(
            [[place[value] for place, value in zip(places, row, strict=True)] for row in answers]
        )
    except KeyError as error:
        raise ValueError(f"no margin is given for {error.args[0]!r}") from error
    n = len(answers)
    wanted = [
        n * np.array([margin[name] for name in own]) / sum(margin.values())
        for own, margin in zip(names, margins, strict=True)
    ]
    keys, cell_of, counts = np.unique(index, axis=0, return_inverse=True, return_counts=True)
    shape = tuple(len(own) for own in names)
    table = np.zeros(shape)
    table[tuple(keys.T)] = counts
    cells, rounds = _capped(table, wanted, n)
    weight = cells[tuple(keys.T)] / counts
    weights = weight[cell_of.ravel()]
    residual = max(
        float(np.abs(_sums(cells, axis) - margin).max()) / n for axis, margin in enumerate(wanted)
    )
    at_cap = int((weights >= CAP * weights.mean() - 1e-9).sum()) if rounds > 1 else 0
    return Raked(weights, residual, rounds, at_cap)


def _capped(table: Floats, wanted: Sequence[Floats], n: int) -> tuple[Floats, int]:
    """Rake; while a weight is above the cap, cut it there and rake again from what is left."""
    cells = fit(table, wanted)
    most = CAP * table  # the mean weight is 1, so a cell weighs at most 5 times its answers
    for round_ in range(1, ROUNDS + 1):
        if (cells <= most * (1 + 1e-9)).all():
            return cells, round_
        cells = fit(np.minimum(cells, most), wanted)
    return _fill(np.minimum(cells, most), most, n), ROUNDS


def _fill(cells: Floats, most: Floats, n: int) -> Floats:
    """Bring the total back to n by the cells that are not at the cap."""
    for _ in range(cells.size):
        free = (cells > 0) & (cells < most)
        rest = float(cells[free].sum())
        missing = n - float(cells.sum())
        if missing <= ENOUGH * n or rest <= 0:
            break
        cells = np.where(free, np.minimum(cells * (1 + missing / rest), most), cells)
    return cells


def _sums(cells: Floats, axis: int) -> Floats:
    others = tuple(i for i in range(cells.ndim) if i != axis)
    return np.asarray(cells.sum(axis=others))


def _ratio(wanted: Floats, found: Floats) -> Floats:
    return np.divide(wanted, found, out=np.zeros_like(found), where=found > 0)


def _along(factors: Floats, axis: int, dimensions: int) -> Floats:
    shape = [1] * dimensions
    shape[axis] = len(factors)
    return factors.reshape(shape)
