"""What the style sheet shows: names of colours, states of every object, invented numbers."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from django.utils.translation import gettext as _

from core import charts
from core.deadlines import Deadline
from core.permissions import Allowed, Denied
from dashboards.queries.styleguide_parts import component_rows

COLOURS = (
    ("moon", "月白", "page"),
    ("paper", "纸", "cards, inputs"),
    ("line", "线", "borders, rows"),
    ("ink", "墨", "text"),
    ("ink-2", "墨二", "second text"),
    ("ink-3", "墨三", "labels, hints"),
    ("accent", "靛青", "actions, you"),
    ("tint", "浅靛", "selected"),
    ("good", "竹青", "done, better"),
    ("warn", "琥珀", "attention, due"),
    ("bad", "朱", "late, error, stop"),
    ("dot", "灰", "other data"),
)


def components() -> dict[str, Any]:
    """The context of the page; the numbers are invented."""
    return {
        "colours": COLOURS,
        "spaces": (4, 8, 12, 16, 20, 28),
        "corners": ((6, _("input")), (8, _("button")), (12, _("card"))),
        "deadlines": (
            Deadline(date(2026, 11, 17), 5, late=False),
            Deadline(date(2026, 11, 17), 1, late=False),
            Deadline(date(2026, 11, 17), 2, late=True),
        ),
        "allowed": Allowed(),
        "denied": Denied(_("You scored this period: somebody else approves.")),
        "job": SimpleNamespace(
            pk=0,
            status="running",
            is_live=True,
            total=118,
            done=68,
            percent=58,
            get_status_display=_("running"),
        ),
        "dotplot": _dotplot(),
        "trend": _trend(),
        "strip": _strip(),
        "quantdots": _quantdots(),
        "waterfall": _waterfall(),
        **component_rows(),
    }


def _dotplot() -> charts.Chart:
    rows = [
        charts.Row("River Bend", 87.1, 84.2, 90.0, 131, subject=True),
        charts.Row("Gaoxin", 83.6, 80.9, 86.3, 142),
        charts.Row("West Garden", 75.2, 71.4, 79.0, 77, subject=True),
        charts.Row("Airport", 90.4, 81.3, 99.5, 12),
        charts.Row("Hill Top", None, None, None, 3),
    ]
    return charts.dotplot(
        rows,
        reference=82.4,
        reference_label=_("group %(value)s") % {"value": "82.4"},
        summary=_("Five shops compared; two differ from the group."),
    )


def _trend() -> charts.Chart:
    values = [80.1, 79.5, 79.8, 79.0, 80.2, 81.0, 80.4, 81.1, 82.0, 81.6, 82.1, 81.6, 82.4]
    points = [
        charts.Point(
            f"2025-{10 + number}" if number < 3 else f"2026-{number - 2:02d}",
            value,
            value - (6.5 if number == 3 else 1.4),
            value + (6.5 if number == 3 else 1.4),
            24 if number == 3 else 620,
        )
        for number, value in enumerate(values)
    ]
    return charts.trend(points, target=85, summary=_("Thirteen months, rising slowly."))


def _strip() -> charts.Chart:
    values = [72.4, 75.1, 76.0, *(78 + 0.45 * number for number in range(19))]
    return charts.strip(
        values,
        own=83.46,
        own_low=78.7,
        own_high=88.3,
        own_label=_("You %(value)s") % {"value": "83.46"},
        title=_("fair score"),
        summary=_("You are among the 22 people of your position."),
    )


def _quantdots() -> charts.Chart:
    bands = {0: 2, 10: 9, 20: 16, 30: 24, 40: 33, 50: 17, 60: 35, 70: 210, 80: 190, 90: 270}
    return charts.quantdots(
        bands, width=10, mean=82.4, summary=_("One dot is one per cent of 806 answers.")
    )


def _waterfall() -> charts.Chart:
    steps = [
        charts.Step(_("Grades: 14 up, 9 down"), 3960, "+3,960.00"),
        charts.Step(_("2 people joined"), 2900, "+2,900.00"),
        charts.Step(_("1 person left"), -2400, "−2,400.00"),
        charts.Step(_("Correction of October"), 480, "+480.00"),
    ]
    return charts.waterfall(steps, summary=_("Why the sum rose by 4,940.00."))
