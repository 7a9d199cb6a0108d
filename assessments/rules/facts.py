"""What a person is scored from, as plain values that are stored with the result.

Facts name departments, positions, indicators by code and schemes by content hash, so equal facts
give an equal text whatever the database's ids are.
"""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

ResponseSum = Sequence[str | int]  # department, position, mode, n, total, sumsq (1e-6 points)


class PlacementFacts(TypedDict):
    """One job held in the period. `days` are its working days in it; `scheme` a hash or ""."""

    department: str
    position: str
    first: str
    last: str
    days: int
    scheme: str
    measured: dict[str, list[str]]  # indicator -> [numerator, denominator], exact text
    opinions: NotRequired[dict[str, list[str]]]  # group of raters -> scores 0..100


class EventFact(TypedDict):
    """A confirmed event: opens the scheme's gates of that name, takes `points` off."""

    event: str
    points: str


class Adjustments(TypedDict):
    """Responses ("survey/number") that decided corrections took out or let in."""

    excluded: list[str]
    included: list[str]


class PersonFacts(TypedDict):
    """Everything one scorecard is computed from. Days are exact text."""

    employee: str
    months: int
    working_days: str
    present_days: str
    placements: list[PlacementFacts]
    responses: list[ResponseSum]
    events: NotRequired[list[EventFact]]
    adjustments: NotRequired[Adjustments]


def merge_placements(placements: Sequence[PlacementFacts]) -> list[PlacementFacts]:
    """Placements in order of time; equal department and position become one.

    Responses carry the department and position of the service event, not the date of a placement,
    so two stays in one job cannot be told apart and are scored as one.
    """
    merged: dict[tuple[str, str], PlacementFacts] = {}
    for row in sorted(placements, key=lambda p: p["last"]):
        key = (row["department"], row["position"])
        before = merged.pop(key, None)
        if before is not None:
            row = {**row, "first": before["first"], "days": before["days"] + row["days"]}
        merged[key] = row
    return list(merged.values())


def holder(placements: Sequence[PlacementFacts], department: str, position: str) -> int | None:
    """Which placement a response belongs to: the same job, else the last one of that position
    (other department: the event's department is not always the employee's), else none."""
    same = [i for i, row in enumerate(placements) if row["position"] == position]
    exact = [i for i in same if placements[i]["department"] == department]
    if exact:
        return exact[-1]
    return same[-1] if same else None
