"""Sending one mail of many: what goes wrong with one is noted on it and stops no other."""

import logging
import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum

from django.core.mail import EmailMessage
from django.db import Error as DatabaseError

logger = logging.getLogger(__name__)

MAX_FAILURES = 8  # with the waits below about a day and a half
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=12)


class Outcome(Enum):
    SENT = "sent"
    FAILED = "failed"  # this one: the others may go out
    ILL = "ill"  # the mail server: none would go out now


# What a mail server says about one mail; all else it says is about itself.
_OWN_FAULTS = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPNotSupportedError,
)


def deliver(make: Callable[[], EmailMessage], called: str) -> Outcome:
    """Put a mail together and send it. Whatever goes wrong is logged under `called`, without the
    words of the error, which may hold an address; only the database's errors are raised."""
    try:
        make().send()
    except DatabaseError:
        raise
    except Exception as error:
        logger.warning("%s was not mailed: %s", called, type(error).__name__)
        server = isinstance(error, OSError) and not isinstance(error, _OWN_FAULTS)
        return Outcome.ILL if server else Outcome.FAILED
    return Outcome.SENT


def next_try(failures: int, now: datetime) -> datetime | None:
    """When a mail that failed so many times is tried again: after 5 minutes, then three times as
    long each time, at most 12 hours; None: never again."""
    if failures >= MAX_FAILURES:
        return None
    return now + min(_FIRST_WAIT * int(3 ** (failures - 1)), _LONGEST_WAIT)
