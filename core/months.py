"""Calendar months, each written as its first day. Plain arithmetic: `rules` may use it."""

from calendar import monthrange
from datetime import date

# The days anything recorded may lie on: what files, forms and the API take.
EVER = (date(2000, 1, 1), date(2099, 12, 31))


def first_of(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


def last_of(day: date) -> date:
    """The last day of the day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def shift(day: date, by: int) -> date:
    """The first day of the month `by` months after the day's (before it when negative).

    ValueError outside the years 1 to 9999.
    """
    index = day.year * 12 + day.month - 1 + by
    return date(index // 12, index % 12 + 1, 1)


def apart(day: date, other: date) -> int:
    """How many months the month of `other` comes after the day's; negative when before."""
    return (other.year - day.year) * 12 + other.month - day.month
