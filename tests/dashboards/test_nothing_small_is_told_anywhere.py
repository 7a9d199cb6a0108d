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
- A comment stands with its month and score on the page of comments, for who may read comments,
  from five answers of a department's month on and once that is over (see `test_manager_pages`).
- The export of a customer's data goes to the customer alone.
- Integration calls take answers and measurements and tell none: `test_files_and_calls`.
What is told is taken as one moment has it: two days differ by the answers that came between.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, time
from itertools import chain
from typing import Any

import hypothesis
import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from dashboards.queries.manager.department import department_page, known_tree
from dashboards.queries.manager.frame import Frame
from dashboards.queries.manager.parts import compared, heat
from dashboards.queries.manager.spans import picker
from organization.models import Department
from surveys.analysis.exports import rows_of
from surveys.analysis.queries import guarded
from surveys.analysis.queries.guarded import Ground, guarded_scores
from surveys.analysis.rules.items import Tally
from surveys.models import DepartmentRollup, Rating, RatingRollup, Response, Survey
from surveys.queries.desk import Part
from surveys.services.intake.store import ensure_partitions
from surveys.services.rollups import rebuild_rollups
from tests.dashboards.telling import (
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
from tests.surveys.summing import departments_follow

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
            n, part, score = row.n, row.part, points_of(place)
            sums = {"n": n, "total": n * score, "sumsq": n * score * score}
            own = {f"person_{name}": value for name, value in sums.items()} if row.who else {}
            made.append(
                RatingRollup(
                    month=row.month, survey=self.surveys[row.survey],
                    department=self.world.shops[row.shop] if row.shop else None,
                    employee=self.world.people[row.who] if row.who else None, **sums, **own,
                    dimensions=[DIMENSION], ns=[part], totals=[part * score],
                    sumsqs=[part * score * score], person_ns=[0], person_totals=[0],
                    person_sumsqs=[0],
                )
            )  # fmt: skip
        RatingRollup.objects.bulk_create(made)
        departments_follow()

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
                rows = (
                    [] if found is None else [found.totals, *(cells for _part, cells in found.rows)]
                )
                for cell in chain.from_iterable(rows):
                    yield from _sums(cell.n, cell.value)

    def of_analysis(self, survey: Survey, part: Part = None) -> Iterator[tuple[str, Sums]]:
        """(section, sums) of the page, and of the file that leaves, over every period."""
        ground = Ground(survey, part)
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
        DepartmentRollup.objects.all().delete()
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


@pytest.mark.parametrize(
    ("leak", "variant"),
    [
        ("surveys.rules.telling.Told.in_whole", lambda told, department: True),
        ("surveys.rules.telling.Told.shows", lambda told, department, own=False: True),
        ("surveys.rules.telling.hidden_groups", lambda sizes, forced, minimum: frozenset()),
    ],
)
def test_a_rule_switched_off_is_noticed(
    company: Company, monkeypatch: pytest.MonkeyPatch, leak: str, variant: Any
) -> None:
    """The control: with one of the rules switched off the same check fails."""
    rows = [
        Stored(MAY, "S1", "E1", 8, "MARCH", 6),
        Stored(MAY, "S1", "E2", 3, "MARCH", 3),
        Stored(MAY, "S2", "", 9, "MARCH", 3),
        Stored(MAY, "S3", "", 2, "MARCH", 2),
        Stored(MAY, "HQ", "", 20, "MARCH", 20),
        Stored(JUNE, "", "", 3, "MARCH", 3),
    ]
    _check(company, rows)
    monkeypatch.setattr(leak, variant)
    with pytest.raises(AssertionError):
        _check(company, rows)


def test_who_reads_analyses_sees_a_department_as_the_whole_company_hides_it(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account limited to one department, which also reads the analyses of whole surveys."""
    company.seen = list(Department.objects.filter(path__startswith="/HQ/S2/"))
    monkeypatch.setattr(f"{__name__}.SHOPS", ("S2", "S21", "S22"))
    rows = [Stored(MAY, "S1", "", 40), Stored(MAY, "S2", "", 8), Stored(MAY, "S3", "", 3)]
    _check(company, rows)
    company.tree = None  # the control: as if it did not
    with pytest.raises(AssertionError):
        _check(company, rows)


# --- single questions ----------------------------------------------------------------------------

# Sizes of which every sum is of one set only: so the n of a figure tells of which answers it is.
PARTS = [(month, shop) for month in MONTHS for shop in ("S1", "")]
GIVEN = st.permutations([1, 2, 4, 8, 16, 32])
QUESTIONS = ("nps", "fixed")


def _answer_all(company: Company, given: dict[str, list[int]], more: list[int]) -> None:
    """In each part as many answers as its larger question has, and some that give neither."""
    survey, made, now = company.surveys["MARCH"], [], timezone.now()
    for at, (month, shop) in enumerate(PARTS):
        for number in range(max(given[code][at] for code in QUESTIONS) + more[at]):
            answers = {code: 5 for code in QUESTIONS if number < given[code][at]}
            made.append(
                Response(
                    answered_on=month, survey=survey, response_no=f"{at}-{number}",
                    department=company.world.shops[shop] if shop else None, channel="online",
                    submitted_at=datetime.combine(month, time(4), UTC), received_at=now,
                    answers={"clear": 5, "pushed": 1, **answers}, score_micro=80 * MILLION,
                )
            )  # fmt: skip
    ensure_partitions(MONTHS)
    Response.objects.bulk_create(made)
    Rating.objects.bulk_create(
        Rating(
            answered_on=one.answered_on, response_id=one.id, survey=survey,
            department=one.department, score=80 * MILLION, counted_from=now,
        )
        for one in Response.objects.all()
    )  # fmt: skip
    rebuild_rollups(actor=None)


def _asked(company: Company, seen: list[Department]) -> dict[str, set[int]]:
    """Question -> every n whose figure is told, on analyses and the pages of departments."""
    survey, found = company.surveys["MARCH"], defaultdict(set)
    ground = Ground(survey)
    for period in (None, *PERIODS):
        figures = guarded(survey, period, ground)
        for code in QUESTIONS:
            for section in ("nps", "top2"):
                one = figures[section].get(code)
                if one and one["value"] is not None:
                    found[code].add(one["n"])
        assert sum(ground.spread(period).values()) in (0, figures["n"])
        for shop in ("HQ", "S1"):
            chosen = picker(list(MONTHS), period or "2026", JULY)
            assert chosen is not None
            page = department_page(company.world.shops[shop], seen, chosen, company.viewer)
            found["nps"] |= {one.n for one in (page.nps.now, page.nps.before) if one.n}
    return found


def _small_questions(company: Company, given: dict[str, list[int]]) -> dict[str, list[Any]]:
    asked = _asked(company, company.seen)
    return {
        code: list(told_sets({_bits(n, given[code]) for n in asked[code]}, given[code]))
        for code in QUESTIONS
    }


def _bits(n: int, sizes: list[int]) -> int:
    return sum(1 << at for at, size in enumerate(sizes) if n & size)


@hypothesis.settings(
    max_examples=4, deadline=None, suppress_health_check=list(hypothesis.HealthCheck)
)
@given(
    nps=GIVEN,
    fixed=GIVEN,
    more=st.lists(st.sampled_from([0, 0, 1, 5]), min_size=len(PARTS), max_size=len(PARTS)),
)
def test_no_question_tells_fewer_than_five_answers(
    company: Company, nps: list[int], fixed: list[int], more: list[int]
) -> None:
    given_ = {"nps": list(nps), "fixed": list(fixed)}
    with transaction.atomic():
        _answer_all(company, given_, more)
        told = _small_questions(company, given_)
        transaction.set_rollback(True)
    assert told == {"nps": [], "fixed": []}


def test_a_question_few_answered_in_one_month_is_told_of_the_other_months(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: months with enough answers are told, and without the floor small ones are."""
    given_ = {"nps": [32, 1, 2, 16, 8, 4], "fixed": [8, 4, 16, 32, 1, 2]}
    _answer_all(company, given_, [5] * 6)
    assert _asked(company, company.seen) == {
        "nps": {32, 16, 8, 40, 56},
        "fixed": {8, 48, 56},
    }
    assert _small_questions(company, given_) == {"nps": [], "fixed": []}
    monkeypatch.setattr(
        "surveys.analysis.queries.questions.Tally", lambda form, fewest=0: Tally(form)
    )
    assert all(_small_questions(company, given_).values())
