"""Roster import, the working calendar."""

from django.urls import URLPattern, path

from organization.views import calendar, imports

urlpatterns: list[URLPattern] = [
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/correct/", calendar.calendar_correct, name="calendar_correct"),
    path("calendar/hours/", calendar.calendar_hours, name="calendar_hours"),
    path("roster/", imports.roster_import, name="roster_import"),
    path("roster/preview/", imports.roster_preview, name="roster_preview"),
    path("roster/confirm/", imports.roster_confirm, name="roster_confirm"),
    path(
        "roster/template/<slug:name>.<slug:kind>", imports.roster_template, name="roster_template"
    ),
]
