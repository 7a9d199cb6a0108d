"""Keys of months, quarters and years, and when a period is finished."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from assessments.rules.periods import parse, span_of

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("key", "kind", "first", "last"),
    [
        ("2025-11", "month", date(2025, 11, 1), date(2025, 11, 30)),
        ("2024-02", "month", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-Q4", "quarter", date(2025, 10, 1), date(2025, 12, 31)),
        ("2025", "year", date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_keys(key, kind, first, last):
    span = parse(key)
    assert (span.key, span.kind, span.first, span.last) == (key, kind, first, last)
    assert span_of(kind, last) == span
    assert span.next().previous() == span


@pytest.mark.parametrize(
    "key", ["2025-13", "2025-Q5", "25-01", "2025-1", "", "2025-Q0", "0001", "9999"]
)
def test_anything_else_is_no_period(key):
    with pytest.raises(ValueError, match="no period"):
        parse(key)


def test_window_is_the_twelve_months_that_end_with_the_period():
    assert parse("2025-11").window_first == date(2024, 12, 1)
    assert parse("2025-Q4").window_first == date(2025, 1, 1)
    assert parse("2025").window_first == date(2025, 1, 1)


def test_a_period_is_finished_72_hours_after_its_last_day():
    assert parse("2025-11").due_at(SHANGHAI) == datetime(2025, 12, 3, 16, tzinfo=UTC)


def test_months_and_containment():
    assert parse("2025-Q4").months == [date(2025, 10, 1), date(2025, 11, 1), date(2025, 12, 1)]
    assert parse("2025").contains(parse("2025-Q4"))
    assert not parse("2025-Q4").contains(parse("2025-09"))
