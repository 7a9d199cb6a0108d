"""The satisfaction figures at the top of a scorecard: raw, n, fair with interval."""

from collections.abc import Mapping
from math import fsum, sqrt
from typing import NamedTuple

from assessments.rules.fair import Shrunk
from assessments.rules.floors import may_show
from assessments.rules.peers import NO_DIFFERENCE, NOBODY, PeerGroup
from assessments.rules.satisfaction import PersonAnswers
from assessments.rules.values import BELOW_MIN_N, NO_DATA, NO_PEER_GROUP, OK


class Headline(NamedTuple):
    """Unrounded points; raw and fair are None below 5 responses, n is always there."""

    n: int
    raw: float | None
    status: str
    peer_group: str
    fair: float | None = None
    low: float | None = None
    high: float | None = None


_NOTHING = Headline(0, None, NO_DATA, "")


def headline(answers: PersonAnswers, groups: Mapping[str, PeerGroup]) -> Headline:
    """Over all responses of the person in the period.

    Answers earned in several positions are compared each with its own peer group; the fair scores
    are averaged by n, the interval follows from independent errors.
    """
    if not answers.rows:
        return _NOTHING
    n = answers.n
    own = [(answers.of_position(code), groups.get(code, NOBODY)) for code in answers.positions]
    name = max(own, key=lambda row: row[0].n)[1].group if own else ""
    if not n:
        return Headline(0, None, NO_DATA, name)
    if not may_show(n):
        return Headline(n, None, BELOW_MIN_N, name)
    parts: list[tuple[int, Shrunk]] = []
    for mine, group in own:
        fair = mine.fair(group)
        if fair is None:
            return Headline(n, answers.raw, NO_PEER_GROUP, name)
        parts.append((mine.n, fair))
    same = all(group.status == NO_DIFFERENCE for _, group in own)
    status = NO_DIFFERENCE if same else OK
    if len(parts) == 1:
        only = parts[0][1]
        return Headline(n, answers.raw, status, name, only.fair, only.low, only.high)
    middle = fsum(k * part.fair for k, part in parts) / n
    half = sqrt(fsum((k * (part.high - part.fair)) ** 2 for k, part in parts)) / n
    return Headline(n, answers.raw, status, name, middle, middle - half, middle + half)
