"""How many in each month, day or band: upright bars from zero."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from core.charts.model import Chart, Column, finished


def bars(
    counts: Sequence[tuple[str, int]], *, summary: str, title: str, unit: str, height: int = 180
) -> Chart:
    """(label, number) in the order given; `title` names the labels, `unit` what is counted."""
    data = [{"label": label, "count": number} for label, number in counts]
    x = alt.X(
        "label:N",
        sort=[label for label, _number in counts],
        title=None,
        axis=alt.Axis(labelAngle=0, labelOverlap=True),
    )
    y = alt.Y("count:Q", title=unit, axis=alt.Axis(tickMinStep=1, format=",d"))
    tips = [
        alt.Tooltip("label:N", title=title),
        alt.Tooltip("count:Q", title=unit, format=",d"),
    ]
    chart = (
        alt.Chart(alt.Data(values=data))
        .mark_bar(style="subject", cornerRadiusEnd=2, strokeWidth=0)
        .encode(x=x, y=y, tooltip=tips)
        .properties(width="container", height=height)
    )
    spec = finished(chart, padding={"left": 2, "top": 16, "right": 6, "bottom": 2})
    columns = [Column(title, number=False), Column(unit)]
    return Chart(spec, columns, [[label, f"{number:,}"] for label, number in counts], summary)
