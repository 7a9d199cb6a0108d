"""The working calendar, corrected by a named person with a reason."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit, workdays
from core.errors import InvalidInput
from core.models import CalendarDay, User, WorkingHours
from core.permissions import require
from organization.permissions import may_correct_calendar


@transaction.atomic
def correct_calendar(
    day: date, *, working: bool, official: bool, reason: str, actor: User
) -> CalendarDay:
    """Say whether people work on a day. Deadlines that run can only become longer by it."""
    require(may_correct_calendar(actor))
    if not reason.strip():
        raise InvalidInput(_("A correction of the calendar needs a reason."))
    row = workdays.correct_day(day, working=working, official=official, actor=actor)
    audit.record(actor, "calendar.reason_given", row, reason=reason.strip())
    return row


@transaction.atomic
def set_working_hours(
    effective_from: date, segments: list[list[str]], *, actor: User
) -> WorkingHours:
    """Working hours from a date on; days before keep theirs."""
    require(may_correct_calendar(actor))
    return workdays.set_hours(effective_from, segments, actor=actor)
