"""The calendar equals what the State Council announced for 2018-2026."""

import datetime as dt
import json
from pathlib import Path

import pytest

from core.workdays import Calendar

ANNOUNCED = Path(__file__).parents[2].parent / "shared" / "data" / "calendar_cn"


@pytest.mark.django_db
def test_every_day_of_nine_years_is_as_announced() -> None:
    days: dict[dt.date, bool] = {}
    for path in sorted(ANNOUNCED.glob("*.json")):  # a year's file may hold days of the year before
        for day in json.loads(path.read_text(encoding="utf-8"))["days"]:
            days[dt.date.fromisoformat(day["date"])] = not day["isOffDay"]
    assert len(days) > 250
    calendar = Calendar.load()
    day, wrong = dt.date(2018, 1, 1), []
    while day < dt.date(2027, 1, 1):
        if calendar.is_working(day) is not days.get(day, day.weekday() < 5):
            wrong.append(day)
        day += dt.timedelta(days=1)
    assert wrong == []
