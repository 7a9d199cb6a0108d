"""Indices of careless answering, vectorised over rows x items; NaN is an empty answer.

They equal the R package careless (longstring, irv, evenodd, mahad), except that even-odd keeps its
natural sign here: 1 is consistent, low is careless.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def longest_run(values: Floats, within: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
    """Length of the longest run of equal neighbours per row; empty answers end a run.

    With `within` (one flag per column) only runs holding a flagged column count.
    """
    rows, columns = values.shape
    best = np.zeros(rows, dtype=np.int64)
    length = np.zeros(rows, dtype=np.int64)
    flagged = np.zeros(rows, dtype=bool)
    for column in range(columns):
        here = values[:, column]
        goes_on = here == values[:, column - 1] if column else np.zeros(rows, dtype=bool)
        length = np.where(np.isnan(here), 0, np.where(goes_on, length + 1, 1))
        if within is None:
            best = np.maximum(best, length)
        else:
            flagged = np.where(goes_on, flagged, False) | (within[column] & (length > 0))
            best = np.maximum(best, np.where(flagged, length, 0))
    return best


def variability(values: Floats) -> Floats:
    """Standard deviation (ddof 1) of each row's answers; NaN with fewer than two."""
    given = ~np.isnan(values)
    n = given.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(given, values, 0.0).sum(axis=1) / n
        spread = (np.where(given, values - mean[:, None], 0.0) ** 2).sum(axis=1)
        return np.asarray(np.where(n >= 2, np.sqrt(spread / (n - 1)), np.nan))


def even_odd(
    values: Floats,
    dimensions: Sequence[Sequence[int]],
    *,
    min_dimensions: int = 3,
    min_items: int = 2,
) -> Floats:
    """Even-odd consistency per row, `2r/(1+r)` not below -1, of reverse-scored answers.

    r is the correlation, over the dimensions, of the means of a dimension's even and odd items. A
    dimension takes part with `min_items` answers and both halves; NaN under `min_dimensions` of
    them or where the halves do not vary.
    """
    rows = len(values)
    odd = np.full((rows, len(dimensions)), np.nan)
    even = np.full((rows, len(dimensions)), np.nan)
    for i, columns in enumerate(dimensions):
        answers = values[:, list(columns)]
        enough = (~np.isnan(answers)).sum(axis=1) >= min_items
        odd[:, i] = np.where(enough, _row_mean(answers[:, 0::2]), np.nan)
        even[:, i] = np.where(enough, _row_mean(answers[:, 1::2]), np.nan)
    both = ~(np.isnan(odd) | np.isnan(even))
    r = _row_correlation(np.where(both, odd, np.nan), np.where(both, even, np.nan))
    with np.errstate(divide="ignore", invalid="ignore"):
        corrected = np.where(1.0 + r <= 0.0, -1.0, np.maximum(-1.0, 2.0 * r / (1.0 + r)))
    testable = (both.sum(axis=1) >= min_dimensions) & ~np.isnan(r)
    return np.asarray(np.where(testable, corrected, np.nan))


def mahalanobis(values: Floats, centre: Floats, inverse: Floats) -> Floats:
    """Squared Mahalanobis distance of each row; NaN where an answer is empty."""
    away = values - centre
    return np.asarray(np.einsum("ij,ij->i", away @ inverse, away))


def _row_mean(values: Floats) -> Floats:
    given = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(given, values, 0.0).sum(axis=1) / given.sum(axis=1))


def _row_correlation(x: Floats, y: Floats) -> Floats:
    """Pearson's r per row over the columns present in both; NaN where one side is constant."""
    dx = x - _row_mean(x)[:, None]
    dy = y - _row_mean(y)[:, None]
    sxy, sxx, syy = (np.nansum(product, axis=1) for product in (dx * dy, dx * dx, dy * dy))
    constant = (sxx < 1e-9) | (syy < 1e-9)  # means of equal answers differ by rounding only
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.clip(sxy / np.sqrt(sxx * syy), -1.0, 1.0)
    return np.asarray(np.where(constant, np.nan, r))
