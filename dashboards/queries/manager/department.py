"""Everything the page of a department shows, and its export writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.models import User
from core.months import shift
from core.stats import Estimate, Mean, nps, proportion
from dashboards.queries.manager.frame import Figure, Frame
from dashboards.queries.manager.parts import FEW, Heat, Part, compared, heat
from dashboards.queries.manager.spans import Picker
from dashboards.queries.manager.staff import Person, staff_of
from organization.models import Department
from surveys.analysis.rules.comparison import Change, change
from surveys.models import QuestionnaireVersion
from surveys.permissions import may_open_desk
from surveys.queries.responses import departments_seen
from surveys.queries.rollups import nps_by_month, points_by_month
from surveys.rules.rating import SCORE_BAND

SATISFIED, UNHAPPY = 75, 40  # points; 75 is "satisfied" on a scale of five
PROMOTERS_FROM, DETRACTORS_TO = 9, 6
_SPREAD = ((90, 101), (70, 90), (40, 70), (0, 40))


@dataclass(frozen=True)
class Now:
    """A figure of the period and of the period before."""

    now: Estimate
    before: Estimate


@dataclass(frozen=True)
class DepartmentPage:
    """`change` is None where there is no figure; `bands` maps the lower edge of ten points to
    counted answers and is empty where nothing may be shown."""

    department: Department
    above: Sequence[Department]
    picker: Picker
    total: Figure
    before: Figure
    mean: Mean | None
    change: Change | None
    nps: Now
    satisfied: Now
    unhappy: Now
    trend: Sequence[tuple[date, Mean | None, int]]
    parts: Sequence[Part]
    silent: Sequence[Department]
    heat: Heat | None
    dimensions: Mapping[str, Mapping[str, str]]
    bands: Mapping[int, int]
    spread: Sequence[tuple[int, int, Estimate]]
    people: Sequence[Person]

    @property
    def few(self) -> bool:
        return self.total.sums.n < FEW

    @property
    def tested(self) -> list[Part]:
        return [part for part in self.parts if part.p is not None]

    @property
    def real(self) -> list[Part]:
        return [part for part in self.tested if part.real]


def department_page(
    department: Department, seen: Iterable[Department], picker: Picker, viewer: User
) -> DepartmentPage:
    """The page of one department in one period, as the account may see it."""
    frame = Frame(
        department, seen, picker.span, picker.latest, known_tree(viewer), opened_by(viewer)
    )
    months, earlier = picker.span.months, picker.span.previous().months
    total, before = frame.total(months), frame.total(earlier)
    points = points_by_month(frame.below(department.pk), earlier[0], months[-1])
    asked = nps_by_month(frame.around, earlier[0], months[-1])
    now_points = _points(frame, points, asked, months)
    before_points = _points(frame, points, asked, earlier)
    parts = compared(frame, months)
    answered = {part.department.pk for part in parts if part.department}
    return DepartmentPage(
        department=department,
        above=_above(frame),
        picker=picker,
        total=total,
        before=before,
        mean=total.sums.mean if total.shown else None,
        change=change_of(frame, total, before),
        nps=Now(_nps(now_points["nps"]), _nps(before_points["nps"])),
        satisfied=_share(now_points, before_points, SATISFIED, 101),
        unhappy=_share(now_points, before_points, 0, UNHAPPY),
        trend=[_month(frame, month) for month in frame.trend_months],
        parts=parts,
        silent=[each for each in frame.parts if each.pk not in answered],
        heat=heat(frame, months, parts),
        dimensions=_dimension_names(months),
        bands=_tens(now_points["score"]),
        spread=[(low, high, _between(now_points["score"], low, high)) for low, high in _SPREAD],
        people=staff_of(frame, viewer),
    )


def change_of(frame: Frame, total: Figure, before: Figure) -> Change | None:
    """The period against the one before; without a test where that one is not there in full."""
    if not total.shown:
        return None
    if not frame.covers(frame.span.previous().months):
        return Change(total.sums.mean, before.sums.mean, None, None)
    return change(total.sums.mean, before.sums.mean)


def _above(frame: Frame) -> list[Department]:
    found: list[Department] = []
    at = frame.department
    while at.parent_id in frame.departments:
        at = frame.departments[at.parent_id or 0]
        found.insert(0, at)
    return found


def _month(frame: Frame, month: date) -> tuple[date, Mean | None, int]:
    figure = frame.total([month])
    return month, figure.sums.mean if figure.shown else None, figure.n_all


def known_tree(viewer: User) -> list[Department] | None:
    """All departments for who reads analyses of whole surveys; None: those open are all."""
    return list(Department.objects.all()) if may_open_desk(viewer) else None


def opened_by(viewer: User) -> set[int]:
    """Departments whose single answers the account opens, beside figures of others. Who opens all
    of them has nothing left to work out."""
    return departments_seen(viewer) or set()


def _points(
    frame: Frame,
    points: Mapping[tuple[date, int], Mapping[str, Mapping[int, int]]],
    asked: Mapping[tuple[date, int], Mapping[int, int]],
    months: Collection[date],
) -> dict[str, dict[int, int]]:
    """Measure -> point -> answers of the months that may be shown. Fewer are asked whether they
    recommend than have a score, so that is decided by how many were asked (`asked`)."""
    found: dict[str, dict[int, int]] = {"score": {}, "nps": {}}
    here = frame.department.pk
    for (month, survey), measures in points.items():
        if month not in months or not frame.is_shown(month, survey, here):
            continue
        told = frame.told_among(month, survey, asked.get((month, survey), {}))
        for measure, counts in measures.items():
            if measure == "nps" and not told.shows(here):
                continue
            for point, n in counts.items():
                found[measure][point] = found[measure].get(point, 0) + n
    return found


def _nps(counts: Mapping[int, int]) -> Estimate:
    promoters = sum(n for point, n in counts.items() if point >= PROMOTERS_FROM)
    detractors = sum(n for point, n in counts.items() if point <= DETRACTORS_TO)
    return nps(promoters, detractors, sum(counts.values()))


def _between(bands: Mapping[int, int], low: int, high: int) -> Estimate:
    """The share of answers with low <= score < high, edges of bands."""
    inside = sum(n for band, n in bands.items() if low <= band * SCORE_BAND < high)
    return proportion(inside, sum(bands.values()))


def _share(
    now: Mapping[str, Mapping[int, int]],
    before: Mapping[str, Mapping[int, int]],
    low: int,
    high: int,
) -> Now:
    return Now(_between(now["score"], low, high), _between(before["score"], low, high))


def _tens(bands: Mapping[int, int]) -> dict[int, int]:
    if not bands:
        return {}
    found = dict.fromkeys(range(0, 100, 10), 0)
    for band, n in bands.items():
        found[band * SCORE_BAND // 10 * 10] += n
    return found


def _dimension_names(months: Sequence[date]) -> dict[str, dict[str, Any]]:
    """Dimension -> its names, from the questionnaires in the field at that time, in their order."""
    specs = (
        QuestionnaireVersion.objects.filter(
            surveys__opens_on__lt=shift(months[-1], 1), surveys__closes_on__gte=months[0]
        )
        .order_by("pk")
        .distinct()
        .values_list("spec__dimensions", flat=True)
    )
    found: dict[str, dict[str, Any]] = {}
    for dimensions in specs:
        for one in dimensions or ():
            found.setdefault(one["code"], one)
    return found
