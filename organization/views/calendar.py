"""The working calendar of a year, its corrections, the working hours."""

from __future__ import annotations

import calendar as months
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import InvalidInput
from core.models import CalendarDay, User, WorkingHours
from core.permissions import require
from organization import services
from organization.forms import CalendarCorrection, Hours
from organization.permissions import may_correct_calendar


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Twelve months with working days and days off."""
    require(may_correct_calendar(_user(request)))
    today = timezone.localdate()
    asked = request.GET.get("year", "")
    plain = asked.isascii() and asked.isdigit() and len(asked) == 4 and asked != "0000"
    year = int(asked) if plain else today.year
    day = request.GET.get("day") or today
    form = CalendarCorrection(initial={"day": day, "working": "yes", "official": True})
    return render(request, "organization/calendar.html", _context(year, form, Hours()))


@require_POST
def calendar_correct(request: HttpRequest) -> HttpResponse:
    """Correct one day, with the reason."""
    user = _user(request)
    require(may_correct_calendar(user))
    form = CalendarCorrection(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            row = services.correct_calendar(
                data["day"],
                working=data["working"] == "yes",
                official=data["official"],
                reason=data["reason"],
                actor=user,
            )
        except InvalidInput as error:
            form.add_error("day", str(error))
        else:
            messages.success(
                request, _("%(day)s is corrected.") % {"day": formats.date_format(row.day)}
            )
            return redirect(_of_year(row.day.year))
    day = form.cleaned_data.get("day")
    year = day.year if day else timezone.localdate().year
    context = _context(year, form, Hours())
    return render(request, "organization/calendar.html", context, status=422)


@require_POST
def calendar_hours(request: HttpRequest) -> HttpResponse:
    """Working hours from a date on; days before keep theirs."""
    user = _user(request)
    require(may_correct_calendar(user))
    form = Hours(request.POST)
    if form.is_valid():
        try:
            row = services.set_working_hours(
                form.cleaned_data["effective_from"], form.segments(), actor=user
            )
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The new working hours are stored."))
            return redirect(_of_year(row.effective_from.year))
    context = _context(timezone.localdate().year, CalendarCorrection(), form)
    return render(request, "organization/calendar.html", context, status=422)


def _of_year(year: int) -> str:
    return f"{reverse('calendar')}?year={year}"


def _context(year: int, form: CalendarCorrection, hours: Hours) -> dict[str, Any]:
    rows = {row.day: row for row in CalendarDay.objects.filter(day__year=year)}
    years = CalendarDay.objects.dates("day", "year")
    sources = {row.source for row in rows.values()}
    return {
        "year": year,
        "years": [one.year for one in years],
        "grid": [_month(year, number, rows) for number in range(1, 13)] if rows else [],
        "provisional": CalendarDay.Source.PROVISIONAL in sources,
        "working_days": sum(row.is_working for row in rows.values()),
        "form": form,
        "hours_form": hours,
        "hours": WorkingHours.objects.order_by("-effective_from"),
        "today": timezone.localdate(),
    }


def _month(year: int, number: int, rows: dict[date, CalendarDay]) -> dict[str, Any]:
    """One month: its weeks of days, each a CalendarDay or None; a make-up day works on a weekend,
    a holiday is off on a weekday."""
    weeks = [
        [
            {
                "day": day,
                "row": rows.get(day),
                "unusual": day in rows and rows[day].is_working == (day.weekday() >= 5),
            }
            if day.month == number
            else None
            for day in week
        ]
        for week in months.Calendar().monthdatescalendar(year, number)
    ]
    first = date(year, number, 1)
    working = sum(
        row.is_working for day, row in rows.items() if day.month == number and day.year == year
    )
    return {"first": first, "weeks": weeks, "working": working}


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]
