"""What charts with intervals share: tooltips, the axis' reach, the table beside them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import altair as alt
from django.utils.translation import gettext as _

from core.charts.model import Column

SMALL = 30  # below this n a point is hollow
MISSING = "–"


class Measured(Protocol):
    """A value with its interval and sample, None where it is not shown."""

    @property
    def label(self) -> str: ...
    @property
    def value(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def n(self) -> int: ...


def record(one: Measured, digits: int) -> dict[str, Any]:
    """The row of the chart's data: label, value, low, high, n, and the value as text."""
    return {
        "label": one.label,
        "value": _rounded(one.value, digits),
        "low": _rounded(one.low, digits),
        "high": _rounded(one.high, digits),
        "n": one.n,
        "shown": shown(one.value, digits),
    }


def tooltip(title: str, digits: int) -> list[alt.Tooltip]:
    """What stands under the pointer of a record."""
    return [
        alt.Tooltip("label:N", title=title),
        alt.Tooltip("value:Q", title=_("Value"), format=f".{digits}f"),
        alt.Tooltip("low:Q", title=_("From"), format=f".{digits}f"),
        alt.Tooltip("high:Q", title=_("To"), format=f".{digits}f"),
        alt.Tooltip("n:Q", title="n"),
    ]


def columns(title: str) -> list[Column]:
    """The heads of the table beside the chart, as `texts` fills it."""
    return [
        Column(title, number=False),
        Column(_("Value")),
        Column(_("95 % interval")),
        Column("n"),
    ]


def texts(one: Measured, digits: int) -> list[str]:
    """A row of the table beside the chart."""
    if one.value is None:
        return [one.label, MISSING, MISSING, str(one.n)]
    known = one.low is not None and one.high is not None
    interval = f"{shown(one.low, digits)}–{shown(one.high, digits)}" if known else MISSING
    return [one.label, shown(one.value, digits), interval, str(one.n)]


def shown(value: float | None, digits: int) -> str:
    return MISSING if value is None else f"{value:.{digits}f}"


def reach(values: Iterable[float | None], *, share: float, least: float) -> list[float]:
    """The axis from the lowest to the highest value and a little room: `share` of the span, at
    least `least`; 0 to 100 where there is no value."""
    known = [float(value) for value in values if value is not None]
    if not known:
        return [0, 100]
    low, high = min(known), max(known)
    room = max((high - low) * share, least)
    return [low - room, high + room]


def room_right(points: int) -> list[Any]:
    """The range of an x scale that leaves `points` free at the right for words: what stands
    outside the plot would be taken off its width twice when it fits its container."""
    return [0, alt.expr(f"width - {points}")]


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(float(value), digits + 2)
