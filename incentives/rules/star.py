"""Who is a Star: places, order and ties, all in Decimal and integers.

Formula: with n eligible people in a group and a share of p percent there are
k = max(minimum, floor(p * n / 100)) places; order by fair_low (2 places) descending, then by n
descending; a tie is equality of both. When t tied people stand beyond place k, all tied are in if
k + t <= factor * k, else all tied are out and those clearly above stay.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from itertools import groupby
from typing import Literal

EdgeTie = Literal["all_in", "all_out"]
GRADES = ("A", "B", "C", "D", "E")
DEFAULT_FACTOR = Decimal("1.50")


@dataclass(frozen=True)
class Candidate:
    """An eligible person: `fair_low` in points, already rounded to 2 places; `n` answers."""

    key: Hashable
    fair_low: Decimal
    n: int

    @property
    def place(self) -> tuple[Decimal, int]:
        return (-self.fair_low, -self.n)


@dataclass(frozen=True)
class Selection:
    """`ranks` counts ties alike (1, 2, 2, 4); `edge` are the people tied over the line."""

    places: int
    ranks: dict[Hashable, int] = field(default_factory=dict)
    winners: tuple[Hashable, ...] = ()
    edge: tuple[Hashable, ...] = ()
    edge_in: bool = False


def places(n: int, share_percent: Decimal, minimum: int = 1) -> int:
    """Number of places among `n` eligible people; none eligible gives 0.

    `share_percent` is in percent points (5 = 5 %). A float is refused with TypeError, because
    floor() of a binary fraction can lose a place.
    """
    if not isinstance(share_percent, Decimal):
        raise TypeError("share_percent must be a Decimal")
    if n <= 0:
        return 0
    share = (share_percent * n / 100).to_integral_value(rounding=ROUND_FLOOR)
    return min(n, max(minimum, int(share)))


def select(
    candidates: Iterable[Candidate],
    k: int,
    *,
    factor: Decimal = DEFAULT_FACTOR,
    edge_tie: EdgeTie = "all_in",
) -> Selection:
    """Take the first `k` of the candidates; see the module for order and ties."""
    ranks: dict[Hashable, int] = {}
    winners: list[Hashable] = []
    edge: list[Hashable] = []
    edge_in = False
    ordered = sorted(candidates, key=lambda one: (one.place, str(one.key)))
    above = 0
    for _place, tied in groupby(ordered, key=lambda one: one.place):
        keys = [one.key for one in tied]
        ranks.update(dict.fromkeys(keys, above + 1))
        beyond = above + len(keys) - k
        if beyond <= 0:
            winners += keys
        elif above < k:
            edge = keys
            edge_in = edge_tie == "all_in" and Decimal(k + beyond) <= factor * k
            winners += keys if edge_in else []
        above += len(keys)
    return Selection(k, ranks, tuple(winners), tuple(edge), edge_in)


def grade_at_least(grade: str, minimum: str) -> bool:
    """Whether `grade` is as good as `minimum`, A being the best; an unknown grade is not."""
    return grade in GRADES and GRADES.index(grade) <= GRADES.index(minimum)
