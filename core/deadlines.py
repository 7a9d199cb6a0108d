"""A deadline as people read it: how many working days are left, and the day it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.workdays import Calendar


def last_day(end: datetime) -> date:
    """The last whole day before a moment that ends something: people look for that day, and not
    for 00:00 of the next one."""
    return timezone.localdate(end - timedelta(seconds=1))


@dataclass(frozen=True)
class Deadline:
    """`day` is the last day (it ends at 24:00), `left` the working days from today to it, today
    included where it is one; negative: working days late."""

    day: date
    left: int
    late: bool

    @property
    def tone(self) -> str:
        """Grey, amber on the last day, vermilion when late."""
        return "r" if self.late else "w" if self.left <= 1 else ""

    @property
    def words(self) -> str:
        if self.late:
            return ngettext(
                "late by %(days)d working day", "late by %(days)d working days", self.left
            ) % {"days": self.left}
        if self.left <= 1:
            return _("last day")
        return ngettext("%(days)d working day left", "%(days)d working days left", self.left) % {
            "days": self.left
        }


def deadline(day: date, *, today: date, calendar: Calendar) -> Deadline:
    """What is left of a deadline that ends with `day`, seen from `today`."""
    if today > day:
        return Deadline(day, calendar.count(day + timedelta(days=1), today), late=True)
    return Deadline(day, calendar.count(today, day), late=False)
