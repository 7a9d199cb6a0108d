"""Where one stands among peers without names: a dot a person, stacked in bins."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
from django.utils.translation import gettext as _

from core.charts.model import Chart, Column, finished


def strip(
    values: Sequence[float],
    *,
    own: float | None,
    own_low: float | None = None,
    own_high: float | None = None,
    own_label: str,
    summary: str,
    title: str = "",
    bins: int = 24,
    digits: int = 1,
) -> Chart:
    """`values` are the peers' (own excluded, order of no meaning); `own` is drawn below them in
    indigo with its interval."""
    everything = [float(value) for value in values]
    extra = [float(value) for value in (own, own_low, own_high) if value is not None]
    low = min([*everything, *extra], default=0.0)
    high = max([*everything, *extra], default=100.0)
    width = max((high - low) / bins, 0.25)
    stacked: dict[int, int] = {}
    dots = []
    for value in sorted(everything):
        place = round((value - low) / width)
        stacked[place] = stacked.get(place, 0) + 1
        dots.append({"x": round(low + place * width, 4), "y": stacked[place]})
    top = max(stacked.values(), default=1)
    scale = alt.Scale(domain=[low - width, high + width], nice=True)
    x = alt.X("x:Q", title=title or None, scale=scale)
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-2.2, top + 0.6]))
    peers = (
        alt.Chart(alt.Data(values=dots))
        .mark_point(style="other", filled=True, size=46, opacity=0.55)
        .encode(x=x, y=y)
    )
    layers = [peers]
    if own is not None:
        data = alt.Data(
            values=[{"x": own, "low": own_low, "high": own_high, "y": -1, "words": own_label}]
        )
        mine = alt.Chart(data)
        if own_low is not None and own_high is not None:
            layers.append(
                mine.mark_rule(style="interval", strokeCap="round").encode(
                    x=alt.X("low:Q", title=title or None, scale=scale), x2="high:Q", y=y
                )
            )
        layers.append(
            mine.mark_point(style="subject", filled=True, size=80, shape="circle").encode(x=x, y=y)
        )
        layers.append(mine.mark_text(style="subject-text", dy=16).encode(x=x, y=y, text="words:N"))
    chart = alt.layer(*layers).properties(width="container", height=20 * (top + 3))
    spec = finished(chart, axisX={"grid": True, "titleAnchor": "start"})
    rows = [[own_label, _shown(own, digits)]] if own is not None else []
    ordered = sorted(everything)
    for label, share in (
        (_("Lowest peer"), 0.0),
        (_("Middle peer"), 0.5),
        (_("Highest peer"), 1.0),
    ):
        if ordered:
            rows.append([label, _shown(ordered[round(share * (len(ordered) - 1))], digits)])
    return Chart(spec, [Column(_("Who"), number=False), Column(_("Value"))], rows, summary)


def _shown(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
