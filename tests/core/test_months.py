"""Months: ends, leap years, the turn of the year, backwards as well."""

from datetime import date

import pytest

from core.months import apart, first_of, last_of, shift


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2025, 12, 31), date(2025, 12, 1), date(2025, 12, 31)),
        (date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 31)),
        (date(2026, 2, 28), date(2026, 2, 1), date(2026, 2, 28)),
        (date(2024, 2, 10), date(2024, 2, 1), date(2024, 2, 29)),
        (date(2000, 2, 29), date(2000, 2, 1), date(2000, 2, 29)),
        (date(2100, 2, 1), date(2100, 2, 1), date(2100, 2, 28)),
        (date(2026, 4, 30), date(2026, 4, 1), date(2026, 4, 30)),
        (date(9999, 12, 5), date(9999, 12, 1), date(9999, 12, 31)),
    ],
)
def test_a_month_has_a_first_and_a_last_day(day: date, first: date, last: date) -> None:
    assert (first_of(day), last_of(day)) == (first, last)


@pytest.mark.parametrize(
    ("day", "by", "expected"),
    [
        (date(2025, 12, 1), 1, date(2026, 1, 1)),
        (date(2025, 12, 31), 2, date(2026, 2, 1)),
        (date(2026, 1, 31), 1, date(2026, 2, 1)),
        (date(2026, 1, 1), -1, date(2025, 12, 1)),
        (date(2026, 3, 31), -1, date(2026, 2, 1)),
        (date(2024, 2, 29), 12, date(2025, 2, 1)),
        (date(2024, 2, 29), -12, date(2023, 2, 1)),
        (date(2026, 6, 15), 0, date(2026, 6, 1)),
        (date(2026, 6, 15), -18, date(2024, 12, 1)),
        (date(2026, 6, 15), 19, date(2028, 1, 1)),
        (date(1, 2, 1), -1, date(1, 1, 1)),
    ],
)
def test_a_shift_goes_from_first_day_to_first_day(day: date, by: int, expected: date) -> None:
    assert shift(day, by) == expected
    assert apart(day, expected) == by


@pytest.mark.parametrize(("day", "by"), [(date(1, 1, 1), -1), (date(9999, 12, 1), 1)])
def test_there_is_no_month_outside_the_calendar(day: date, by: int) -> None:
    with pytest.raises(ValueError, match="year"):
        shift(day, by)
