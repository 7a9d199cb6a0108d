"""How often a customer may be asked. Plain arithmetic; the rules limit sending only: an answer
that comes anyway is an answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import Enum, auto

DAYS_BETWEEN = 30
MOST_A_YEAR = 4
MOST_REMINDERS = 2
YEAR = timedelta(days=365)


class TooOften(Enum):
    RECENTLY = auto()
    THIS_YEAR = auto()


class LeaveAlone(Enum):
    """The customer asked never to be surveyed."""

    REFUSED = auto()


def invitation_refused(invited_on: Iterable[date], on: date) -> TooOften | None:
    """Why a customer invited on these days may not be invited on `on`; None: they may.

    One invitation in 30 days: after one on day D the next is possible on D + 30. Four in the 365
    days that end on `on`. Both directions count, so that a plan made ahead is respected too.
    """
    days = list(invited_on)
    if any(abs((on - day).days) < DAYS_BETWEEN for day in days):
        return TooOften.RECENTLY
    if sum(on - YEAR < day <= on for day in days) >= MOST_A_YEAR:
        return TooOften.THIS_YEAR
    return None
