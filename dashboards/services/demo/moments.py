"""When a thing happened in the demo company: working days counted as everywhere, never later than
the moment of seeding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core.workdays import SHANGHAI, Calendar
from dashboards.services.demo.parameters import Month

DAY = timedelta(days=1)
WINDOW_LEFT = 4  # working days before today on which the people were told of M0
EARLIEST_RELEASE = 6  # working days after the end of a month, at the soonest
# Working days after the end of a month; its data may be locked from the fourth day on.
SCORED, REVIEWED, APPROVED, RELEASED, DECIDED, BUILT, PAID, CLOSED = 4, 5, 6, 7, 9, 10, 11, 16


@dataclass(frozen=True)
class Moments:
    """Moments of the story, from the calendar and the moment of seeding."""

    now: datetime
    calendar: Calendar

    @property
    def today(self) -> date:
        return self.now.astimezone(SHANGHAI).date()

    def at(self, day: date, hour: int = 10, minute: int = 0) -> datetime:
        """An hour of a day in Shanghai, or the moment of seeding where that is earlier."""
        return min(datetime.combine(day, time(hour, minute), SHANGHAI), self.now)

    def after(self, day: date, working_days: int, hour: int = 10, minute: int = 0) -> datetime:
        """An hour of the nth working day after a day."""
        return self.at(self.calendar.add(day, working_days), hour, minute)

    def ago(self, working_days: int, hour: int = 10, minute: int = 0) -> datetime:
        """An hour of the working day that many working days before today."""
        day = self.today
        while working_days:
            day -= DAY
            working_days -= self.calendar.is_working(day)
        return self.at(day, hour, minute)

    def in_month(self, month: Month, step: int, *, last: bool, hour: int = 10) -> datetime:
        """When a step of the assessment of a month was taken; that of M0 (`last`) lies so that
        its people may still appeal today."""
        usual = self.after(month.last, step, hour)
        if not last or step < REVIEWED:
            return usual
        shift = {REVIEWED: 2, APPROVED: 1, RELEASED: 0, DECIDED: -2, BUILT: -3}[step]
        early = {REVIEWED: -1, APPROVED: 0, RELEASED: 0, DECIDED: 1, BUILT: 2}[step]
        soonest = self.after(month.last, EARLIEST_RELEASE + early, hour)
        return max(soonest, self.ago(WINDOW_LEFT + shift, hour))
