"""What the text of a cell means; a ValueError says in a plain sentence why it cannot be read."""

import datetime
import re
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_DECIMAL = re.compile(
    r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?"
)
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}(?:\.0+)?")


def parse_date(text: str) -> datetime.date:
    """A day, ISO 8601 (2026-03-31); a date-time at midnight counts as its day."""
    match = _DATE.fullmatch(text.strip())
    try:
        if match is not None:
            return datetime.date.fromisoformat(match[1])
    except ValueError:
        pass  # such as 2026-02-30: refused below in our own words
    raise ValueError(_("%(text)r is not a date like 2026-03-31") % {"text": text})


def parse_datetime(text: str) -> datetime.datetime:
    """A moment, ISO 8601, aware: without an offset it is Shanghai time; a day is its 00:00."""
    try:
        if _DATETIME.fullmatch(text.strip()):
            value = datetime.datetime.fromisoformat(text.strip())
            return value if value.tzinfo else value.replace(tzinfo=_SHANGHAI)
    except ValueError:
        pass  # such as 25:00: refused below in our own words
    raise ValueError(_("%(text)r is not a time like 2026-03-31T09:30") % {"text": text})


def parse_decimal(text: str) -> Decimal:
    """An exact number with a decimal point and no thousands separator."""
    if not _DECIMAL.fullmatch(text.strip()):
        raise ValueError(_("%(text)r is not a number") % {"text": text})
    return Decimal(text.strip())


def parse_int(text: str) -> int:
    """A whole number."""
    if not _INTEGER.fullmatch(text.strip()):
        raise ValueError(_("%(text)r is not a whole number") % {"text": text})
    return int(text.strip().partition(".")[0])
