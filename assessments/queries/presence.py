"""Working days and days present of a period, per employee."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Protocol

from assessments.rules.periods import Span
from core.months import shift
from core.workdays import Calendar
from organization.queries import attendance_for


class Presence(NamedTuple):
    """Days of the whole period."""

    working: Decimal
    present: Decimal


class Dated(Protocol):
    """Something from a day to a day (None: until further notice), both inclusive."""

    @property
    def starts_on(self) -> date: ...

    @property
    def ends_on(self) -> date | None: ...


class Days:
    """Counts working days; the spans of 10,000 people are few, so each is counted once."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._known: dict[tuple[date, date], int] = {}

    def count(self, first: date, last: date) -> int:
        """Working days from first to last, both inclusive; 0 when last lies before first."""
        if last < first:
            return 0
        key = (first, last)
        if key not in self._known:
            self._known[key] = self._calendar.count(first, last)
        return self._known[key]


class Attendances:
    """HR's attendance of the period's months, and the calendar where HR sent none."""

    def __init__(self, span: Span, days: Days) -> None:
        self._days = days
        self._months = [(month, _end(month)) for month in span.months]
        self._sent: dict[int, dict[date, tuple[Decimal, Decimal]]] = defaultdict(dict)
        for row in attendance_for(span.months):
            days_of = (row["working_days"], row["present_days"])
            self._sent[row["employee_id"]][row["month"]] = days_of

    def of(self, employee_id: int, placements: Sequence[Dated]) -> Presence:
        """A month without a row of HR counts as present on every working day of a placement."""
        working = present = Decimal(0)
        sent = self._sent.get(employee_id, {})
        for first, last in self._months:
            if first in sent:
                working, present = working + sent[first][0], present + sent[first][1]
                continue
            working += self._days.count(first, last)
            for row in placements:
                until = last if row.ends_on is None else min(last, row.ends_on)
                present += self._days.count(max(first, row.starts_on), until)
        return Presence(working, present)


def _end(month: date) -> date:
    return date.fromordinal(shift(month, 1).toordinal() - 1)
