"""Whatever figures of whatever pages are added and subtracted, no fewer than five answers come out.

Each page gives sums over some of the rows that are stored. A set of rows is told when its sum can
be made of those by adding, subtracting and multiplying: when it lies in their linear span.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import hypothesis
import numpy as np
import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from surveys.models import RatingRollup
from tests.dashboards.test_manager_floors import APRIL, JUNE, MAY, MILLION, Figures

SHOPS = ("HQ", "S1", "S2", "S3", "S21", "S22")
MONTHS = (APRIL, MAY, JUNE)
PERIODS = ("2026-04", "2026-05", "2026-06", "2026-Q2", "2026")
FEWEST = 5


class Stored(NamedTuple):
    """One row of the sums: n answers of a month about a department, naming somebody or nobody."""

    month: datetime.date
    shop: str
    who: str
    n: int


ROWS = st.lists(
    st.builds(
        Stored,
        st.sampled_from(MONTHS),
        st.sampled_from(SHOPS),
        st.sampled_from(["", "", "E1", "E2"]),
        st.sampled_from([1, 2, 3, 4, 5, 6, 8, 13]),
    ),
    min_size=3,
    max_size=11,
    unique_by=lambda row: row[:3],
)


def _points(place: int) -> int:
    """Different enough that a sum tells of which rows it is."""
    digest = hashlib.sha256(str(place).encode()).digest()
    return 20 * MILLION + int.from_bytes(digest[:8], "big") % (60 * MILLION)


def _sums_of_sets(rows: list[Stored]) -> dict[tuple[int, int], int]:
    """(n, total) -> which rows, as bits."""
    found = {(0, 0): 0}
    for place, row in enumerate(rows):
        total = row.n * _points(place)
        found |= {(n + row.n, old + total): bits | 1 << place for (n, old), bits in found.items()}
    return found


def _shown(figures: Figures) -> Iterator[tuple[int, int]]:
    """(n, total in 1e-6 points) of every value on the pages of every department and period."""
    for shop in SHOPS:
        for key in PERIODS:
            frame = figures.frame(shop, key)
            months = frame.span.months
            pieces = [frame.total(months), frame.own(months)]
            pieces += [frame.total(months, part.pk) for part in frame.parts]
            pieces += [frame.total([month]) for month in frame.trend_months]
            for piece in pieces:
                if piece.shown:
                    yield piece.sums.n, piece.sums.total
            for n, mean in figures.staff(shop, key).values():
                if mean is not None:
                    yield n, round(n * mean * MILLION)


def _told(vectors: set[int], rows: list[Stored]) -> list[list[Stored]]:
    """The sets of rows with fewer than five answers that the shown ones give away."""
    width = len(rows)
    shown = np.array([[bits >> at & 1 for at in range(width)] for bits in sorted(vectors)], float)
    if not len(shown):
        return []
    _u, values, space = np.linalg.svd(shown)
    basis = space[: int((values > 1e-9).sum())]
    small = [at for at, row in enumerate(rows) if row.n < FEWEST]
    told = []
    for size in range(1, FEWEST):
        for places in combinations(small, size):
            if sum(rows[at].n for at in places) >= FEWEST:
                continue
            wanted = np.zeros(width)
            wanted[list(places)] = 1
            if np.abs(wanted - basis.T @ (basis @ wanted)).max() < 1e-9:
                told.append([rows[at] for at in places])
    return told


@pytest.fixture
def figures(db: None) -> Figures:
    return Figures()


def _check(figures: Figures, rows: list[Stored]) -> set[int]:
    sets = _sums_of_sets(rows)
    with transaction.atomic():
        for place, (month, shop, who, n) in enumerate(rows):
            figures.add(month, shop, "overall", _points(place) / MILLION, n, who=who)
        vectors = {sets[one] for one in _shown(figures)}
        RatingRollup.objects.all().delete()
    assert _told(vectors, rows) == []
    return vectors


@hypothesis.settings(max_examples=40, suppress_health_check=list(hypothesis.HealthCheck))
@given(rows=ROWS)
def test_no_combination_of_pages_tells_fewer_than_five_answers(
    figures: Figures, rows: list[Stored]
) -> None:
    hypothesis.assume(len(_sums_of_sets(rows)) == 1 << len(rows))  # else a sum may mean two sets
    _check(figures, rows)


def test_what_is_large_enough_is_told(figures: Figures) -> None:
    """The control: the same pages do show something, and the check does find what a page tells."""
    rows = [Stored(MAY, "S1", "E1", 8), Stored(MAY, "S3", "", 13), Stored(JUNE, "S1", "", 3)]
    assert _check(figures, rows) >= {0b001, 0b010, 0b011}
    assert _told({0b101, 0b001}, rows) == [[rows[2]]]
    assert _told({0b111, 0b010, 0b001}, rows) == [[rows[2]]]
    assert _told({0b101, 0b010}, rows) == []
