"""The spread of answers: a hundred dots, one for each per cent, low answers in orange."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import altair as alt
from django.utils.translation import gettext as _

from core.charts.model import Chart, Column, finished
from core.charts.skeleton import filled, rows_of, skeleton, slot
from core.money import split

DOTS = 100
BELOW = 40  # an answer under this score is low


def quantdots(
    bands: Mapping[int, int],
    *,
    width: int,
    mean: float | None,
    summary: str,
) -> Chart:
    """`bands`: lower edge of a band of `width` points -> number of answers (all of them counted).
    The dots are shared by largest remainder, so that they are always a hundred."""
    edges = sorted(bands)
    total = sum(bands.values())
    # A hundred dots are a hundred fen: the same largest remainder, so that they always add up.
    dots = [int(part * DOTS) for part in split(1, bands).values()] if total else []
    data = _placed(dict(zip(edges, dots, strict=False)), width)
    top = max((point["y"] for point in data), default=1)
    lows = frozenset(bool(point["low"]) for point in data)
    spec = filled(
        _skeleton(lows, mean is not None),
        {
            "score": _("score"),
            "across": [0, 100 + width / 2],
            "up": [0, top + 2],
            "mean": "" if mean is None else _("mean %(mean)s") % {"mean": f"{mean:.1f}"},
        },
        height=max(9 * (top + 2), 90),
        rows=data,
        mean=[{"mean": mean}],
    )
    spec = finished(spec, padding={"left": 2, "top": 18, "right": 6, "bottom": 2})
    rows = [
        [f"{edge}–{min(edge + width, 100)}", str(bands[edge]), f"{100 * bands[edge] / total:.0f}%"]
        for edge in reversed(edges)
        if total
    ]
    columns = [Column(_("Score"), number=False), Column(_("Answers")), Column(_("Share"))]
    return Chart(spec, columns, rows, summary)


@lru_cache(maxsize=8)
def _skeleton(lows: frozenset[bool], with_mean: bool) -> dict[str, Any]:
    x = alt.X("x:Q", title=slot("score"), scale=alt.Scale(domain=slot("across")))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=slot("up")))
    base = alt.Chart(rows_of("rows")).encode(x=x, y=y)
    layers = [
        base.mark_point(style=style, filled=True, size=34, shape="circle").transform_filter(test)
        for style, test, low in (("other", "!datum.low", False), ("low", "datum.low", True))
        if low in lows  # an empty layer is a nameless picture
    ]
    if with_mean:
        source = alt.Chart(rows_of("mean"))
        words = source.mark_text(style="note", y=0, dy=-4, baseline="bottom")
        layers.append(source.mark_rule(style="reference").encode(x="mean:Q"))
        layers.append(words.encode(x="mean:Q", text=alt.value(slot("mean"))))
    return skeleton(layers)


def _placed(dots: Mapping[int, int], width: int) -> list[dict[str, Any]]:
    """Each dot's place: two columns a band, filled from below."""
    return [
        {
            "x": edge + width * (0.35 + 0.3 * (place % 2)),
            "y": place // 2 + 1,
            "low": edge < BELOW,
        }
        for edge, number in dots.items()
        for place in range(number)
    ]
