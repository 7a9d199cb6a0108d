"""Whatever figures of whatever pages are added and subtracted, no fewer than five answers come out:
the pages of departments and their people. See tests.dashboards.telling; the analyses of surveys
and the files are added in test_nothing_small_is_told_anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from surveys.models import DepartmentRollup, RatingRollup
from tests.dashboards.telling import (
    JUNE,
    MAY,
    MILLION,
    MONTHS,
    PERIODS,
    Stored,
    points_of,
    sums_of_sets,
    told_sets,
)
from tests.dashboards.test_manager_floors import Figures

SHOPS = ("HQ", "S1", "S2", "S3", "S21", "S22")

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
    sets = told_sets(vectors, [row.n for row in rows])
    return [[rows[at] for at in places] for places in sets]


@pytest.fixture
def figures(db: None) -> Figures:
    return Figures()


def _check(figures: Figures, rows: list[Stored]) -> set[int]:
    sets = sums_of_sets([row.n for row in rows])
    with transaction.atomic():
        for place, row in enumerate(rows):
            points = points_of(place) / MILLION
            figures.add(row.month, row.shop, "overall", points, row.n, who=row.who)
        vectors = {sets[one] for one in _shown(figures)}
        RatingRollup.objects.all().delete()
        DepartmentRollup.objects.all().delete()
    assert _told(vectors, rows) == []
    return vectors


@hypothesis.settings(max_examples=40, suppress_health_check=list(hypothesis.HealthCheck))
@given(rows=ROWS)
def test_no_combination_of_pages_tells_fewer_than_five_answers(
    figures: Figures, rows: list[Stored]
) -> None:
    hypothesis.assume(
        len(sums_of_sets([row.n for row in rows])) == 1 << len(rows)
    )  # else a sum may mean two sets
    _check(figures, rows)


def test_what_is_large_enough_is_told(figures: Figures) -> None:
    """The control: the same pages do show something, and the check does find what a page tells."""
    rows = [Stored(MAY, "S1", "E1", 8), Stored(MAY, "S3", "", 13), Stored(JUNE, "S1", "", 3)]
    assert _check(figures, rows) >= {0b001, 0b010, 0b011}
    assert _told({0b101, 0b001}, rows) == [[rows[2]]]
    assert _told({0b111, 0b010, 0b001}, rows) == [[rows[2]]]
    assert _told({0b101, 0b010}, rows) == []
