"""What a set of sums tells: used by every proof that no small group is told.

Pages and files give sums over some of the answers that are stored. A set of answers is told when
its sum can be made of those by adding, subtracting and multiplying: when it lies in their linear
span.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Collection, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

MILLION = 1_000_000
APRIL, MAY, JUNE, JULY = (datetime.date(2026, month, 1) for month in (4, 5, 6, 7))
MONTHS = (APRIL, MAY, JUNE)
PERIODS = ("2026-04", "2026-05", "2026-06", "2026-Q2", "2026")
FEWEST = 5


class Stored(NamedTuple):
    """One row of the sums: n answers of a month about a department ("": none), naming somebody or
    nobody, to a survey; `part` of them answer the questions of a dimension."""

    month: datetime.date
    shop: str
    who: str
    n: int
    survey: str = "MARCH"
    part: int = 0


def points_of(place: int) -> int:
    """Different enough that a sum tells of which rows it is."""
    digest = hashlib.sha256(str(place).encode()).digest()
    return 20 * MILLION + int.from_bytes(digest[:8], "big") % (60 * MILLION)


def sums_of_sets(sizes: Sequence[int]) -> dict[tuple[int, int], int]:
    """(n, total) -> which rows, as bits."""
    found = {(0, 0): 0}
    for place, size in enumerate(sizes):
        if not size:
            continue
        total = size * points_of(place)
        found |= {(n + size, old + total): bits | 1 << place for (n, old), bits in found.items()}
    return found


def told_sets(vectors: Collection[int], sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """The sets of rows (by place) with fewer than FEWEST answers that the shown ones give away."""
    width = len(sizes)
    if not vectors:
        return
    shown = np.array([[bits >> at & 1 for at in range(width)] for bits in sorted(vectors)], float)
    _u, values, space = np.linalg.svd(shown)
    basis = space[: int((values > 1e-9).sum())]
    small = [at for at, size in enumerate(sizes) if 0 < size < FEWEST]
    for count in range(1, FEWEST):
        for places in combinations(small, count):
            if sum(sizes[at] for at in places) >= FEWEST:
                continue
            wanted = np.zeros(width)
            wanted[list(places)] = 1
            if np.abs(wanted - basis.T @ (basis @ wanted)).max() < 1e-9:
                yield places
