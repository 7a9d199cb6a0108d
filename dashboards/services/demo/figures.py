"""What HR and the other systems deliver each month: attendance and measured figures."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.tables import Table
from core.workdays import Calendar
from dashboards.services.demo import company
from dashboards.services.demo.parameters import Month, random_for
from dashboards.services.demo.stories import UPHELD, Stories

TYPICAL, SPREAD = 85.0, 12.0  # points of an item; the middle of grade B
ABSENT_SHARE = 0.15  # of the people miss one to three days of a month
MINUTES = "business_minutes"
FINE = 6_000  # observations behind a figure that has to be exact
COLUMNS = ("indicator_code", "employee_no", "period", "numerator", "denominator", "source_ref")


def attendance(month: Month, calendar: Calendar, stories: Stories) -> Table:
    """Everybody's days; only those of the stories so few that the month cannot be assessed."""
    rng = random_for("attendance", month.key)
    working = calendar.count(month.first, month.last)
    rows: list[tuple[str | None, ...]] = []
    for person in company.people():
        absent = int(rng.integers(1, 4)) if rng.random() < ABSENT_SHARE else 0
        told = stories.present_days(person.number, month, working)
        present, leave = told or (working - absent, 0)
        rows.append((person.number, month.key, str(working), str(present), str(leave)))
    columns = ("employee_no", "period", "working_days", "present_days", "statutory_leave_days")
    return Table("attendance", columns, rows)


def measurements(
    month: Month, schemes: list[dict[str, Any]], units: dict[str, str], stories: Stories
) -> Table:
    """A figure for each item of each person's scheme, except satisfaction: that comes from
    answers. Drawn so that an item scores about 85 points."""
    rng = random_for("measurements", month.key)
    rows: list[tuple[str | None, ...]] = []
    for scheme in schemes:
        for position in scheme["position_codes"]:
            for person in company.at(position):
                for item in scheme["items"]:
                    # Where an appeal will turn on a fraction of a point, see `exact`.
                    apart = person.number == UPHELD and stories.offset(month) == -1
                    if item["indicator"] != "satisfaction" and not apart:
                        points = float(np.clip(rng.normal(TYPICAL, SPREAD), 20, 100))
                        told = stories.points(person.number, month)
                        size = int(item.get("min_n") or 5) + int(rng.integers(2, 40))
                        unit = units[item["indicator"]]
                        figure = _figure(item, unit, points if told is None else told, size)
                        rows.append((item["indicator"], person.number, month.key, *figure, "DEMO"))
    return Table("measurements", COLUMNS, rows)


def exact(
    month: Month, scheme: dict[str, Any], number: str, points: float, units: dict[str, str]
) -> Table:
    """Figures of one person that score the same number of points on every item, quite exactly."""
    rows: list[tuple[str | None, ...]] = [
        (
            *(item["indicator"], number, month.key),
            *_figure(item, units[item["indicator"]], points, FINE),
            "DEMO",
        )
        for item in scheme["items"]
        if item["indicator"] != "satisfaction"
    ]
    return Table("measurements", COLUMNS, rows)


def _figure(item: dict[str, Any], unit: str, points: float, denominator: int) -> tuple[str, str]:
    """(numerator, denominator) that score the points on the item's curve."""
    floor, target = float(item["curve"]["floor"]), float(item["curve"]["target"])
    value = floor + (target - floor) * points / 100
    if unit == MINUTES:
        return str(round(value * denominator)), str(denominator)
    return str(min(denominator, round(value / 100 * denominator))), str(denominator)
