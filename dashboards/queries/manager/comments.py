"""The page of comments: which months of which departments are open, and what was asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from assessments.rules.periods import Span, parse, span_of
from core.months import shift
from organization.models import Department
from surveys.models import Survey
from surveys.queries.comments import Comment, comments_of
from surveys.queries.facts import minimums
from surveys.queries.rollups import department_cells
from surveys.rules.suppression import MINIMUM

BANDS: Mapping[str, tuple[object, tuple[int, int]]] = {
    "low": (_("Below 40, unhappy"), (0, 40)),
    "middle": (_("40 to 69"), (40, 70)),
    "good": (_("70 to 89"), (70, 90)),
    "best": (_("90 and more"), (90, 101)),
}
SHOWN_MONTHS = 13


@dataclass(frozen=True)
class Asked:
    """The filters; empty means all."""

    period: str = ""
    department: str = ""
    survey: str = ""
    band: str = ""
    search: str = ""


@dataclass(frozen=True)
class Found:
    """`closed`: (month, department) pairs with answers, but under the minimum."""

    comments: Sequence[Comment]
    closed: int


def months_to_choose(today: date) -> list[str]:
    """Keys of the months whose comments may be open: the last ones that are over."""
    return [span_of("month", shift(today, -number)).key for number in range(1, SHOWN_MONTHS + 1)]


def find(seen: Iterable[Department], asked: Asked, today: date) -> Found:
    """Comments of the departments as asked. A month opens when it is over, and where a department
    has the minimum of counted answers in it: of all surveys, and of one whose questionnaire asks
    for more, so many of that one."""
    departments = _asked_departments(list(seen), asked.department)
    first, last = _days(asked.period, today)
    cells = department_cells([one.pk for one in departments], first, last, overall=True)
    counted: dict[tuple[date, int], int] = defaultdict(int)
    for cell in cells:
        assert cell.department is not None
        counted[cell.month, cell.department] += cell.sums.n
    pairs = [pair for pair, n in counted.items() if n >= MINIMUM]
    least = minimums(cell.survey for cell in cells)
    shut = [
        (cell.month, cell.department, cell.survey)
        for cell in cells
        if cell.department is not None and MINIMUM < least[cell.survey] > cell.sums.n
    ]
    closed = len(counted) - len(pairs)
    survey = Survey.objects.filter(code=asked.survey).first() if asked.survey else None
    band = BANDS[asked.band][1] if asked.band in BANDS else (0, 101)
    found = comments_of(
        pairs,
        last,
        survey=survey.pk if survey else None,
        band=band,
        search=asked.search,
        shut=shut,
    )
    return Found(found, closed)


def _asked_departments(seen: Sequence[Department], code: str) -> list[Department]:
    if not code:
        return list(seen)
    chosen = next((one for one in seen if one.code == code), None)
    return [one for one in seen if chosen and one.path.startswith(chosen.path)]


def _days(period: str, today: date) -> tuple[date, date]:
    """First and last day looked at: never the month that still runs."""
    over = shift(today, -1)
    latest = span_of("month", over)
    span = _span(period)
    if span is None:
        return shift(over, 1 - SHOWN_MONTHS), latest.last
    return span.first, min(span.last, latest.last)


def _span(period: str) -> Span | None:
    try:
        return parse(period) if period else None
    except ValueError:
        return None
