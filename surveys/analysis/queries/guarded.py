"""The figures of a survey that a page or its file may show: no small group can be read from them,
nor worked out from several of them, nor beside the pages of departments.

What may be told of a month is decided by rules.telling, and a longer period adds up the months: so
it tells nothing the months do not. The figures are those of the answers that count now, as on the
pages of departments: of a locked period's cut-off they would differ from those by the few answers
judged since. So the page says which moment it shows (`as_of` in its file) and when the data were
locked; `figures.analyse`, which the operator's command prints, hides nothing and reads a locked
period as of its cut-off, as results do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from core.months import EVER
from core.stats import Mean
from organization.models import Department, Employee
from surveys.analysis.queries.figures import AT_ONCE, days_of, estimates, without_n
from surveys.analysis.queries.questions import asked_of
from surveys.analysis.rules.floors import floored
from surveys.cleaning.queries import form_of
from surveys.models import OVERALL, Survey
from surveys.queries.desk import Part
from surveys.queries.facts import minimums
from surveys.queries.rollups import Cell, bands_of, survey_cells, survey_people
from surveys.rules.rating import SCORE_BAND
from surveys.rules.sums import NOTHING, Sums
from surveys.rules.telling import (
    COMPANY,
    NOBODY,
    Person,
    Told,
    children_of,
    hidden_people,
    told_of,
)

Above = Mapping[int, int | None]  # department -> the one it belongs to
Sizes = dict[int | None, int]  # department -> answers


@dataclass
class _Added:
    """All answers, and the sums of those that may be told."""

    n_all: int = 0
    told: Sums = NOTHING

    def add(self, sums: Sums, *, shown: bool) -> None:
        self.n_all += sums.n
        self.told = self.told.plus(sums) if shown else self.told

    @property
    def shown(self) -> dict[str, Any]:
        return {**asdict(self.told.mean), "n": self.told.n or self.n_all}

    @property
    def mean_and_n(self) -> tuple[Mean, int]:
        return self.told.mean, self.told.n or self.n_all


class Ground:
    """The sums of a survey's months, read once, and what may be told of each. `part`: departments
    whose answers alone are read, for an account that is limited to them: beside the single answers
    it opens there, a figure of the whole would tell what the others gave."""

    def __init__(self, survey: Survey, part: Part = None) -> None:
        self.survey, self.part = survey, part
        self.above: Above = dict(Department.objects.values_list("pk", "parent_id"))
        self.cells = survey_cells([survey.pk], part=part)
        self.minimum = minimums([survey.pk])[survey.pk]
        self.told = _told(self.cells, self.above, {survey.pk: self.minimum})

    def within(self, days: tuple[date, date]) -> list[Cell]:
        """The cells of whole months."""
        return [cell for cell in self.cells if days[0] <= cell.month <= days[1]]

    def months(self) -> dict[date, tuple[Mean, int]]:
        """Month -> (mean of what may be told of it, n of that or where it is hidden of all), in
        order."""
        found: dict[date, _Added] = defaultdict(_Added)
        for cell in self.cells:
            if cell.dimension == OVERALL:
                shown = self.told[cell.survey, cell.month].in_whole(cell.department)
                found[cell.month].add(cell.sums, shown=shown)
        return {month: one.mean_and_n for month, one in sorted(found.items())}

    def spread(self, period: str | None = None) -> dict[int, int]:
        """Lower edge of ten points -> counted answers, of those that may be told."""
        opened = _open(self.told)
        found = dict.fromkeys(range(0, 100, 10), 0)
        for month, named, band, n in bands_of(self.survey.pk, _days(period), self.part):
            if (month, named) in opened:
                found[band * SCORE_BAND // 10 * 10] += n
        return found

    def means(self, period: str) -> dict[str, Mean]:
        """The means of `guarded` alone: each dimension's and "overall"; what is hidden is
        Mean(0)."""
        found = _wholes(self.within(_days(period)), self)
        codes = (OVERALL, *form_of(self.survey).dimensions)
        return {code: found.get(code, _Added()).told.mean for code in codes}


def guarded(
    survey: Survey, period: str | None = None, ground: Ground | None = None
) -> dict[str, Any]:
    """As `figures.analyse`, with None for every number that must stay hidden; `left_out` counts the
    answers that are in no figure, being too few of their month. An n is of the answers behind the
    figure, or where that is hidden of all of them."""
    form, days = form_of(survey), _days(period)
    ground = ground or Ground(survey)
    cells, told = ground.within(days), ground.told
    wholes = _wholes(cells, ground)
    whole = wholes.pop(OVERALL, _Added())
    at_once = whole.n_all <= AT_ONCE
    opened, least = _open(told), ground.minimum
    asked = asked_of(survey, form, days, opened, at_once=at_once, part=ground.part, fewest=least)
    return floored(
        {
            "as_of": None,  # what counts now, whatever is locked
            "n": whole.told.n or whole.n_all,
            "left_out": whole.n_all - whole.told.n,
            "overall": without_n(whole.told.mean),
            "dimensions": {code: wholes.get(code, _Added()).shown for code in form.dimensions},
            "nps": asked.with_all(estimates(asked.tally.nps())),
            "top2": asked.with_all(estimates(asked.tally.top2())),
            "alpha": asked.tally.alpha(),
            "by_department": _departments(cells, told),
            "by_employee": _people(survey, days, ground),
        },
        floor=ground.minimum,
    )


def guarded_scores(surveys: Collection[int], part: Part = None) -> dict[int, tuple[Mean, int]]:
    """Survey id -> (overall score of a part over all its days, its n or where it is hidden that of
    all)."""
    found: dict[int, _Added] = {pk: _Added() for pk in surveys}
    cells = survey_cells(list(found), overall=True, part=part)
    above = dict(Department.objects.values_list("pk", "parent_id"))
    told = _told(cells, above, minimums(found))
    for cell in cells:
        shown = told[cell.survey, cell.month].in_whole(cell.department)
        found[cell.survey].add(cell.sums, shown=shown)
    return {pk: one.mean_and_n for pk, one in found.items()}


# --- which cells of a month ----------------------------------------------------------------------


def _days(period: str | None) -> tuple[date, date]:
    return EVER if period is None else days_of(period)


def _told(
    cells: Collection[Cell], above: Above, least: Mapping[int, int]
) -> dict[tuple[int, date], Told]:
    """(survey, month) -> what may be told, by how many answers have an overall score."""
    sizes: dict[tuple[int, date], Sizes] = defaultdict(dict)
    for cell in cells:
        if cell.dimension == OVERALL:
            sizes[cell.survey, cell.month][cell.department] = cell.sums.n
    children = children_of(above)
    return {
        (survey, month): told_of(found, children, minimum=least[survey])
        for (survey, month), found in sizes.items()
    }


def _open(told: Mapping[tuple[int, date], Told]) -> set[tuple[date, bool]]:
    """(month, whether a department is named) of the answers that are in the survey's figures."""
    found = set()
    for (_survey, month), one in told.items():
        found |= {(month, True)} if one.in_whole(COMPANY) else set()
        found |= {(month, False)} if one.in_whole(NOBODY) else set()
    return found


def _wholes(cells: Collection[Cell], ground: Ground) -> dict[str, _Added]:
    """Dimension, or "overall" -> the sums of the whole survey."""
    told, above = ground.told, ground.above
    parts: dict[tuple[date, str], list[Cell]] = defaultdict(list)
    for cell in cells:
        parts[cell.month, cell.dimension].append(cell)
    children = children_of(above)
    found: dict[str, _Added] = defaultdict(_Added)
    for (month, dimension), many in parts.items():
        beside = told.get((many[0].survey, month), NOTHING_TOLD)
        own = beside
        if dimension != OVERALL:
            sizes: Sizes = {cell.department: cell.sums.n for cell in many}
            own = told_of(sizes, children, beside=beside, minimum=ground.minimum)
        for cell in many:
            found[dimension].add(cell.sums, shown=own.in_whole(cell.department))
    return dict(found)


def _departments(
    cells: Collection[Cell], told: Mapping[tuple[int, date], Told]
) -> dict[str, dict[str, Any]]:
    """By code, the answers of each department itself."""
    found: dict[int, _Added] = defaultdict(_Added)
    for cell in cells:
        if cell.dimension == OVERALL and cell.department is not NOBODY:
            shown = told[cell.survey, cell.month].shows(cell.department, own=True)
            found[cell.department].add(cell.sums, shown=shown)
    codes = Department.objects.filter(pk__in=found).order_by("pk").values_list("pk", "code")
    return {code: found[pk].shown for pk, code in codes}


def _people(survey: Survey, days: tuple[date, date], ground: Ground) -> dict[str, dict[str, Any]]:
    """By employee number."""
    told, above = ground.told, ground.above
    pieces: dict[Any, dict[int | None, tuple[Person, Sums]]] = defaultdict(dict)
    for cell in survey_people(survey.pk, days, ground.part):
        one = told.get((cell.survey, cell.month), NOTHING_TOLD)
        piece = (cell.month, one.piece(cell.department, above))
        person, sums = pieces[piece].get(cell.employee, (Person(0, 0), NOTHING))
        together = Person(person.n + cell.person.n, person.own + cell.person.own)
        pieces[piece][cell.employee] = (together, sums.plus(cell.sums))
    found: dict[int, _Added] = defaultdict(_Added)
    for (_month, piece), people in pieces.items():
        own = {who: person for who, (person, _sums) in people.items()}
        hidden = hidden_people(own, ground.minimum)
        for who, (_person, sums) in people.items():
            if who is not None and sums.n:
                found[who].add(sums, shown=piece is not None and who not in hidden)
    numbers = Employee.objects.filter(pk__in=found).order_by("pk").values_list("pk", "employee_no")
    return {number: found[pk].shown for pk, number in numbers}


NOTHING_TOLD = Told(frozenset({COMPANY}), frozenset(), nobody=False)
