"""The parts of a department beside each other: value, test against the others, heat table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.stats import Interval, Mean, holm, welch
from dashboards.queries.manager.frame import Figure, Frame
from organization.models import Department
from surveys.analysis.rules.comparison import SURE_BELOW
from surveys.queries.rollups import department_cells
from surveys.rules.sums import Sums, added

FEW = 30  # below it a figure is shown and neither ranked nor compared


@dataclass(frozen=True)
class Part:
    """A department right below; None: what is answered about the department itself. `p` is
    adjusted over the parts compared; `difference` is the distance to the whole department."""

    department: Department | None
    figure: Figure
    mean: Mean | None
    difference: float | None = None
    interval: Interval | None = None
    p: float | None = None

    @property
    def n(self) -> int:
        """The answers of the value shown, or where it is hidden all of them."""
        return self.figure.sums.n or self.figure.n_all

    @property
    def few(self) -> bool:
        return self.mean is not None and self.n < FEW

    @property
    def real(self) -> bool:
        """Whether the difference from the others is more than chance would give."""
        return self.p is not None and self.p < SURE_BELOW


@dataclass(frozen=True)
class Cell:
    """One part in one dimension. `tone`: 0 no clear difference; 2 above, -2 below: the interval
    leaves out zero; 3, -3: also after Holm over all cells."""

    n: int
    value: float | None = None
    difference: float | None = None
    interval: Interval | None = None
    p: float | None = None
    tone: int = 0

    @property
    def css(self) -> str:
        if self.value is None:
            return "qx" if self.n else ""
        return f"q{self.tone}"


@dataclass(frozen=True)
class Heat:
    """Parts x dimensions; `totals` is the whole department."""

    dimensions: Sequence[str]
    totals: Sequence[Cell]
    rows: Sequence[tuple[Part, Sequence[Cell]]]


def against_rest(part: Sums, whole: Sums) -> tuple[float | None, Interval | None, float | None]:
    """(distance to the whole, its 95 % interval, p). Tested against the rest, which shares no
    answer with the part: the distance to the whole is that to the rest times rest / whole."""
    rest = whole.without(part)
    mine, all_of_it, others = part.mean, whole.mean, rest.mean
    if mine.mean is None or all_of_it.mean is None or not rest.n:
        return None, None, None
    difference = mine.mean - all_of_it.mean
    if others.mean is None or part.n < FEW or rest.n < FEW:
        return difference, None, None
    result = welch(mine.mean, mine.sd or 0.0, part.n, others.mean, others.sd or 0.0, rest.n)
    if result is None:
        return difference, None, None
    test, interval = result
    share = rest.n / whole.n
    return difference, Interval(interval.low * share, interval.high * share), test.p


def compared(frame: Frame, months: Sequence[date]) -> list[Part]:
    """The parts that have answers: those to compare by their mean, the others below them."""
    whole = frame.total(months).sums
    listed: list[tuple[Department | None, Figure]] = [
        (each, frame.total(months, each.pk)) for each in frame.parts
    ]
    if listed:
        listed.append((None, frame.own(months)))
    parts = []
    for department, figure in listed:
        if not figure.n_all:
            continue
        if not figure.shown:
            parts.append(Part(department, figure, None))
            continue
        parts.append(Part(department, figure, figure.sums.mean, *against_rest(figure.sums, whole)))
    adjusted = holm({str(at): one.p for at, one in enumerate(parts) if one.p is not None})
    parts = [
        replace(one, p=adjusted[str(at)]) if str(at) in adjusted else one
        for at, one in enumerate(parts)
    ]
    return sorted(parts, key=_order)


def _order(part: Part) -> tuple[int, float]:
    if part.mean is None or part.mean.mean is None:
        return (2, -part.n)
    return (1 if part.few else 0, -part.mean.mean)


_Key = int | str
_OWN = "own"


def heat(frame: Frame, months: Sequence[date], parts: Sequence[Part]) -> Heat | None:
    """Every part in every dimension; None where there is nothing to compare."""
    if len(parts) < 2:
        return None
    here = frame.department.pk
    found: dict[tuple[date, int, str], dict[int, Sums]] = defaultdict(dict)
    for one in department_cells(frame.around, months[0], months[-1], overall=False):
        assert one.department is not None
        found[one.month, one.survey, one.dimension][one.department] = one.sums
    part_of = _part_of(frame)
    shown: dict[tuple[str, _Key], list[Sums]] = defaultdict(list)
    counts: dict[tuple[str, _Key], int] = defaultdict(int)
    together: dict[str, list[Sums]] = defaultdict(list)
    for (month, survey, code), by_department in found.items():
        told = frame.told_among(month, survey, {key: sums.n for key, sums in by_department.items()})
        whole_shown = told.shows(here)
        for department, sums in by_department.items():
            if department not in part_of:
                continue
            key = part_of[department]
            counts[code, key] += sums.n
            if told.shows(here, own=True) if key == _OWN else told.shows(key):
                shown[code, key].append(sums)
            if whole_shown:
                together[code].append(sums)
    wholes = {code: added(many) for code, many in together.items()}
    codes = sorted(code for code, sums in wholes.items() if sums.n)
    if not codes:
        return None
    totals = [Cell(wholes[code].n, wholes[code].mean.mean) for code in codes]
    grid = {
        (code, key): _cell(added(shown[code, key]), counts[code, key], wholes[code])
        for code in codes
        for key in (_key(part) for part in parts)
    }
    grid = _strong(grid)
    rows = [(part, [grid[code, _key(part)] for code in codes]) for part in parts]
    return Heat(codes, totals, rows)


def _key(part: Part) -> _Key:
    return part.department.pk if part.department else _OWN


def _part_of(frame: Frame) -> dict[int, _Key]:
    """Department -> the part it belongs to."""
    found: dict[int, _Key] = {one: part.pk for part in frame.parts for one in frame.below(part.pk)}
    found[frame.department.pk] = _OWN
    return found


def _cell(sums: Sums, n_all: int, whole: Sums) -> Cell:
    if not sums.n or not whole.n:
        return Cell(n_all)
    difference, interval, p = against_rest(sums, whole)
    tone = 0
    if interval is not None and not interval.low <= 0 <= interval.high:
        tone = 2 if interval.low > 0 else -2
    return Cell(sums.n, sums.mean.mean, difference, interval, p, tone)


def _strong(grid: dict[tuple[str, _Key], Cell]) -> dict[tuple[str, _Key], Cell]:
    adjusted = holm({f"{code}/{key}": c.p for (code, key), c in grid.items() if c.p is not None})
    return {
        (code, key): replace(cell, tone=cell.tone * 3 // 2)
        if cell.tone and adjusted.get(f"{code}/{key}", 1.0) < SURE_BELOW
        else cell
        for (code, key), cell in grid.items()
    }
