"""Working days, deadlines and business minutes in China."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import workdays
from core.errors import InvalidInput
from core.models import AuditEntry, CalendarDay, WorkingHours
from core.workdays import SHANGHAI, Calendar, correct_day, ensure_calendar, extend_only, set_hours


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def calendar(db: object) -> Calendar:
    return Calendar.load()


# Whole weeks by the seed itself, for tests that need no database.
PLAIN = Calendar(
    first=dt.date(2026, 1, 1),
    flags=tuple(row[1] for row in workdays._seed(2027) if row[0].year >= 2026),
    official=(True,) * 365 + (False,) * 365,
    hours=((dt.date(2018, 1, 1), workdays.parse_segments(workdays.STANDARD_HOURS)),),
)
days = st.dates(dt.date(2026, 1, 1), dt.date(2027, 6, 30))
moments = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2026, 12, 31))


def test_the_table_reaches_from_2018_to_next_year(calendar: Calendar) -> None:
    assert CalendarDay.objects.count() == 3652
    assert CalendarDay.objects.filter(source="official").count() == 3287
    assert calendar.is_official(dt.date(2026, 12, 31))
    assert not calendar.is_official(dt.date(2027, 1, 1))
    for day in (dt.date(2017, 12, 31), dt.date(2028, 1, 1)):
        with pytest.raises(InvalidInput, match=f"does not reach {day}"):
            calendar.is_working(day)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2026-03-02", True),  # a Monday
        ("2026-03-07", False),  # a Saturday
        ("2026-10-01", False),  # National Day
        ("2026-10-10", True),  # a Saturday made up for it
        ("2018-12-29", True),  # a make-up Saturday announced for New Year 2019
        ("2020-01-31", False),  # the holiday lengthened during the epidemic
    ],
)
def test_days_off_and_make_up_days(calendar: Calendar, day: str, working: bool) -> None:
    assert calendar.is_working(dt.date.fromisoformat(day)) is working


def test_the_day_of_notice_is_day_0_and_the_deadline_ends_at_midnight(calendar: Calendar) -> None:
    # Notice on Monday 28 September 2026: 29, 30 work; 1-7 October off; 8, 9, Saturday 10 work.
    notice = dt.date(2026, 9, 28)
    assert [calendar.add(notice, n) for n in range(1, 6)] == [
        dt.date(2026, 9, 29),
        dt.date(2026, 9, 30),
        dt.date(2026, 10, 8),
        dt.date(2026, 10, 9),
        dt.date(2026, 10, 10),
    ]
    assert calendar.deadline(notice, 5) == at("2026-10-11T00:00")
    assert calendar.deadline(notice, 5).tzinfo is SHANGHAI
    assert calendar.add(dt.date(2026, 10, 3), 1) == dt.date(2026, 10, 8)  # notice on a day off
    assert calendar.add(notice, 0) == notice


def test_working_days_are_counted_with_both_ends(calendar: Calendar) -> None:
    assert calendar.count(dt.date(2026, 10, 1), dt.date(2026, 10, 31)) == 18
    assert calendar.count(dt.date(2026, 10, 8), dt.date(2026, 10, 8)) == 1
    assert calendar.count(dt.date(2026, 10, 8), dt.date(2026, 10, 7)) == 0
    assert calendar.count(dt.date(2025, 1, 1), dt.date(2025, 12, 31)) == 248


def test_a_deadline_beyond_the_table_is_refused_not_guessed(calendar: Calendar) -> None:
    with pytest.raises(InvalidInput, match="does not reach 2028-01-01"):
        calendar.add(dt.date(2027, 12, 30), 5)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-03-02T09:00", "2026-03-02T18:00", 450),
        ("2026-03-02T11:50", "2026-03-02T13:40", 20),  # over lunch
        ("2026-03-02T17:30", "2026-03-03T09:30", 60),  # over night
        ("2026-03-06T17:00", "2026-03-09T10:00", 120),  # over a weekend
        ("2026-09-30T17:00", "2026-10-08T10:00", 120),  # over the National Day holiday
        ("2026-03-07T09:00", "2026-03-08T18:00", 0),
        ("2026-03-02T12:00", "2026-03-02T13:30", 0),
        ("2026-03-02T10:00", "2026-03-02T09:00", 0),
        ("2026-03-02T09:00:00", "2026-03-02T09:00:45", Decimal("0.75")),
    ],
)
def test_business_minutes(calendar: Calendar, start: str, end: str, minutes: int | Decimal) -> None:
    assert calendar.minutes(at(start), at(end)) == minutes


def test_business_minutes_do_not_depend_on_the_zone_of_the_clock(calendar: Calendar) -> None:
    start, end = at("2026-03-02T17:30"), at("2026-03-03T09:30")
    assert calendar.minutes(start.astimezone(dt.UTC), end.astimezone(dt.UTC)) == 60


@pytest.mark.django_db
def test_new_hours_hold_from_their_day_on() -> None:
    set_hours(dt.date(2026, 3, 3), [["08:00", "24:00"]], actor=None)
    calendar = Calendar.load()
    assert calendar.minutes(at("2026-03-02T00:00"), at("2026-03-03T00:00")) == 450
    assert calendar.minutes(at("2026-03-03T00:00"), at("2026-03-04T00:00")) == 960
    assert AuditEntry.objects.filter(verb="working_hours.set").count() == 1
    with pytest.raises(InvalidInput, match="exist already"):
        set_hours(dt.date(2026, 3, 3), [["09:00", "18:00"]], actor=None)


@pytest.mark.parametrize(
    "segments",
    [
        [["09:00", "08:00"]],
        [["09:00", "12:00"], ["11:00", "18:00"]],
        [["9", "12:00"]],
        [["09:00", "24:01"]],
    ],
)
@pytest.mark.django_db
def test_senseless_hours_are_refused(segments: list[list[str]]) -> None:
    with pytest.raises(InvalidInput):
        set_hours(dt.date(2026, 3, 3), segments, actor=None)
    assert WorkingHours.objects.count() == 1


@pytest.mark.django_db
def test_a_correction_changes_one_day_and_only_lengthens_deadlines() -> None:
    before = Calendar.load().deadline(dt.date(2026, 3, 2), 3)
    correct_day(dt.date(2026, 3, 4), working=False, actor=None)
    after = Calendar.load().deadline(dt.date(2026, 3, 2), 3)
    assert (before, after) == (at("2026-03-06T00:00"), at("2026-03-07T00:00"))
    assert extend_only(before, after) == after
    assert extend_only(after, before) == after
    assert AuditEntry.objects.get(verb="calendar.corrected").data == {
        "before": True,
        "after": False,
    }


@pytest.mark.django_db
def test_seeding_again_fills_gaps_and_keeps_corrections() -> None:
    assert ensure_calendar() == 0
    correct_day(dt.date(2027, 1, 4), working=False, actor=None)
    CalendarDay.objects.filter(day=dt.date(2026, 5, 5)).delete()
    with pytest.raises(InvalidInput, match="gaps"):
        Calendar.load()
    assert ensure_calendar() == 1
    assert not CalendarDay.objects.get(day=dt.date(2027, 1, 4)).is_working
    assert WorkingHours.objects.get().segments == [["09:00", "12:00"], ["13:30", "18:00"]]


@pytest.mark.django_db
def test_a_guess_gives_way_when_its_year_is_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    CalendarDay.objects.filter(day=dt.date(2027, 3, 1)).update(is_working=False)
    monkeypatch.setattr(workdays, "OFFICIAL_THROUGH", 2027)
    workdays._seed.cache_clear()
    assert ensure_calendar() == 365
    workdays._seed.cache_clear()
    day = CalendarDay.objects.get(day=dt.date(2027, 3, 1))
    assert (day.is_working, day.source) == (True, "official")


@pytest.mark.django_db
def test_the_table_grows_with_the_years() -> None:
    assert ensure_calendar(today=dt.date(2027, 6, 1)) == 366
    assert Calendar.load().add(dt.date(2027, 12, 30), 5) > dt.date(2028, 1, 1)


@given(days, st.integers(1, 60))
def test_the_nth_working_day_is_n_working_days_away(day: dt.date, n: int) -> None:
    end = PLAIN.add(day, n)
    assert PLAIN.is_working(end)
    assert PLAIN.count(day + dt.timedelta(days=1), end) == n


@given(days, st.integers(0, 30), st.integers(0, 30))
def test_deadlines_add_up(day: dt.date, n: int, more: int) -> None:
    assert PLAIN.add(PLAIN.add(day, n), more) == PLAIN.add(day, n + more)


@given(moments, moments, moments)
def test_business_minutes_add_up(a: dt.datetime, b: dt.datetime, c: dt.datetime) -> None:
    first, middle, last = (moment.replace(tzinfo=SHANGHAI) for moment in sorted((a, b, c)))
    whole = PLAIN.minutes(first, last)
    parts = PLAIN.minutes(first, middle) + PLAIN.minutes(middle, last)
    assert abs(whole - parts) < Decimal("1e-15")
