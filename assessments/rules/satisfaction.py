"""A person's counted responses: their mean, and the fair score within the frozen peer group."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from assessments.rules.facts import PersonFacts, ResponseSum, holder
from assessments.rules.fair import MICRO, Shrunk, shrink
from assessments.rules.floors import may_show
from assessments.rules.peers import NO_DIFFERENCE, PeerGroup, mean_of
from assessments.rules.scheme import FAIR, Item
from assessments.rules.values import BELOW_MIN_N, NO_DATA, NO_PEER_GROUP, OK, Measured


class Answers(NamedTuple):
    """Sums of counted responses in 1e-6 points, by collection mode."""

    n: int
    total: int
    modes: Mapping[str, tuple[int, int]]
    text: str  # canonical, for the inputs hash

    def value(self, item: Item, group: PeerGroup) -> Measured:
        """The satisfaction item: raw and fair (blank under 5 responses), used as the item says."""
        numerator, denominator = Decimal(self.total) / MICRO, Decimal(self.n)
        if not self.n:
            return Measured(NO_DATA, 0, numerator, denominator)
        raw = numerator / denominator
        fair = self.fair(group)
        status = self._status(item, group)
        used: Decimal | None = raw
        if item.value == FAIR:
            used = _decimal(fair.fair) if fair else None
        shown = may_show(self.n)
        return Measured(
            status,
            self.n,
            numerator,
            denominator,
            raw if shown else None,
            _decimal(fair.fair) if fair and shown else None,
            _decimal(fair.low) if fair and shown else None,
            _decimal(fair.high) if fair and shown else None,
            used if shown or status in (OK, NO_DIFFERENCE) else None,
        )

    def fair(self, group: PeerGroup) -> Shrunk | None:
        """The fair score, None without responses or without a peer group."""
        if not self.n or group.m is None or group.icc is None or group.tau2 is None:
            return None
        n, mean = mean_of(self.modes, group.modes)
        return shrink(n, mean, m=group.m, icc=group.icc, tau2=group.tau2)

    def _status(self, item: Item, group: PeerGroup) -> str:
        if self.n < item.min_n:
            return BELOW_MIN_N
        if item.value != FAIR:
            return OK
        if not group.is_usable:
            return NO_PEER_GROUP
        return NO_DIFFERENCE if group.status == NO_DIFFERENCE else OK


class PersonAnswers(NamedTuple):
    """All counted responses of a person in the period, by position and by placement."""

    rows: Sequence[ResponseSum]
    holders: Sequence[int | None]

    @property
    def n(self) -> int:
        """All of them, whichever position they were earned in."""
        return sum(int(row[3]) for row in self.rows)

    @property
    def raw(self) -> float | None:
        """Their plain mean in points, None without any."""
        n = self.n
        return sum(int(row[4]) for row in self.rows) / (n * MICRO) if n else None

    @property
    def positions(self) -> list[str]:
        """Position codes at the service events, sorted."""
        return sorted({str(row[1]) for row in self.rows})

    def of_placement(self, number: int) -> Answers:
        """Those of one placement."""
        if not self.rows:
            return _NOTHING
        return _sum([r for r, h in zip(self.rows, self.holders, strict=True) if h == number])

    def of_position(self, position: str) -> Answers:
        """Those earned in one position, whatever the department."""
        return _sum([row for row in self.rows if row[1] == position])


_NOBODY = PersonAnswers((), ())


def answers_of(facts: PersonFacts) -> PersonAnswers:
    """A person's responses, each with the placement it belongs to (None: a job not held now)."""
    rows = facts["responses"]
    if not rows:
        return _NOBODY
    places = facts["placements"]
    return PersonAnswers(rows, [holder(places, str(row[0]), str(row[1])) for row in rows])


def _sum(rows: Sequence[ResponseSum]) -> Answers:
    modes: dict[str, tuple[int, int]] = {}
    n = total = sumsq = 0
    for _department, _position, mode, count, amount, squares in rows:
        before = modes.get(str(mode), (0, 0))
        modes[str(mode)] = (before[0] + int(count), before[1] + int(amount))
        n, total, sumsq = n + int(count), total + int(amount), sumsq + int(squares)
    return Answers(n, total, modes, f"{sorted(modes.items())}|{sumsq}")


_NOTHING = _sum([])


def _decimal(value: float) -> Decimal:
    """The shortest decimal that means this float; from here on arithmetic is exact."""
    return Decimal(repr(value))
