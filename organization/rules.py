"""How a roster row changes the dated rows of an employee. Plain arithmetic on spans of days."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum, auto
from typing import Any

ONE_DAY = timedelta(days=1)


@dataclass
class Span:
    """A value held from starts_on to ends_on (both inclusive; None = still open).

    `key` is the stored row's id, None for a row that is not stored yet."""

    value: tuple[Any, ...]
    starts_on: date
    ends_on: date | None = None
    key: int | None = None


class Refusal(Enum):
    """Why a roster row cannot be taken; the importer says it in a sentence."""

    EFFECTIVE_BEFORE_CURRENT = auto()
    EFFECTIVE_AFTER_LEAVING = auto()
    LEFT_BEFORE_CURRENT = auto()
    HIRED_AFTER_FIRST_ENDED = auto()
    HIRED_BEFORE_LEAVING = auto()
    PLANNED_AFTER_LEAVING = auto()


class RosterRefused(Exception):
    """`day` is the stored day the row collides with."""

    def __init__(self, refusal: Refusal, day: date) -> None:
        super().__init__(refusal, day)
        self.refusal, self.day = refusal, day


@dataclass(frozen=True)
class Employment:
    """The days of work a roster row states; `was_*` is what is stored (None: a new employee)."""

    hired_on: date
    left_on: date | None
    was_hired_on: date | None = None
    was_left_on: date | None = None

    @property
    def rehired(self) -> bool:
        return self.was_left_on is not None and self.hired_on > self.was_left_on


@dataclass
class Plan:
    """Stored spans whose days or value changed, the new ones, and the planned ones that never come
    (`dropped`). Drop and close before opening."""

    changed: list[Span] = field(default_factory=list)
    opened: list[Span] = field(default_factory=list)
    dropped: list[Span] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.changed or self.opened or self.dropped)


def plan_spans(
    spans: list[Span], value: tuple[Any, ...], work: Employment, effective: date
) -> Plan:
    """What must happen so that the employee holds `value` from `effective` on.

    `spans` are the stored rows in order of days. The first value is held from the day of hiring;
    a new value opens a span on `effective` and closes the one before on the day before; on the
    very day a span began, it is corrected in place. A last day closes the last span; what was
    planned for after it and after `effective` never comes. A rehire opens a span on the new day of
    hiring. Raises RosterRefused when the days collide.
    """
    if not spans or work.rehired:
        return Plan(opened=[Span(value, work.hired_on, work.left_on)])
    before = {id(span): (span.value, span.starts_on, span.ends_on) for span in spans}
    if work.was_hired_on is not None and work.hired_on != work.was_hired_on:
        _move_hiring(spans, work)
    spans, dropped = without_planned(spans, work.left_on, effective)
    if not spans:
        return Plan(dropped=dropped)
    last, opened = spans[-1], []
    if last.value == value:
        _end(last, work.left_on)
    elif planned := next((span for span in dropped if span.value == value), None):
        # To take it for what holds until the last day would open it when the row comes again.
        raise RosterRefused(Refusal.PLANNED_AFTER_LEAVING, planned.starts_on)
    else:
        opened = _replace(last, value, work, effective)
    changed = [s for s in spans if before[id(s)] != (s.value, s.starts_on, s.ends_on)]
    return Plan(changed, opened, dropped)


def without_planned(
    spans: list[Span], left_on: date | None, effective: date
) -> tuple[list[Span], list[Span]]:
    """(the spans that hold, those planned for a time when the employee has left)."""
    if left_on is None:
        return spans, []
    planned = [span for span in spans if span.starts_on > max(left_on, effective)]
    return spans[: len(spans) - len(planned)], planned


def _move_hiring(spans: list[Span], work: Employment) -> None:
    """The span that began on the day of hiring begins on the corrected one; of somebody who came
    back that is not the first."""
    at = next((i for i, span in enumerate(spans) if span.starts_on == work.was_hired_on), None)
    if at is None:
        return
    first, left_on = spans[at], spans[at - 1].ends_on if at else None
    if left_on is not None and work.hired_on <= left_on:
        raise RosterRefused(Refusal.HIRED_BEFORE_LEAVING, left_on)
    if first.ends_on is not None and work.hired_on > first.ends_on:
        raise RosterRefused(Refusal.HIRED_AFTER_FIRST_ENDED, first.ends_on)
    first.starts_on = work.hired_on


def _end(last: Span, left_on: date | None) -> None:
    if left_on is not None and left_on < last.starts_on:
        raise RosterRefused(Refusal.LEFT_BEFORE_CURRENT, last.starts_on)
    last.ends_on = left_on


def _replace(last: Span, value: tuple[Any, ...], work: Employment, effective: date) -> list[Span]:
    if effective < last.starts_on:
        raise RosterRefused(Refusal.EFFECTIVE_BEFORE_CURRENT, last.starts_on)
    if work.left_on is not None and work.left_on < effective:
        raise RosterRefused(Refusal.EFFECTIVE_AFTER_LEAVING, work.left_on)
    if effective == last.starts_on:
        last.value, last.ends_on = value, work.left_on
        return []
    if last.ends_on is None or last.ends_on >= effective:
        last.ends_on = effective - ONE_DAY
    return [Span(value, effective, work.left_on)]


def resolve_paths(parents: dict[str, str | None]) -> tuple[dict[str, str], set[str]]:
    """(path of every department, codes that stand in or below a cycle), from code -> parent code.

    A path is the codes from the root: {"HQ": None, "S01": "HQ"} -> {"HQ": "/HQ/", "S01":
    "/HQ/S01/"}. A parent that is not a key counts as none.
    """
    paths: dict[str, str] = {}
    cyclic: set[str] = set()
    for code in parents:
        trail: list[str] = []
        step: str | None = code
        while step is not None and step in parents and step not in paths and step not in trail:
            if step in cyclic:
                break
            trail.append(step)
            step = parents[step]
        if step is not None and (step in trail or step in cyclic):
            cyclic.update(trail)
            continue
        path = paths.get(step, "/") if step is not None else "/"
        for name in reversed(trail):
            path = paths[name] = f"{path}{name}/"
    return paths, cyclic
