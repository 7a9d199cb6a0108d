"""Which months, quarters and years there are to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assessments.rules.periods import Span, parse, span_of
from core.months import shift

KINDS = ("month", "quarter", "year")


@dataclass(frozen=True)
class Picker:
    """The period looked at, its neighbours that exist, its latest month with answers, and that
    month's periods of each length."""

    span: Span
    previous: str | None
    next: str | None
    latest: date
    kinds: Sequence[tuple[str, str]]
    keys: Sequence[str]


def picker(months: Sequence[date], wanted: str, today: date) -> Picker | None:
    """The period `wanted`, or where none is named the last finished month; None when there is no
    answer at all, or the period named has none."""
    if not months:
        return None
    span = _span(months, wanted, today)
    if span is None:
        return None
    keys = _keys(months, span.kind)
    if span.key not in keys:
        return None
    place = keys.index(span.key)
    latest = max(month for month in months if span.first <= month <= span.last)
    return Picker(
        span,
        keys[place - 1] if place else None,
        keys[place + 1] if place + 1 < len(keys) else None,
        latest,
        [(kind, span_of(kind, latest).key) for kind in KINDS],
        keys,
    )


def _span(months: Sequence[date], wanted: str, today: date) -> Span | None:
    if wanted:
        try:
            return parse(wanted)
        except ValueError:
            return None
    finished = [month for month in months if shift(month, 1) <= today]
    return span_of("month", finished[-1] if finished else months[-1])


def _keys(months: Sequence[date], kind: str) -> list[str]:
    return list(dict.fromkeys(span_of(kind, month).key for month in months))
