"""Working days and business minutes, from the project's own calendar table.

Deadlines never ask a package: the table is seeded from `holidays` and may be corrected by hand.
`official` rows are of years the State Council has announced, `provisional` ones are a guess.
"""

import bisect
import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import InvalidInput
from core.locks import Lock, take
from core.models import CalendarDay, User, WorkingHours
from core.once import once

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_YEAR, LAST_YEAR = 2018, 2027
OFFICIAL_THROUGH = 2026  # the last year announced when the pinned `holidays` was released
STANDARD_HOURS = [["09:00", "12:00"], ["13:30", "18:00"]]
_DAY = datetime.timedelta(days=1)
_MINUTE_US = 60_000_000

# Days on which `holidays` (the pinned version) differs from the State Council's announcements of
# 2018-2026: none. Should an update differ, the right value is written here with the paper's name.
CORRECTIONS: dict[datetime.date, bool] = {}


@dataclass(frozen=True)
class Calendar:
    """A snapshot: load once, then ask as often as you like without a query."""

    first: datetime.date
    flags: tuple[bool, ...]
    official: tuple[bool, ...]
    hours: tuple[tuple[datetime.date, tuple[tuple[int, int], ...]], ...]
    _working: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        days = tuple(number for number, flag in enumerate(self.flags) if flag)
        object.__setattr__(self, "_working", days)

    @classmethod
    def load(cls) -> "Calendar":
        """The calendar as it stands now (two queries, once while a page is shown)."""
        return once("calendar", cls._read)

    @classmethod
    def _read(cls) -> "Calendar":
        rows = list(CalendarDay.objects.order_by("day").values_list("day", "is_working", "source"))
        if not rows:
            raise InvalidInput(_("The calendar is empty; run the migrations."))
        if (rows[-1][0] - rows[0][0]).days + 1 != len(rows):
            raise InvalidInput(_("The calendar has gaps; run the migrations."))
        hours = WorkingHours.objects.order_by("effective_from")
        return cls(
            first=rows[0][0],
            flags=tuple(row[1] for row in rows),
            official=tuple(row[2] == CalendarDay.Source.OFFICIAL for row in rows),
            hours=tuple((row.effective_from, parse_segments(row.segments)) for row in hours),
        )

    def _number(self, day: datetime.date) -> int:
        number = (day - self.first).days
        if not 0 <= number < len(self.flags):
            raise InvalidInput(_("The calendar does not reach %(day)s.") % {"day": day.isoformat()})
        return number

    def is_working(self, day: datetime.date) -> bool:
        """Whether people work on the day."""
        return self.flags[self._number(day)]

    def is_official(self, day: datetime.date) -> bool:
        """Whether the day's value was announced; otherwise show it as provisional."""
        return self.official[self._number(day)]

    def add(self, day0: datetime.date, n: int) -> datetime.date:
        """The nth working day after `day0`, the day of notice; n = 0 is `day0` itself."""
        if n < 0:
            raise ValueError("n must not be negative.")
        if n == 0:
            return day0
        place = bisect.bisect_right(self._working, self._number(day0)) + n - 1
        if place >= len(self._working):
            last = self.first + _DAY * (len(self.flags) - 1)
            self._number(last + _DAY)
        return self.first + _DAY * self._working[place]

    def count(self, first: datetime.date, last: datetime.date) -> int:
        """Working days from `first` to `last`, both included; 0 when `last` is earlier."""
        if last < first:
            return 0
        low = bisect.bisect_left(self._working, self._number(first))
        return bisect.bisect_right(self._working, self._number(last)) - low

    def deadline(self, day0: datetime.date, n: int) -> datetime.datetime:
        """24:00 in Shanghai of the nth working day after the day of notice (aware)."""
        day = self.add(day0, n) + _DAY
        return datetime.datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)

    def segments(self, day: datetime.date) -> tuple[tuple[int, int], ...]:
        """The business hours of a day as (from, to) minutes after midnight; () when off."""
        if not self.is_working(day):
            return ()
        place = bisect.bisect_right([start for start, _segments in self.hours], day)
        return self.hours[place - 1][1] if place else ()

    def minutes(self, start: datetime.datetime, end: datetime.datetime) -> Decimal:
        """Business minutes between two aware times; 0 when `end` is not later."""
        start, end = start.astimezone(SHANGHAI), end.astimezone(SHANGHAI)
        total, day = 0, start.date()
        while day <= end.date() and start < end:
            # Naive arithmetic is exact: Shanghai has had no summer time since 1991.
            midnight = datetime.datetime(day.year, day.month, day.day)  # noqa: DTZ001
            low = _microseconds(start.replace(tzinfo=None) - midnight)
            high = _microseconds(end.replace(tzinfo=None) - midnight)
            for opens, closes in self.segments(day):
                worked = min(high, closes * _MINUTE_US) - max(low, opens * _MINUTE_US)
                total += max(0, worked)
            day += _DAY
        return Decimal(total) / _MINUTE_US


def _microseconds(span: datetime.timedelta) -> int:
    return span // datetime.timedelta(microseconds=1)


def parse_segments(segments: Iterable[Iterable[str]]) -> tuple[tuple[int, int], ...]:
    """[["09:00","12:00"],…] as minutes; must be ordered, apart, inside 00:00-24:00."""
    parsed = tuple((_minutes(start), _minutes(end)) for start, end in segments)
    flat = [minute for pair in parsed for minute in pair]
    if flat != sorted(set(flat)):  # strictly increasing
        raise InvalidInput(_("Working hours must be in order and must not overlap."))
    return parsed


def _minutes(text: str) -> int:
    hours, _colon, minutes = text.partition(":")
    if not (hours.isdigit() and minutes.isdigit()) or int(minutes) > 59:
        raise InvalidInput(_("%(text)s is not a time of day.") % {"text": text})
    value = int(hours) * 60 + int(minutes)
    if value > 24 * 60:
        raise InvalidInput(_("%(text)s is not a time of day.") % {"text": text})
    return value


def extend_only(old: datetime.datetime, new: datetime.datetime) -> datetime.datetime:
    """A deadline after a calendar correction: it may become later, never earlier."""
    return max(old, new)


# --- seeding and correcting the table ----------------------------------------------------------


@lru_cache(maxsize=4)
def _seed(last_year: int) -> tuple[tuple[datetime.date, bool, str], ...]:
    import holidays  # slow to import, needed only to seed

    years = range(FIRST_YEAR - 1, last_year + 2)  # a year's rule may move days of the year before
    china = holidays.country_holidays("CN", years=years)
    rows = []
    day = datetime.date(FIRST_YEAR, 1, 1)
    while day.year <= last_year:
        # `day in china` is not "a day off": it misses weekends and make-up working days.
        working = CORRECTIONS.get(day, china.is_working_day(day))
        official = day.year <= OFFICIAL_THROUGH
        source = CalendarDay.Source.OFFICIAL if official else CalendarDay.Source.PROVISIONAL
        rows.append((day, working, source.value))
        day += _DAY
    return tuple(rows)


_INSERT = """INSERT INTO core_calendarday (day, is_working, source)
    SELECT * FROM unnest(%s::date[], %s::boolean[], %s::text[])
    ON CONFLICT (day) DO UPDATE SET is_working = excluded.is_working, source = excluded.source
    WHERE core_calendarday.source = 'provisional' AND excluded.source = 'official'"""


def ensure_calendar(*, today: datetime.date | None = None, **_signal: object) -> int:
    """Make the table reach from 2018 to next year; returns the number of rows written.

    One statement; nothing when the table is complete. Guesses give way to announced values,
    announced or corrected values stay.
    """
    last_year = max(LAST_YEAR, (today or timezone.localdate()).year + 1)
    rows = _seed(last_year)
    with transaction.atomic():
        guesses = CalendarDay.objects.filter(source=CalendarDay.Source.PROVISIONAL)
        stale = guesses.filter(day__year__lte=OFFICIAL_THROUGH).exists()
        written = 0
        if stale or CalendarDay.objects.count() < len(rows):
            with connection.cursor() as cursor:
                cursor.execute(_INSERT, [list(column) for column in zip(*rows, strict=True)])
                written = cursor.rowcount
        if not WorkingHours.objects.exists():
            WorkingHours.objects.get_or_create(
                effective_from=datetime.date(FIRST_YEAR, 1, 1),
                defaults={"segments": STANDARD_HOURS},
            )
    return written


@transaction.atomic
def correct_day(
    day: datetime.date, *, working: bool, actor: User | None, official: bool = True
) -> CalendarDay:
    """Set one day by hand (a new announcement). Stored deadlines: see extend_only()."""
    take(Lock.CALENDAR)
    row = CalendarDay.objects.select_for_update().filter(day=day).first()
    if row is None:
        raise InvalidInput(_("The calendar does not reach %(day)s.") % {"day": day.isoformat()})
    before = row.is_working
    row.is_working = working
    row.source = CalendarDay.Source.OFFICIAL if official else CalendarDay.Source.PROVISIONAL
    row.save(update_fields=["is_working", "source"])
    audit.record(actor, "calendar.corrected", row, before=before, after=working)
    return row


@transaction.atomic
def set_hours(
    effective_from: datetime.date, segments: list[list[str]], *, actor: User | None
) -> WorkingHours:
    """A new version of the working hours from a date on; earlier days keep theirs."""
    take(Lock.CALENDAR)
    parse_segments(segments)
    row, created = WorkingHours.objects.get_or_create(
        effective_from=effective_from, defaults={"segments": segments}
    )
    if not created:
        raise InvalidInput(
            _("Working hours from %(day)s exist already.") % {"day": effective_from.isoformat()}
        )
    audit.record(actor, "working_hours.set", row, segments=segments)
    return row
