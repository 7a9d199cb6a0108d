"""Why a sum moved: each cause as a line from zero to its share, the amounts as a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
from django.utils.translation import gettext as _

from core.charts.model import Chart, Column, finished
from core.charts.parts import room_right

_ROW = 32  # points a row
_AMOUNT = 92  # points for the amount


@dataclass(frozen=True)
class Step:
    """A cause and how much of the difference it makes; `text` is the amount as it is printed."""

    label: str
    value: float
    text: str


def waterfall(steps: Sequence[Step], *, summary: str, title: str = "") -> Chart:
    """Steps in the order given."""
    data = [
        {"label": step.label, "value": step.value, "zero": 0, "shown": step.text} for step in steps
    ]
    y = alt.Y(
        "label:N",
        sort=[step.label for step in steps],
        title=None,
        axis=alt.Axis(grid=False, labelLimit=190, labelPadding=10),
    )
    x = alt.X("value:Q", title=None, scale=alt.Scale(range=room_right(_AMOUNT)))
    base = alt.Chart(alt.Data(values=data)).encode(y=y)
    layers = [
        base.mark_rule(style="other-line", strokeWidth=2).encode(
            x=alt.X("zero:Q", title=None), x2="value:Q"
        ),
        base.mark_point(style="subject", filled=True, size=80, shape="circle").encode(
            x=x,
            tooltip=[
                alt.Tooltip("label:N", title=title or _("Cause")),
                alt.Tooltip("shown:N", title=_("Amount")),
            ],
        ),
        base.mark_text(style="value", align="right", x=alt.expr("width")).encode(text="shown:N"),
    ]
    chart = alt.layer(*layers).properties(width="container", height=max(_ROW * len(data), _ROW))
    spec = finished(
        chart,
        axisX={"grid": True, "titleAnchor": "start"},
        padding={"left": 2, "top": 4, "right": 6, "bottom": 2},
    )
    columns = [Column(title or _("Cause"), number=False), Column(_("Amount"))]
    return Chart(spec, columns, [[step.label, step.text] for step in steps], summary)
