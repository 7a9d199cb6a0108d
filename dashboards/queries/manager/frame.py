"""A department's figures month by month, with what must stay hidden already taken out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from assessments.rules.periods import Span
from core.months import shift
from organization.models import Department
from surveys.queries.facts import minimums
from surveys.queries.rollups import department_cells
from surveys.rules.sums import Sums, added
from surveys.rules.suppression import MINIMUM
from surveys.rules.telling import COMPANY, Node, Told, children_of, told_of

TREND_MONTHS = 13


@dataclass(frozen=True)
class Figure:
    """Sums over the months that may be shown; `n_all` counts every answer of the period."""

    sums: Sums
    n_all: int

    @property
    def shown(self) -> bool:
        return self.sums.n > 0

    @property
    def left_out(self) -> int:
        """Answers of months that cannot be shown."""
        return self.n_all - self.sums.n


class Frame:
    """The tree the account may see around a department, in the months a page needs.

    A part is a department with everything below it, or what is answered about a department itself
    (`own`). What is hidden is decided for each survey and month over `tree`: the departments whose
    figures the account can learn anywhere, more than are open (`seen`) where it reads analyses. So
    all pages of one account hide the same, and the analyses of the surveys too: see rules.telling.
    `opened`: departments whose single answers the account opens at the survey desk, where it does
    not open all of them: what it could subtract.
    """

    def __init__(
        self,
        department: Department,
        seen: Iterable[Department],
        span: Span,
        latest: date,
        tree: Iterable[Department] | None = None,
        opened: Collection[int] = (),
    ) -> None:
        self.department, self.span, self.latest = department, span, latest
        self.departments = {each.pk: each for each in seen}
        self.children: dict[int, list[int]] = defaultdict(list)
        for each in sorted(self.departments.values(), key=lambda one: one.path):
            if each.parent_id in self.departments:
                self.children[each.parent_id].append(each.pk)
        self._below: dict[int, list[int]] = {}
        self._opened = frozenset(opened)
        above = {one.pk: one.parent_id for one in tree or ()} or {
            one.pk: one.parent_id for one in self.departments.values()
        }
        self._tree, self._top = children_of(above), _top(department.pk, above)
        first = min(span.previous().first, self.trend_months[0])
        self._own: dict[date, dict[int, dict[int, Sums]]] = defaultdict(lambda: defaultdict(dict))
        for cell in department_cells(self.around, first, span.months[-1], overall=True):
            assert cell.department is not None
            self._own[cell.month][cell.survey][cell.department] = cell.sums
        self.minimums = minimums({survey for found in self._own.values() for survey in found})
        self._told = {
            (month, survey): self._decided(survey, own)
            for month, by_survey in self._own.items()
            for survey, own in by_survey.items()
        }

    def _decided(self, survey: int, own: Mapping[int, Sums]) -> Told:
        sizes: dict[int | None, int] = {key: sums.n for key, sums in own.items()}
        least = self.minimums[survey]
        return told_of(sizes, self._tree, self._top, minimum=least, opened=self._opened)

    @property
    def around(self) -> list[int]:
        """Every department whose answers decide what is hidden."""
        found: list[int] = []
        left: list[Node] = [self._top]
        while left:
            node = left.pop()
            if isinstance(node, int):
                found.append(node)
            left.extend(self._tree.get(node, ()))
        return found

    @property
    def trend_months(self) -> list[date]:
        """The last ones up to the latest month with answers."""
        return [shift(self.latest, number - TREND_MONTHS + 1) for number in range(TREND_MONTHS)]

    @property
    def parts(self) -> Sequence[Department]:
        """The departments right below, in the order of the tree."""
        return [self.departments[key] for key in self.children.get(self.department.pk, ())]

    def below(self, key: int) -> list[int]:
        """The department and everything below it."""
        if key not in self._below:
            parts = (self.below(child) for child in self.children.get(key, ()))
            self._below[key] = [key, *(one for part in parts for one in part)]
        return self._below[key]

    def covers(self, months: Iterable[date]) -> bool:
        """Whether the department has answers in each of the months."""
        return all(self.total([month]).n_all for month in months)

    def told_among(self, month: date, survey: int, sizes: Mapping[int, int]) -> Told:
        """Of another measure with these answers by department: what may be told of it, beside what
        is hidden of the month anyway."""
        beside = self._told.get((month, survey))
        least = self.minimums.get(survey, MINIMUM)
        return told_of(
            dict(sizes.items()),
            self._tree,
            self._top,
            beside=beside,
            minimum=least,
            opened=self._opened,
        )

    def is_shown(self, month: date, survey: int, key: int, *, own: bool = False) -> bool:
        """Whether a survey's answers of the month about a department, or about it itself, may be in
        a figure."""
        told = self._told.get((month, survey))
        return told is None or told.shows(key, own=own)

    def total(self, months: Iterable[date], key: int | None = None) -> Figure:
        """A department with everything below it."""
        node = self.department.pk if key is None else key
        return self._figure(months, node, self.below(node), own=False)

    def own(self, months: Iterable[date]) -> Figure:
        """What is answered about the department itself."""
        return self._figure(months, self.department.pk, [self.department.pk], own=True)

    def _figure(self, months: Iterable[date], node: int, inside: list[int], *, own: bool) -> Figure:
        shown, n_all = [], 0
        for month in months:
            for survey, found in self._own.get(month, {}).items():
                one = added(found[part] for part in inside if part in found)
                n_all += one.n
                if self.is_shown(month, survey, node, own=own):
                    shown.append(one)
        return Figure(added(shown), n_all)


def _top(key: int, above: Mapping[int, int | None]) -> Node:
    """The highest node of the tree over a department; COMPANY where nothing is above that."""
    at = key
    while (parent := above.get(at)) in above:
        assert parent is not None
        at = parent
    return COMPANY if above.get(at) is None else at
