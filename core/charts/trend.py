"""Months in a row: line, 95 % band, target; a hollow point where the sample is small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.charts.model import Chart, finished
from core.charts.parts import SMALL, columns, reach, record, room_right, texts, tooltip
from core.charts.skeleton import filled, rows_of, skeleton, slot

_END = 44  # points for the last value in words


@dataclass(frozen=True)
class Point:
    """One month: `value` and the interval on the axis' scale, None where it is not shown."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    n: int


def trend(
    points: Sequence[Point],
    *,
    summary: str,
    unit: str = "",
    target: float | None = None,
    target_label: str = "",
    reference: Sequence[float | None] = (),
    reference_label: str = "",
    digits: int = 1,
    height: int = 220,
) -> Chart:
    """A line of the months with its interval; `reference` is a second, grey line (the peers)."""
    rows = [
        {
            **record(point, digits),
            "order": number,
            "small": point.n < SMALL,
            "reference": reference[number] if number < len(reference) else None,
        }
        for number, point in enumerate(points)
    ]
    values = [row[key] for row in rows for key in ("value", "low", "high", "reference")]
    known = [row["order"] for row in rows if row["value"] is not None]
    compared = [row["order"] for row in rows if row["reference"] is not None]
    parts = _Parts(
        sizes=frozenset(bool(row["small"]) for row in rows if row["value"] is not None),
        reference=bool(compared),
        reference_named=bool(reference_label),
        target=target is not None,
        unit=bool(unit),
        digits=digits,
    )
    spec = filled(
        _skeleton(get_language(), parts),
        {
            "domain": reach([*values, target], share=0.12, least=1.0),
            "order": [point.label for point in points],
            "unit": unit,
            "last": f"datum.order === {known[-1] if known else -1}",
            "last_reference": f"datum.order === {compared[-1] if compared else -1}",
            "reference": reference_label,
            "target": target_label or _("target"),
        },
        height=height,
        rows=rows,
        target=[{"label": rows[0]["label"] if rows else "", "target": target}],
    )
    spec = finished(spec, padding={"left": 2, "top": 12, "right": 6, "bottom": 2})
    return Chart(spec, columns(_("Month")), [texts(point, digits) for point in points], summary)


@dataclass(frozen=True)
class _Parts:
    """Which layers there are. `sizes`: whether small and other samples have a point; a layer
    without one would be a picture without a name to a screen reader."""

    sizes: frozenset[bool]
    reference: bool
    reference_named: bool
    target: bool
    unit: bool
    digits: int


@lru_cache(maxsize=128)
def _skeleton(language: str | None, parts: _Parts) -> dict[str, Any]:
    """`language`: of the words in tooltips."""
    scale = alt.Scale(domain=slot("domain"), nice=True, zero=False)
    x = alt.X(
        "label:N",
        sort=slot("order"),
        title=None,
        axis=alt.Axis(labelAngle=0, labelOverlap=True),
        scale=alt.Scale(range=room_right(_END)),
    )
    base = alt.Chart(rows_of("rows")).encode(x=x)
    title = slot("unit") if parts.unit else None
    layers = [
        base.mark_area(style="subject-band").encode(
            y=alt.Y("low:Q", title=title, scale=scale), y2="high:Q"
        )
    ]
    if parts.reference:
        layers += _reference(base, parts)
    if parts.target:
        layers += _target()
    layers += _line(base, parts, alt.Y("value:Q", title=title, scale=scale))
    return skeleton(layers)


def _line(base: alt.Chart, parts: _Parts, y: alt.Y) -> list[alt.Chart]:
    """The line, full and hollow points, and the last value in words at its end."""
    tips = tooltip(_("Month"), parts.digits)
    layers = [base.mark_line(style="subject-line").encode(y=y)]
    for style, test, small in (
        ("subject", "!datum.small", False),
        ("subject-hollow", "datum.small", True),
    ):
        if small not in parts.sizes:
            continue
        points = base.mark_point(style=style, filled=True, size=60, shape="circle")
        layers.append(
            points.encode(y=y, tooltip=tips).transform_filter(f"datum.value !== null && {test}")
        )
    if parts.sizes:
        words = base.mark_text(style="subject-text", align="left", dx=8)
        layers.append(words.encode(y=y, text="shown:N").transform_filter(slot("last")))
    return layers


def _reference(base: alt.Chart, parts: _Parts) -> list[alt.Chart]:
    y = alt.Y("reference:Q")
    line = base.mark_line(style="other-line", strokeWidth=1.5).encode(y=y)
    words = base.mark_text(style="note", align="left", dx=8, dy=14)
    named = words.encode(y=y, text=alt.value(slot("reference")))
    named = named.transform_filter(slot("last_reference"))
    return [line, named] if parts.reference_named else [line]


def _target() -> list[alt.Chart]:
    source = alt.Chart(rows_of("target"))
    words = source.mark_text(style="note", align="left", dy=-7, x=2)
    return [
        source.mark_rule(style="reference").encode(y="target:Q"),
        words.encode(y="target:Q", text=alt.value(slot("target"))),
    ]
