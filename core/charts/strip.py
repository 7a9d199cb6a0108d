"""Where one stands among peers without names: a dot a person, stacked in bins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import altair as alt
from django.utils.translation import gettext as _

from core.charts.model import Chart, Column, finished
from core.charts.parts import shown

_BINS = 24


def strip(
    values: Sequence[float],
    *,
    own: float | None,
    own_low: float | None = None,
    own_high: float | None = None,
    own_label: str,
    summary: str,
    title: str = "",
    digits: int = 1,
) -> Chart:
    """`values` are the peers' (own excluded, order of no meaning); `own` is drawn below them in
    indigo with its interval."""
    peers = sorted(float(value) for value in values)
    known = [*peers, *(float(value) for value in (own, own_low, own_high) if value is not None)]
    low, high = min(known, default=0.0), max(known, default=100.0)
    step = max((high - low) / _BINS, 0.25)
    dots = _stacked(peers, low, step)
    top = max((dot["y"] for dot in dots), default=1.0)
    x_scale = alt.Scale(domain=[low - step, high + step], nice=True, zero=False)
    x = alt.X("x:Q", title=title or None, scale=x_scale)
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-2.2, top + 0.6]))
    layers = [
        alt.Chart(alt.Data(values=dots))
        .mark_point(style="other", filled=True, size=46, opacity=0.55, shape="circle")
        .encode(x=x, y=y)
    ]
    if own is not None:
        mine = {"x": own, "low": own_low, "high": own_high, "y": -1, "words": own_label}
        layers += _own(alt.Chart(alt.Data(values=[mine])), x, y)
    chart = alt.layer(*layers).properties(width="container", height=20 * (top + 3))
    spec = finished(chart, axisX={"grid": True, "titleAnchor": "start"})
    columns = [Column(_("Who"), number=False), Column(_("Value"))]
    return Chart(spec, columns, _table(peers, own, own_label, digits), summary)


def _stacked(peers: Sequence[float], low: float, step: float) -> list[dict[str, float]]:
    """A place for each: x rounded to its bin, y its turn in the bin."""
    heights: Counter[int] = Counter()
    dots = []
    for value in peers:
        place = round((value - low) / step)
        heights[place] += 1
        dots.append({"x": round(low + place * step, 4), "y": float(heights[place])})
    return dots


def _own(mine: alt.Chart, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    interval = mine.mark_rule(style="interval", strokeCap="round", strokeWidth=4)
    dot = mine.mark_point(style="subject", filled=True, size=80, shape="circle")
    words = mine.mark_text(style="subject-text", dy=16)
    return [
        interval.encode(x="low:Q", x2="high:Q", y=y).transform_filter(
            "datum.low !== null && datum.high !== null"
        ),
        dot.encode(x=x, y=y),
        words.encode(x=x, y=y, text="words:N"),
    ]


def _table(
    peers: Sequence[float], own: float | None, own_label: str, digits: int
) -> list[list[str]]:
    rows = [[own_label, shown(own, digits)]] if own is not None else []
    places = ((_("Lowest peer"), 0.0), (_("Middle peer"), 0.5), (_("Highest peer"), 1.0))
    for label, share in places if peers else ():
        rows.append([label, shown(peers[round(share * (len(peers) - 1))], digits)])
    return rows
