"""Payroll months, written 2025-11 and stored as their first day."""

import re
from datetime import date, timedelta

from django.utils.translation import gettext as _

from core.errors import InvalidInput


def first_of_month(text: str) -> date:
    """`2025-11` as its first day. Raises InvalidInput."""
    found = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text)
    if found is None or int(found[1]) == 0:
        raise InvalidInput(_("%(text)s is not a month; write it as 2025-11.") % {"text": text})
    return date(int(found[1]), int(found[2]), 1)


def last_of_month(month: date) -> date:
    """The last day of the month that begins on this day."""
    return (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
