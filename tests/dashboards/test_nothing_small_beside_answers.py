"""Who opens the single answers of some departments, and the figures of more, works out nothing of
fewer than five answers of the others: what is hidden is decided on all that one reader can see."""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest
from django.db import transaction
from hypothesis import given

from assessments.rules.periods import parse
from core.models import User
from dashboards.queries.manager.department import department_page, known_tree, opened_by
from dashboards.queries.manager.frame import Frame
from dashboards.queries.manager.spans import picker
from organization.models import Department
from organization.services import assign_role
from surveys.models import RatingRollup
from surveys.queries.responses import departments_seen
from tests.dashboards.telling import JULY, MAY, Stored, sums_of_sets, told_sets
from tests.dashboards.test_nothing_small_is_told_anywhere import ROWS, Company, Sums

OPENED = ("S1", "S21", "NEW")


class Reader(Company):
    """An account that heads the whole company and is analyst of the departments of OPENED."""

    def __init__(self) -> None:
        super().__init__()
        self.reader = User.objects.create_user("both")
        assign_role(self.reader, "hr", actor=None)
        for code in OPENED:
            assign_role(self.reader, "analyst", actor=None, department=self.world.shops[code])
        self.tree, self.viewer = known_tree(self.reader), self.reader
        self.opened = opened_by(self.reader)

    def frame(self, shop: str, key: str) -> Frame:
        here = self.world.shops[shop]
        return Frame(here, self.seen, parse(key), JULY, self.tree, self.opened)

    def told(self) -> tuple[set[Sums], set[Sums]]:
        overall, dimension = set(self.of_departments()), set(self.of_heat())
        for survey in self.surveys.values():
            for section, sums in self.of_analysis(survey, departments_seen(self.reader)):
                (dimension if section == "dimensions" else overall).add(sums)
        return overall, dimension


@pytest.fixture
def reader(db: None) -> Reader:
    return Reader()


def _told(shown: set[Sums], rows: list[Stored], sizes: list[int]) -> list[tuple[int, ...]]:
    """The sets of others' answers, fewer than five, that the figures and the own answers tell."""
    own = {at for at, row in enumerate(rows) if row.shop in OPENED}
    sets = sums_of_sets(sizes)
    vectors = {sets[one] for one in shown} | {1 << at for at in own if sizes[at]}
    return [places for places in told_sets(vectors, sizes) if own.isdisjoint(places)]


def _check(reader: Reader, rows: list[Stored]) -> list[Any]:
    with transaction.atomic():
        reader.store(rows)
        shown = reader.told()
        RatingRollup.objects.all().delete()
    sizes = [row.n for row in rows], [row.part for row in rows]
    return [_told(one, rows, n) for one, n in zip(shown, sizes, strict=True)]


@hypothesis.settings(
    max_examples=25, deadline=None, suppress_health_check=list(hypothesis.HealthCheck)
)
@given(rows=ROWS)
def test_no_figures_beside_the_own_answers_tell_fewer_than_five_of_others(
    reader: Reader, rows: list[Stored]
) -> None:
    for sizes in ([row.n for row in rows], [row.part for row in rows if row.part]):
        hypothesis.assume(len(sums_of_sets(sizes)) == 1 << len(sizes))
    assert _check(reader, rows) == [[], []]


FEW = [Stored(MAY, "S1", "E1", 12), Stored(MAY, "S3", "", 3)]
ENOUGH = [Stored(MAY, "S1", "E1", 12), Stored(MAY, "S3", "", 3), Stored(MAY, "S22", "", 5)]


def test_the_company_less_the_own_answers_is_not_told_of_three(reader: Reader) -> None:
    """The control: as it was, HQ less S1 told the three of S3."""
    assert _check(reader, FEW) == [[], []]
    reader.opened = set()
    assert _check(reader, FEW) == [[(1,)], []]


def _hq(reader: Reader, rows: list[Stored]) -> tuple[int, int, bool]:
    """The page of HQ: answers told, all answers, whether its mean is shown."""
    with transaction.atomic():
        reader.store(rows)
        chosen = picker([MAY], "2026-05", JULY)
        assert chosen is not None
        hq = reader.world.shops["HQ"]
        page = department_page(hq, Department.objects.all(), chosen, reader.reader)
        RatingRollup.objects.all().delete()
    return page.total.sums.n, page.total.n_all, page.mean is not None


def test_the_page_hides_what_the_own_answers_would_tell_and_shows_the_rest(reader: Reader) -> None:
    assert _hq(reader, FEW) == (0, 15, False)
    assert _hq(reader, ENOUGH) == (20, 20, True)


def test_who_opens_all_answers_or_none_is_told_as_before(reader: Reader) -> None:
    assert reader.opened == {reader.world.shops[code].pk for code in OPENED}
    assign_role(reader.reader, "analyst", actor=None)
    assert opened_by(reader.reader) == set()
    assert _hq(reader, FEW) == (15, 15, True)
    assert opened_by(User.objects.create_user("nobody")) == set()
