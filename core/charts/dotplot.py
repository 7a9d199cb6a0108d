"""People, shops, versions compared: a dot with its interval each, value and n as columns."""

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

_ROW = 30  # points a row
_NUMBERS = 112  # points for value and n


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
    values = [value for row in rows for value in (row.value, row.low, row.high)]
    title = title or _("Name")
    kinds = frozenset(str(row["kind"]) for row in data)
    spec = filled(
        _skeleton(get_language(), kinds, reference is not None, digits),
        {
            # Named: layers over parts of the data would be sorted.
            "order": [row.label for row in rows],
            "domain": reach([*values, reference], share=0.06, least=0.5),
            "title": title,
            "reference": reference_label,
        },
        height=_ROW * max(len(data), 1),
        rows=data,
        reference=[{"reference": reference}],
    )
    spec = finished(
        spec,
        axisX={"grid": True, "titleAnchor": "start"},
        padding={"left": 2, "top": 18, "right": 6, "bottom": 2},
    )
    return Chart(spec, columns(title), [texts(row, digits) for row in rows], summary)


@lru_cache(maxsize=128)
def _skeleton(
    language: str | None,  # of the words in tooltips
    kinds: frozenset[str],
    referred: bool,
    digits: int,
) -> dict[str, Any]:
    axis = alt.Axis(grid=False, labelLimit=150, labelPadding=10)
    y = alt.Y("label:N", sort=slot("order"), title=None, axis=axis)
    base = alt.Chart(rows_of("rows")).encode(y=y)
    scale = alt.Scale(domain=slot("domain"), nice=True, zero=False, range=room_right(_NUMBERS))
    x = alt.X("value:Q", title=None, scale=scale)
    layers = _reference() if referred else []
    layers += [*_dots(base, x, tooltip(slot("title"), digits), kinds), *_numbers(base)]
    return skeleton(layers)


def _dots(
    base: alt.Chart, x: alt.X, tips: list[alt.Tooltip], kinds: frozenset[str]
) -> list[alt.Chart]:
    """Pale, grey and indigo rows: an interval under a dot. A layer without a row would be a picture
    without a name to a screen reader, so there is none."""
    layers = []
    for kind, line, dot in (
        ("few", "few-line", "few"),
        ("other", "other-line", "other"),
        ("subject", "interval", "subject"),
    ):
        if kind not in kinds:
            continue
        own = base.transform_filter(f"datum.kind === '{kind}'")
        interval = own.mark_rule(style=line, strokeCap="round", strokeWidth=4)
        layers.append(interval.encode(x=alt.X("low:Q", title=None), x2="high:Q"))
        point = own.mark_point(style=dot, filled=True, size=80, shape="circle")
        layers.append(point.encode(x=x, tooltip=tips))
    return layers


def _numbers(base: alt.Chart) -> list[alt.Chart]:
    """Value and n right of the plot, in the row of their dot."""
    value = base.mark_text(style="value", align="right", x=alt.expr("width - 56"))
    size = base.mark_text(style="note", align="right", x=alt.expr("width"))
    return [value.encode(text="shown:N"), size.encode(text="size:N")]


def _reference() -> list[alt.Chart]:
    source = alt.Chart(rows_of("reference"))
    x = alt.X("reference:Q", title=None)
    words = source.mark_text(style="note", dy=-8, baseline="bottom", y=0)
    return [
        source.mark_rule(style="reference").encode(x=x),
        words.encode(x=x, text=alt.value(slot("reference"))),
    ]


def _point(row: Row, digits: int, small: int) -> dict[str, Any]:
    few = row.value is None or row.n < small
    kind = "few" if few else "subject" if row.subject else "other"
    return {**record(row, digits), "kind": kind, "size": f"n {row.n}"}
