"""A department's figures month by month, with what must stay hidden already taken out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from assessments.rules.periods import Span
from core.months import shift
from organization.models import Department
from surveys.queries.rollups import overall_by_month
from surveys.rules.sums import NOTHING, Sums
from surveys.rules.suppression import hidden_in_tree

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
    (`own`). All pages of one account hide the same parts of a month: see rules.suppression.
    """

    def __init__(
        self, department: Department, seen: Iterable[Department], span: Span, latest: date
    ) -> None:
        self.department, self.span, self.latest = department, span, latest
        self.departments = {each.pk: each for each in seen}
        self.children: dict[int, list[int]] = defaultdict(list)
        for each in sorted(self.departments.values(), key=lambda one: one.path):
            if each.parent_id in self.departments:
                self.children[each.parent_id].append(each.pk)
        self.root = department.pk
        while self.departments[self.root].parent_id in self.departments:
            self.root = self.departments[self.root].parent_id or 0
        first = min(span.previous().first, self.trend_months[0])
        inside = self.below(self.root)
        self._own = overall_by_month(inside, first, span.months[-1])
        self._hidden = {
            month: hidden_in_tree(
                {key: sums.n for key, sums in own.items()}, self.children, self.root
            )
            for month, own in self._own.items()
        }

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
        return [key, *(one for child in self.children.get(key, ()) for one in self.below(child))]

    def covers(self, months: Iterable[date]) -> bool:
        """Whether the department has answers in each of the months."""
        return all(self.total([month]).n_all for month in months)

    def hidden_among(
        self, month: date, sizes: Mapping[int, int]
    ) -> tuple[frozenset[int], frozenset[int]]:
        """Of another measure with these answers by department: what rules.suppression hides in the
        whole tree, beside what is hidden of the month anyway."""
        nothing: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())
        forced = self._hidden.get(month, nothing)
        return hidden_in_tree(sizes, self.children, self.root, forced=forced)

    def is_shown(self, month: date, key: int, *, own: bool = False) -> bool:
        """Whether the month's figure of a department, or of what is answered about it itself, may
        stand on a page."""
        hidden, hidden_own = self._hidden.get(month, (frozenset(), frozenset()))
        return key not in (hidden_own if own else hidden)

    def total(self, months: Iterable[date], key: int | None = None) -> Figure:
        """A department with everything below it."""
        node = self.department.pk if key is None else key
        inside = self.below(node)
        sums, n_all = NOTHING, 0
        for month in months:
            found = self._own.get(month, {})
            one = NOTHING
            for part in inside:
                one = one.plus(found.get(part, NOTHING))
            n_all += one.n
            if self.is_shown(month, node):
                sums = sums.plus(one)
        return Figure(sums, n_all)

    def own(self, months: Iterable[date]) -> Figure:
        """What is answered about the department itself."""
        node, sums, n_all = self.department.pk, NOTHING, 0
        for month in months:
            one = self._own.get(month, {}).get(node, NOTHING)
            n_all += one.n
            if self.is_shown(month, node, own=True):
                sums = sums.plus(one)
        return Figure(sums, n_all)
