"""The working calendar in a browser: a year at a glance, corrected with a reason by HR."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from core.models import AuditEntry, CalendarDay, User, WorkingHours
from organization.services import assign_role

CORRECTION = {"day": "2027-10-08", "working": "no", "official": "on", "reason": "paper of 2026"}


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = []


@pytest.fixture
def hr(company: User, person: Any) -> Client:
    user = person("E5")
    assign_role(user, "hr", actor=None)
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_year_with_its_working_days(hr: Client) -> None:
    page = text(hr.get("/calendar/?year=2026"))
    assert "248 working days in 2026" in page
    assert "official" in page
    assert "A correction never shortens a deadline that runs already" in page
    assert "provisional" in text(hr.get("/calendar/?year=2027"))
    assert "The calendar does not reach this year" in text(hr.get("/calendar/?year=2099"))


def test_a_correction_needs_a_reason_and_is_kept(hr: Client) -> None:
    refused = hr.post("/calendar/correct/", CORRECTION | {"reason": ""})
    assert refused.status_code == 422
    assert CalendarDay.objects.get(day=date(2027, 10, 8)).source == "provisional"
    answer = hr.post("/calendar/correct/", CORRECTION)
    assert answer.headers["location"] == "/calendar/?year=2027"
    row = CalendarDay.objects.get(day=date(2027, 10, 8))
    assert (row.is_working, row.source) == (False, "official")
    kept = AuditEntry.objects.get(verb="calendar.reason_given").data
    assert kept == {"reason": "paper of 2026"}


def test_a_day_outside_the_calendar_is_refused(hr: Client) -> None:
    answer = hr.post("/calendar/correct/", CORRECTION | {"day": "2099-01-01"})
    assert answer.status_code == 422
    assert "The calendar does not reach 2099-01-01." in text(answer)
    assert not AuditEntry.objects.filter(verb="calendar.reason_given").exists()


def test_new_hours_hold_from_a_day_on(hr: Client) -> None:
    hours = {"effective_from": "2027-01-01", "morning": "08:30-12:00", "afternoon": "13:00–17:30"}
    assert hr.post("/calendar/hours/", hours | {"morning": "soon"}).status_code == 422
    assert hr.post("/calendar/hours/", hours | {"morning": "14:00-15:00"}).status_code == 422
    assert hr.post("/calendar/hours/", hours).status_code == 302
    row = WorkingHours.objects.get(effective_from=date(2027, 1, 1))
    assert row.segments == [["08:30", "12:00"], ["13:00", "17:30"]]
    assert hr.post("/calendar/hours/", hours).status_code == 422


def test_who_may_not(company: User, person: Any) -> None:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(person("E3"))
    for answer in (client.get("/calendar/"), client.post("/calendar/correct/", CORRECTION)):
        assert answer.status_code == 403
        assert "This needs one of these roles: HR, administrator." in text(answer)
    assert CalendarDay.objects.get(day=date(2027, 10, 8)).source == "provisional"
