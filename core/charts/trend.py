"""Months in a row: line, 95 % band, target; a hollow point where the sample is small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
from django.utils.translation import gettext as _

from core.charts.model import Chart, finished
from core.charts.parts import SMALL, columns, reach, record, room_right, texts, tooltip

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
    domain = reach([*values, target], share=0.12, least=1.0)
    scale = alt.Scale(domain=domain, nice=True, zero=False)
    x = alt.X(
        "label:N",
        sort=[point.label for point in points],
        title=None,
        axis=alt.Axis(labelAngle=0, labelOverlap=True),
        scale=alt.Scale(range=room_right(_END)),
    )
    base = alt.Chart(alt.Data(values=rows)).encode(x=x)
    layers = _band(base, scale, unit)
    if any(row["reference"] is not None for row in rows):
        layers += _reference(base, rows, reference_label)
    if target is not None:
        layers += _target(rows, target, target_label or _("target"))
    layers += _line(base, rows, alt.Y("value:Q", title=unit or None, scale=scale), digits)
    chart = alt.layer(*layers).properties(width="container", height=height)
    spec = finished(chart, padding={"left": 2, "top": 12, "right": 6, "bottom": 2})
    return Chart(spec, columns(_("Month")), [texts(point, digits) for point in points], summary)


def _band(base: alt.Chart, scale: alt.Scale, unit: str) -> list[alt.Chart]:
    low = alt.Y("low:Q", title=unit or None, scale=scale)
    return [base.mark_area(style="subject-band").encode(y=low, y2="high:Q")]


def _line(base: alt.Chart, rows: list[dict[str, Any]], y: alt.Y, digits: int) -> list[alt.Chart]:
    """The line, full and hollow points, and the last value in words at its end."""
    tips = tooltip(_("Month"), digits)
    layers = [base.mark_line(style="subject-line").encode(y=y)]
    # A layer without a point would be a picture without a name to a screen reader.
    sizes = {row["small"] for row in rows if row["value"] is not None}
    for style, test, small in (
        ("subject", "!datum.small", False),
        ("subject-hollow", "datum.small", True),
    ):
        if small not in sizes:
            continue
        points = base.mark_point(style=style, filled=True, size=60, shape="circle")
        layers.append(
            points.encode(y=y, tooltip=tips).transform_filter(f"datum.value !== null && {test}")
        )
    known = [row["order"] for row in rows if row["value"] is not None]
    if known:
        words = base.mark_text(style="subject-text", align="left", dx=8)
        layers.append(
            words.encode(y=y, text="shown:N").transform_filter(f"datum.order === {known[-1]}")
        )
    return layers


def _reference(base: alt.Chart, rows: list[dict[str, Any]], label: str) -> list[alt.Chart]:
    y = alt.Y("reference:Q")
    line = base.mark_line(style="other-line", strokeWidth=1.5).encode(y=y)
    last = max(row["order"] for row in rows if row["reference"] is not None)
    words = base.mark_text(style="note", align="left", dx=8, dy=14)
    named = words.encode(y=y, text=alt.value(label)).transform_filter(f"datum.order === {last}")
    return [line, named] if label else [line]


def _target(rows: list[dict[str, Any]], target: float, label: str) -> list[alt.Chart]:
    data = alt.Data(values=[{"label": rows[0]["label"] if rows else "", "target": target}])
    line = alt.Chart(data).mark_rule(style="reference").encode(y="target:Q")
    words = alt.Chart(data).mark_text(style="note", align="left", dy=-7, x=2)
    return [line, words.encode(y="target:Q", text=alt.value(label))]
