"""Months in a row: line, 95 % band, target; a hollow point where the sample is small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
from django.utils.translation import gettext as _

from core.charts.model import Chart, Column, finished

SMALL = 30  # below this n a point is hollow


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
            "order": number,
            "label": point.label,
            "value": _rounded(point.value, digits),
            "low": _rounded(point.low, digits),
            "high": _rounded(point.high, digits),
            "n": point.n,
            "shown": "" if point.value is None else f"{point.value:.{digits}f}",
            "small": point.n < SMALL,
            "reference": reference[number] if number < len(reference) else None,
        }
        for number, point in enumerate(points)
    ]
    known = [row for row in rows if row["value"] is not None]
    x = alt.X("label:N", sort=None, title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True))
    scale = alt.Scale(domain=_domain(rows, target), nice=True, zero=False)
    y = alt.Y("value:Q", title=unit or None, scale=scale)
    tooltip = [
        alt.Tooltip("label:N", title=_("Month")),
        alt.Tooltip("value:Q", title=_("Value"), format=f".{digits}f"),
        alt.Tooltip("low:Q", title=_("From"), format=f".{digits}f"),
        alt.Tooltip("high:Q", title=_("To"), format=f".{digits}f"),
        alt.Tooltip("n:Q", title="n"),
    ]
    base = alt.Chart(alt.Data(values=rows)).encode(x=x)
    layers: list[alt.Chart] = [
        base.mark_area(style="subject-band").encode(
            y=alt.Y("low:Q", title=unit or None, scale=scale), y2="high:Q"
        )
    ]
    if any(row["reference"] is not None for row in rows):
        layers.append(base.mark_line(style="other-line", strokeWidth=1.5).encode(y="reference:Q"))
    if target is not None:
        layers += _target(rows, target, target_label or _("target"))
    layers += [
        base.mark_line(style="subject-line").encode(y=y),
        base.mark_point(style="subject", filled=True, size=60, shape="circle")
        .encode(y=y, tooltip=tooltip)
        .transform_filter("datum.value !== null && !datum.small"),
        base.mark_point(style="subject-hollow", filled=True, size=60, shape="circle")
        .encode(y=y, tooltip=tooltip)
        .transform_filter("datum.value !== null && datum.small"),
    ]
    if known:
        last = known[-1]["order"]
        layers.append(
            base.mark_text(style="subject-text", align="left", dx=8)
            .encode(y=y, text="shown:N")
            .transform_filter(f"datum.order === {last}")
        )
        if any(row["reference"] is not None for row in rows) and reference_label:
            layers.append(
                base.mark_text(style="note", align="left", dx=8, dy=14)
                .encode(y=alt.Y("reference:Q"), text=alt.value(reference_label))
                .transform_filter(f"datum.order === {last}")
            )
    chart = alt.layer(*layers).properties(width="container", height=height)
    spec = finished(chart, padding={"left": 2, "top": 12, "right": 44, "bottom": 2})
    return Chart(spec, _columns(), [_texts(point, digits) for point in points], summary)


def _target(rows: list[dict[str, object]], target: float, label: str) -> list[alt.Chart]:
    data = alt.Data(values=[{"label": rows[0]["label"] if rows else "", "target": target}])
    line = alt.Chart(data).mark_rule(style="reference").encode(y="target:Q")
    words = (
        alt.Chart(data)
        .mark_text(style="note", align="left", dy=-7, dx=-18)
        .encode(x=alt.X("label:N", sort=None), y="target:Q", text=alt.value(label))
    )
    return [line, words]


def _domain(rows: list[dict[str, object]], target: float | None) -> list[float]:
    values = [
        float(row[key])  # type: ignore[arg-type]
        for row in rows
        for key in ("value", "low", "high", "reference")
        if row[key] is not None
    ]
    values += [target] if target is not None else []
    if not values:
        return [0, 100]
    low, high = min(values), max(values)
    room = max((high - low) * 0.12, 1.0)
    return [low - room, high + room]


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(float(value), digits + 2)


def _columns() -> list[Column]:
    return [
        Column(_("Month"), number=False),
        Column(_("Value")),
        Column(_("95 % interval")),
        Column("n"),
    ]


def _texts(point: Point, digits: int) -> list[str]:
    if point.value is None:
        return [point.label, "–", "–", str(point.n)]
    known = point.low is not None and point.high is not None
    interval = f"{point.low:.{digits}f}–{point.high:.{digits}f}" if known else "–"
    return [point.label, f"{point.value:.{digits}f}", interval, str(point.n)]
