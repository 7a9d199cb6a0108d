"""Months, quarters and years as keys: "2026-03", "2026-Q1", "2026"."""

import datetime
import re
from dataclasses import dataclass

from core.months import first_of, last_of, shift

GRACE = datetime.timedelta(hours=72)  # answers collected offline may still arrive
WINDOW_MONTHS = 12  # over which differences between people are estimated

_KEY = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?")


@dataclass(frozen=True)
class Span:
    """A period: its key, kind (month, quarter, year) and days, both inclusive."""

    key: str
    kind: str
    first: datetime.date
    last: datetime.date

    @property
    def months(self) -> list[datetime.date]:
        """First days of its months."""
        count = {"month": 1, "quarter": 3, "year": 12}[self.kind]
        return [shift(self.first, number) for number in range(count)]

    @property
    def window_first(self) -> datetime.date:
        """First day of the 12 calendar months that end with the period's last month."""
        return shift(self.last, 1 - WINDOW_MONTHS)

    def contains(self, other: "Span") -> bool:
        """Whether every day of the other lies in this one."""
        return self.first <= other.first and other.last <= self.last

    def next(self) -> "Span":
        """The period of the same kind that follows."""
        return span_of(self.kind, self.last + datetime.timedelta(days=1))

    def previous(self) -> "Span":
        """The period of the same kind before."""
        return span_of(self.kind, self.first - datetime.timedelta(days=1))

    def due_at(self, zone: datetime.tzinfo) -> datetime.datetime:
        """From this moment on the period is finished: midnight after its last day plus 72 h."""
        midnight = datetime.datetime.combine(
            self.last + datetime.timedelta(days=1), datetime.time(), zone
        )
        return midnight + GRACE


def parse(key: str) -> Span:
    """The period of a key; ValueError when it is none."""
    match = _KEY.fullmatch(key)
    if match is None or not 1900 <= int(match[1]) < 3000:
        raise ValueError(f"{key!r} is no period: write 2026-03, 2026-Q1 or 2026.")
    year, quarter, month = int(match[1]), match[2], match[3]
    if month:
        return span_of("month", datetime.date(year, int(month), 1))
    if quarter:
        return span_of("quarter", datetime.date(year, int(quarter) * 3, 1))
    return span_of("year", datetime.date(year, 1, 1))


def span_of(kind: str, day: datetime.date) -> Span:
    """The month, quarter or year that holds the day."""
    if kind == "month":
        key, first, length = f"{day:%Y-%m}", first_of(day), 1
    elif kind == "quarter":
        number = (day.month - 1) // 3
        key, first, length = (
            f"{day.year:04}-Q{number + 1}",
            datetime.date(day.year, number * 3 + 1, 1),
            3,
        )
    elif kind == "year":
        key, first, length = f"{day.year:04}", datetime.date(day.year, 1, 1), 12
    else:
        raise ValueError(f"{kind!r} is no kind of period.")
    return Span(key, kind, first, last_of(shift(first, length - 1)))
