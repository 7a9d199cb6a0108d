"""Which sums of one survey's answers of a month may be told, on whatever page or file.

The answers are cut into pieces of the minimum (5, or the questionnaire's own) or more: those of a
department itself, those of several departments that only hide together, those that name no
department; and each piece into those of a person and those of the others. Every figure anywhere is
a sum of whole pieces, over surveys and months too. So whatever is added and subtracted, whole
pieces come out.

Answers in pieces under the minimum are left out of every figure; only their number is told.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from surveys.rules.suppression import MINIMUM, hidden_groups, hidden_in_tree

NOBODY = None  # where an answer names no department, or no person
COMPANY = "company"  # above the departments that have none above them

Node = int | str


class Person(NamedTuple):
    """One person's part of a piece: answers in which the person is the lead (`n`), and answers
    with a score of their own."""

    n: int
    own: int


@dataclass(frozen=True)
class Told:
    """`hidden`: departments whose sum with everything below must stay hidden; `own`: those whose
    own answers must; `nobody`: whether those that name no department may be told."""

    hidden: frozenset[Node]
    own: frozenset[Node]
    nobody: bool

    def shows(self, department: Node | None, *, own: bool = False) -> bool:
        """Whether the department with everything below it, or its own answers, may be told."""
        if department is NOBODY:
            return self.nobody
        return department not in (self.own if own else self.hidden)

    def in_whole(self, department: Node | None) -> bool:
        """Whether the answers of the department are in the figure of the whole company."""
        return self.nobody if department is NOBODY else COMPANY not in self.hidden

    def piece(self, department: Node | None, above: Mapping[int, int | None]) -> Hashable:
        """The piece that holds the department's own answers; None where it is left out. `above`:
        department -> the one it belongs to."""
        if not self.in_whole(department):
            return None
        if department is NOBODY or department not in self.own:
            return ("own", department)
        at: Node = department
        while at in self.hidden:
            at = (above.get(at) if isinstance(at, int) else None) or COMPANY
        return ("together", at)


def children_of(above: Mapping[int, int | None]) -> dict[Node, list[Node]]:
    """Department -> those right below; under COMPANY those with none above them."""
    found: dict[Node, list[Node]] = {}
    for key, parent in above.items():
        found.setdefault(COMPANY if parent is None else parent, []).append(key)
    return found


def told_of(
    sizes: Mapping[int | None, int],
    children: Mapping[Node, Iterable[Node]],
    top: Node = COMPANY,
    *,
    beside: Told | None = None,
    minimum: int = MINIMUM,
    opened: Collection[int] = (),
) -> Told:
    """What may be told of a measure with so many answers by department, under `top`. `beside`: of
    another measure, for what is hidden of that is hidden of this. `minimum`: the survey's own.

    `opened`: departments whose single answers the reader opens anyway. They can be subtracted, so
    every piece is large enough without them too.
    """
    told = _told_of(sizes, children, top, beside, minimum)
    if not opened or sizes.keys().isdisjoint(opened):
        return told
    others = {key: 0 if key in opened else n for key, n in sizes.items()}
    rest = _told_of(others, children, top, beside, minimum)
    return Told(told.hidden | rest.hidden, told.own | rest.own, told.nobody and rest.nobody)


def _told_of(
    sizes: Mapping[int | None, int],
    children: Mapping[Node, Iterable[Node]],
    top: Node,
    beside: Told | None,
    minimum: int,
) -> Told:
    inside: dict[Node, int] = {key: n for key, n in sizes.items() if key is not None}
    forced: tuple[Collection[Node], Collection[Node]] = ((), ())
    if beside is not None:
        forced = (beside.hidden, beside.own)
    hidden, own = hidden_in_tree(inside, children, top, forced=forced, minimum=minimum)
    nobody = sizes.get(NOBODY, 0) >= minimum and (beside is None or beside.nobody)
    return Told(hidden, own, nobody)


def hidden_people(
    people: Mapping[int | None, Person], minimum: int = MINIMUM
) -> frozenset[int | None]:
    """The persons of one piece whose figures must stay hidden: answers that name nobody, or have no
    score of the person they name, are what is left when the others are subtracted."""
    sizes: dict[int | None, int] = {who: one.own for who, one in people.items() if who is not None}
    sizes[NOBODY] = sum(
        one.n if who is NOBODY else max(0, one.n - one.own) for who, one in people.items()
    )
    return hidden_groups(sizes, forced={NOBODY}, minimum=minimum)
