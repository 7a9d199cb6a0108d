"""Peer groups: with whom a person is compared, and what is frozen about the group.

The same position in the whole company if it has enough people and answers; else the position's
family; else all positions; else nobody, and then there is no fair score, ranking, award or penalty.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from assessments.rules import fair
from assessments.rules.fair import Sums

OK, NO_DIFFERENCE, NO_PEER_GROUP = "ok", "no_difference", "no_peer_group"
POSITION, FAMILY, ALL = "position", "family", "all"


class PersonTotal(NamedTuple):
    """Exact sums of one person's counted responses in one position by one mode."""

    employee: str
    position: str
    mode: str
    n: int
    total: int
    sumsq: int


@dataclass(frozen=True)
class PeerGroup:
    """What is frozen about a group when data are locked. `modes` only where a mix is corrected."""

    group: str  # "position:LECT", "family:back_office", "all", or "" for none
    level: str
    status: str
    N: int = 0
    J: int = 0
    msb: float | None = None
    msw: float | None = None
    n0: float | None = None
    tau2: float | None = None
    icc: float | None = None
    m: float | None = None
    modes: dict[str, float] | None = None

    @property
    def is_usable(self) -> bool:
        """Whether a fair score can be given."""
        return self.m is not None and self.tau2 is not None and self.icc is not None

    def as_json(self) -> dict[str, Any]:
        """For storing; floats survive JSON exactly."""
        return asdict(self)


NOBODY = PeerGroup("", "", NO_PEER_GROUP)


def from_json(stored: Mapping[str, Any]) -> PeerGroup:
    """The group as it was frozen."""
    return PeerGroup(**stored)


def freeze(
    positions: Mapping[str, str],
    window: Iterable[PersonTotal],
    period: Iterable[PersonTotal],
) -> dict[str, PeerGroup]:
    """The peer group of each position code.

    `positions` maps position code -> family ("" unknown). Variances come from the 12-month
    `window`, m and the mode mix from the `period` itself.
    """
    window_rows, period_rows = list(window), list(period)
    codes = sorted(set(positions) | {row.position for row in [*window_rows, *period_rows]})
    levels: dict[str, PeerGroup] = {}
    result = {}
    for code in codes:
        for name, level, members in _candidates(code, positions, codes):
            if name not in levels:
                levels[name] = _estimate(name, level, members, window_rows, period_rows)
            if levels[name].status != NO_PEER_GROUP:
                result[code] = levels[name]
                break
        else:
            result[code] = NOBODY
    return result


def _candidates(
    code: str, positions: Mapping[str, str], codes: list[str]
) -> Iterable[tuple[str, str, frozenset[str]]]:
    yield f"{POSITION}:{code}", POSITION, frozenset([code])
    family = positions.get(code, "")
    if family and family != code:
        members = frozenset(c for c in codes if positions.get(c, "") == family)
        yield f"{FAMILY}:{family}", FAMILY, members
    yield ALL, ALL, frozenset(codes)


def _estimate(
    name: str,
    level: str,
    members: frozenset[str],
    window: list[PersonTotal],
    period: list[PersonTotal],
) -> PeerGroup:
    persons = _persons(row for row in window if row.position in members)
    if not fair.enough(persons.values()):
        return PeerGroup(name, level, NO_PEER_GROUP)
    variance = fair.anova(persons.values())
    shares, means = _period_means([row for row in period if row.position in members])
    return PeerGroup(
        name,
        level,
        OK if variance.tau2 > 0 else NO_DIFFERENCE,
        **asdict(variance),
        m=fair.group_mean(means, variance.icc),
        modes=shares,
    )


def _persons(rows: Iterable[PersonTotal]) -> dict[str, Sums]:
    """Sums per person over their positions and modes."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        person = sums[row.employee]
        person[0] += row.n
        person[1] += row.total
        person[2] += row.sumsq
    return {employee: Sums(*values) for employee, values in sums.items()}


def _period_means(
    rows: list[PersonTotal],
) -> tuple[dict[str, float] | None, list[tuple[int, float]]]:
    """Mode shares (None while the mix needs no correction) and (n_j, mean_j) of each person."""
    mix: dict[str, int] = defaultdict(int)
    persons: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for row in rows:
        mix[row.mode] += row.n
        n, total = persons[row.employee].get(row.mode, (0, 0))
        persons[row.employee][row.mode] = (n + row.n, total + row.total)
    shares = fair.mode_shares(mix)
    return shares, [mean_of(modes, shares) for modes in persons.values()]


def mean_of(
    modes: Mapping[str, tuple[int, int]], shares: Mapping[str, float] | None
) -> tuple[int, float]:
    """(n_j, mean_j) of a person's answers by mode, standardised when `shares` are given."""
    n, total = sum(n for n, _ in modes.values()), sum(t for _, t in modes.values())
    if not n:
        return 0, 0.0
    if shares is None:
        return n, total / (n * fair.MICRO)
    return n, fair.standardised_mean(modes, shares)
