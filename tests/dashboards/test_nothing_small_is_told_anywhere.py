"""No pages and files together tell fewer than five answers: the pages of departments and people,
the analyses of surveys over every period, the list of surveys, the trend, and the files of each.

What is a group, and what is not, by rules.md and product.md:
- A figure of a survey, a department, a dimension, a question, or of a person on the page of a
  department or survey is one of a group: it is in the proof.
- The survey desk (`surveys.permissions.JUDGES`) cleans, and opens each answer with its score: the
  list of answers, the review queue with the effect of a verdict, the verdicts as a file, and the
  score in four readings ("What cleaning changed") show its work on single answers, to it alone.
- A scorecard and its lineage show the person, the manager and HR each de-identified answer behind
  the score, and its value from five answers on (the display floor). `export_scores` is HR's file of
  them. They are results of a person, as of the cut-off, not figures of a group.
- The export of a customer's data goes to the customer alone.
- Integration calls take answers and measurements and tell none: test below.
What is told is taken as one moment has it: two days differ by the answers that came between.
"""

from __future__ import annotations

import datetime
import json
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import hypothesis
import pytest
from django.db import transaction
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from hypothesis import given
from hypothesis import strategies as st

from core.rounding import half_up
from dashboards.exports.department import department_rows
from dashboards.queries.manager.department import department_page, known_tree
from dashboards.queries.manager.frame import Frame
from dashboards.queries.manager.parts import compared, heat
from dashboards.queries.manager.spans import picker
from organization.models import Department
from surveys.analysis.exports import rows_of
from surveys.analysis.queries import guarded
from surveys.analysis.queries.guarded import Ground, guarded_scores
from surveys.models import AnswerRollup, Rating, RatingRollup, Response, Survey
from surveys.rules.rating import SCORE_BAND
from surveys.services.rollups import rebuild_rollups
from tests.dashboards.telling import (
    APRIL,
    JULY,
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
from tests.dashboards.test_manager_floors import Figures, parse

SHOPS = ("HQ", "S1", "S2", "S3", "S21", "S22", "NEW")
SURVEYS = ("MARCH", "OTHER")
SIZES = [1, 2, 3, 4, 5, 6, 8, 13]
DIMENSION = "advice"

ROWS = st.lists(
    st.builds(
        lambda month, shop, who, n, survey, part: Stored(month, shop, who, n, survey, min(n, part)),
        st.sampled_from(MONTHS),
        st.sampled_from([*SHOPS[:-1], "S1", "S2", "NEW", ""]),
        st.sampled_from(["", "E1", "E2"]),
        st.sampled_from(SIZES),
        st.sampled_from(SURVEYS),
        st.sampled_from([0, *SIZES]),
    ),
    min_size=3,
    max_size=10,
    unique_by=lambda row: (row.month, row.shop, row.who, row.survey),
)
Sums = tuple[int, int]  # n, total in 1e-6 points


class Company(Figures):
    """Figures of two surveys, with a department beside HQ, and answers that name no department."""

    def __init__(self) -> None:
        super().__init__()
        other = Survey.objects.get()
        other.pk, other.code = None, "OTHER"
        other.save()
        self.surveys = {one.code: one for one in Survey.objects.order_by("pk")}
        new = Department.objects.create(code="NEW", name_zh="NEW", path="/NEW/")
        self.world.shops["NEW"] = new
        self.seen = list(Department.objects.all())
        self.tree = known_tree(self.viewer)

    def frame(self, shop: str, key: str) -> Frame:
        return Frame(self.world.shops[shop], self.seen, parse(key), JULY, self.tree)

    def store(self, rows: list[Stored]) -> None:
        made = []
        for place, row in enumerate(rows):
            for dimension, n in (("overall", row.n), (DIMENSION, row.part)):
                score = points_of(place)
                sums = {"n": n, "total": n * score, "sumsq": n * score * score}
                named = row.who and dimension == "overall"
                own = {f"person_{name}": value for name, value in sums.items()} if named else {}
                made.append(
                    RatingRollup(
                        month=row.month, survey=self.surveys[row.survey], dimension=dimension,
                        department=self.world.shops[row.shop] if row.shop else None,
                        employee=self.world.people[row.who] if row.who else None, **sums, **own,
                    )
                )  # fmt: skip
        RatingRollup.objects.bulk_create(made)

    # --- what is told ---

    def told(self) -> tuple[set[Sums], set[Sums]]:
        """(overall sums, sums of the dimension) of everything that is told."""
        overall, dimension = set(self.of_departments()), set(self.of_heat())
        for survey in self.surveys.values():
            for section, sums in self.of_analysis(survey):
                (dimension if section == "dimensions" else overall).add(sums)
        for mean, n in guarded_scores([one.pk for one in self.surveys.values()]).values():
            overall |= set(_sums(n, mean.mean))
        return overall, dimension

    def of_departments(self) -> Iterator[Sums]:
        for shop in SHOPS:
            for key in PERIODS:
                frame = self.frame(shop, key)
                months = frame.span.months
                pieces = [frame.total(months), frame.own(months)]
                pieces += [frame.total(months, part.pk) for part in frame.parts]
                if key == "2026":
                    pieces += [frame.total([month]) for month in frame.trend_months]
                yield from (one.sums[:2] for one in pieces if one.shown)
                for n, mean in self.staff(shop, key).values():
                    yield from _sums(n, mean)

    def of_heat(self) -> Iterator[Sums]:
        for shop in SHOPS:
            for key in PERIODS:
                frame = self.frame(shop, key)
                months = frame.span.months
                found = heat(frame, months, compared(frame, months))
                cells = (
                    [] if found is None else [*found.totals, *sum((r[1] for r in found.rows), [])]
                )
                for cell in cells:
                    yield from _sums(cell.n, cell.value)

    def of_analysis(self, survey: Survey) -> Iterator[tuple[str, Sums]]:
        """(section, sums) of the page, and of the file that leaves, over every period."""
        ground = Ground(survey)
        for period in (None, *PERIODS):
            figures = json.loads(json.dumps(guarded(survey, period, ground)))
            for section, _key, n, value, *_rest in rows_of(figures):
                if section in ("overall", "dimensions", "by_department", "by_employee"):
                    yield from ((section, one) for one in _sums(n, value))
        for mean, n in ground.months().values():
            yield from (("overall", one) for one in _sums(n, mean.mean))
        for period in PERIODS:
            for code, mean in ground.means(period).items():
                section = "overall" if code == "overall" else "dimensions"
                yield from ((section, one) for one in _sums(mean.n, mean.mean))


def _sums(n: int, mean: float | None) -> Iterator[Sums]:
    if mean is not None:
        yield n, round(n * mean * MILLION)


@pytest.fixture
def company(db: None) -> Company:
    return Company()


def _vectors(told: set[Sums], sizes: list[int]) -> set[int]:
    """Which rows each sum is of; a sum of other things than rows is an error of the figures."""
    sets = sums_of_sets(sizes)
    return {sets[one] for one in told}


def _check(company: Company, rows: list[Stored]) -> tuple[set[int], set[int]]:
    with transaction.atomic():
        company.store(rows)
        overall, dimension = company.told()
        RatingRollup.objects.all().delete()
    found = []
    for told, sizes in ((overall, [row.n for row in rows]), (dimension, [r.part for r in rows])):
        vectors = _vectors(told, sizes)
        assert list(told_sets(vectors, sizes)) == []
        found.append(vectors)
    return found[0], found[1]


def _plain(sizes: list[int]) -> bool:
    return len(sums_of_sets(sizes)) == 1 << sum(size > 0 for size in sizes)


@hypothesis.settings(
    max_examples=12, deadline=None, suppress_health_check=list(hypothesis.HealthCheck)
)
@given(rows=ROWS)
def test_no_pages_and_files_together_tell_fewer_than_five_answers(
    company: Company, rows: list[Stored]
) -> None:
    hypothesis.assume(_plain([row.n for row in rows]) and _plain([row.part for row in rows]))
    _check(company, rows)


def test_what_is_large_enough_is_told_and_what_is_small_would_be_noticed(company: Company) -> None:
    """The control: several surveys and departments are shown, and what used to leak is found."""
    rows = [
        Stored(MAY, "S1", "E1", 8, "MARCH", 6),
        Stored(MAY, "S1", "", 13, "OTHER", 13),
        Stored(MAY, "S3", "E2", 6, "OTHER", 3),
        Stored(MAY, "", "", 3, "MARCH", 3),
        Stored(JUNE, "S1", "", 3, "MARCH", 3),
    ]
    overall, dimension = _check(company, rows)
    # MARCH, OTHER, the department of both, each survey in it; the three that name none stay out.
    assert overall == {0b00001, 0b00010, 0b00100, 0b00110, 0b00011, 0b00111}
    assert dimension == {0b00001, 0b00110, 0b00111}
    sizes = [row.n for row in rows]
    assert list(told_sets(overall | {0b01001}, sizes)) == [(3,)]  # the whole with them
    assert list(told_sets(overall | {0b10001}, sizes)) == [(4,)]  # all days with a small month
