"""People, shops, versions compared: a dot with its interval each, value and n as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
from django.utils.translation import gettext as _

from core.charts.model import Chart, Column, finished
from core.charts.trend import SMALL

_ROW = 30  # points a row


@dataclass(frozen=True)
class Row:
    """One line; `subject` is drawn in indigo (you, or a difference that holds)."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    subject: bool = False


def dotplot(
    rows: Sequence[Row],
    *,
    summary: str,
    reference: float | None = None,
    reference_label: str = "",
    title: str = "",
    digits: int = 1,
    small: int = SMALL,
) -> Chart:
    """Rows in the order given. Where n < `small` the dot is hollow and pale; where the value is
    hidden (None) only the name and n stand."""
    data = [_point(row, digits, small) for row in rows]
    domain = _domain(rows, reference)
    x = alt.X("value:Q", title=None, scale=alt.Scale(domain=domain, nice=True, zero=False))
    order = [row.label for row in rows]  # named: layers over parts of the data would be sorted
    y = alt.Y(
        "label:N",
        sort=order,
        title=None,
        axis=alt.Axis(grid=False, labelLimit=150, labelFontSize=12, labelPadding=10),
    )
    base = alt.Chart(alt.Data(values=data)).encode(y=y)
    tooltip = [
        alt.Tooltip("label:N", title=title or _("Name")),
        alt.Tooltip("value:Q", title=_("Value"), format=f".{digits}f"),
        alt.Tooltip("low:Q", title=_("From"), format=f".{digits}f"),
        alt.Tooltip("high:Q", title=_("To"), format=f".{digits}f"),
        alt.Tooltip("n:Q", title="n"),
    ]
    layers: list[alt.Chart] = []
    if reference is not None:
        layers += _reference(data, reference, reference_label)
    for kind, line, dot in (
        ("few", "few-line", "few"),
        ("other", "other-line", "other"),
        ("subject", "interval", "subject"),
    ):
        own = base.transform_filter(f"datum.kind === '{kind}'")
        layers.append(
            own.mark_rule(style=line, strokeCap="round").encode(
                x=alt.X("low:Q", title=None), x2="high:Q"
            )
        )
        layers.append(
            own.mark_point(style=dot, filled=True, size=80, shape="circle").encode(
                x=x, tooltip=tooltip
            )
        )
    layers += [
        base.mark_text(style="value", align="right", x=alt.expr("width + 48")).encode(
            text="shown:N"
        ),
        base.mark_text(style="note", align="right", x=alt.expr("width + 104")).encode(
            text="size:N"
        ),
    ]
    plot = alt.layer(*layers).properties(width="container", height=max(_ROW * len(data), _ROW))
    spec = finished(
        plot,
        axisX={"grid": True, "titleAnchor": "start"},
        padding={"left": 2, "top": 18, "right": 110, "bottom": 2},
    )
    columns = [
        Column(title or _("Name"), number=False),
        Column(_("Value")),
        Column(_("95 % interval")),
        Column("n"),
    ]
    return Chart(spec, columns, [_texts(row, digits) for row in rows], summary)


def _reference(data: list[dict[str, object]], value: float, label: str) -> list[alt.Chart]:
    source = alt.Data(values=[{"reference": value}])
    rule = alt.Chart(source).mark_rule(style="reference").encode(x=alt.X("reference:Q", title=None))
    if not label:
        return [rule]
    words = (
        alt.Chart(source)
        .mark_text(style="note", dy=-8, baseline="bottom", y=0)
        .encode(x=alt.X("reference:Q", title=None), text=alt.value(label))
    )
    return [rule, words]


def _point(row: Row, digits: int, small: int) -> dict[str, object]:
    hidden = row.value is None
    kind = "few" if hidden or row.n < small else "subject" if row.subject else "other"
    return {
        "label": row.label,
        "value": None if hidden else round(float(row.value or 0), digits + 2),
        "low": None if hidden or row.low is None else round(float(row.low), digits + 2),
        "high": None if hidden or row.high is None else round(float(row.high), digits + 2),
        "n": row.n,
        "kind": kind,
        "shown": "–" if hidden else f"{row.value:.{digits}f}",
        "size": f"n {row.n}",
    }


def _domain(rows: Sequence[Row], reference: float | None) -> list[float]:
    values = [
        float(value)
        for row in rows
        if row.value is not None
        for value in (row.value, row.low, row.high)
        if value is not None
    ]
    values += [reference] if reference is not None else []
    if not values:
        return [0, 100]
    low, high = min(values), max(values)
    room = max((high - low) * 0.06, 0.5)
    return [low - room, high + room]


def _texts(row: Row, digits: int) -> list[str]:
    if row.value is None:
        return [row.label, "–", "–", str(row.n)]
    known = row.low is not None and row.high is not None
    interval = f"{row.low:.{digits}f}–{row.high:.{digits}f}" if known else "–"
    return [row.label, f"{row.value:.{digits}f}", interval, str(row.n)]
