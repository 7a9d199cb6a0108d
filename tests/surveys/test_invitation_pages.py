"""/surveys/<code>/invitations/: looking records nothing, links are shown once."""

import re
from datetime import date, datetime, time

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from core.models import User
from organization.models import Employee
from surveys.collection.queries.links import State, opened
from surveys.models import Invitation
from tests.surveys.collecting import NOW, event_of, executor

URL = "/surveys/MARCH/invitations/"
DAYS = {"first": "2026-03-09", "last": "2026-03-09", "language": "en", "valid_days": "10"}


@pytest.fixture(autouse=True)
def ten_o_clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def browser(world):
    client = Client(headers={"accept-language": "en"})
    user = executor()
    User.objects.filter(pk=user.pk).update(language="en")
    client.force_login(user)
    return client


def tokens(answer):
    return re.findall(r"/s/([\w-]{43})/", answer.content.decode())


def test_looking_says_who_and_why_and_stores_nothing(world, browser):
    event_of(world, 1)
    event_of(world, 2)
    world.event("V3", "E3", customer="C1")
    page = browser.get(URL, {**DAYS, "channel": "sms"}).content.decode()
    assert "2 customers would be invited" in page
    assert "Not invited, of 3 services" in page
    assert "is invited for a later service" in page
    assert not Invitation.objects.exists()


def test_links_are_shown_once_and_the_list_never_shows_them(world, browser):
    event_of(world, 1)
    made = browser.post(URL + "create/", {**DAYS, "channel": "sms"})
    (token,) = tokens(made)
    assert made.headers["Cache-Control"] == "no-store, private"
    assert opened(token, NOW).state is State.READY
    listed = browser.get(URL).content.decode()
    assert "V1" in listed
    assert "waiting" in listed
    assert token not in listed
    pk = Invitation.objects.get().pk
    (fresh,) = tokens(browser.post(f"{URL}{pk}/reissue/"))
    assert opened(token, NOW).state is State.REVOKED
    assert browser.post(f"{URL}{pk}/revoke/").status_code == 302
    assert opened(fresh, NOW).state is State.REVOKED
    assert "V1" in browser.get(URL, {"state": "revoked"}).content.decode()
    assert "No invitations here" in browser.get(URL, {"state": "answered"}).content.decode()


@pytest.mark.parametrize(
    ("language", "day"), [("en", "20 Mar 2026"), ("zh-hans", "2026 年 3 月 20 日")]
)
def test_the_last_valid_day_is_shown(world, browser, ten_o_clock, language, day):
    """Ten days from the tenth: the link works to 24:00 of the twentieth."""
    event_of(world, 1)
    User.objects.update(language=language)
    browser.cookies["django_language"] = language
    made = browser.post(URL + "create/", {**DAYS, "channel": "sms"})
    assert day in made.content.decode()
    assert day in browser.get(URL).content.decode()
    (token,) = tokens(made)
    ten_o_clock.move_to(datetime.combine(date(2026, 3, 20), time(23, 59), NOW.tzinfo))
    assert opened(token, timezone.now()).state is State.READY
    ten_o_clock.move_to(datetime.combine(date(2026, 3, 21), time(), NOW.tzinfo))
    customer = Client(headers={"accept-language": language})
    customer.cookies["django_language"] = language
    page = customer.get(f"/s/{token}/").content.decode()
    assert day in page
    assert "00:00" not in page


def test_links_as_a_file(world, browser):
    event_of(world, 1)
    made = browser.post(URL + "create/", {**DAYS, "channel": "sms", "as": "csv"})
    assert made.headers["Content-Type"] == "text/csv; charset=utf-8"
    header, row = made.content.decode("utf-8-sig").splitlines()
    assert header == "event_no,customer_no,link,valid_until"
    (token,) = tokens(made)
    assert row == f"V1,C1,http://testserver/s/{token}/,2026-03-20"


def test_codes_and_posters_to_print(world, browser):
    event_of(world, 1)
    sheet = browser.post(URL + "create/", {**DAYS, "channel": "qr"}).content.decode()
    assert sheet.count('src="data:image/svg+xml') == 1
    assert "Scan to answer" in sheet
    poster = browser.post(URL + "poster/", {"language": "zh-hans", "department": ""})
    assert "请用手机扫码作答" in poster.content.decode()
    assert "style=" not in sheet


def test_mails_are_announced(world, browser):
    event_of(world, 1)
    page = browser.post(URL + "create/", {**DAYS, "channel": "email"}, follow=True)
    assert "1 invitation goes out by e-mail within minutes." in page.content.decode()
    assert Invitation.objects.get().mail_due


def test_days_that_make_no_sense_come_back(world, browser):
    wrong = {**DAYS, "last": "2026-03-01", "channel": "email"}
    answer = browser.post(URL + "create/", wrong)
    assert answer.status_code == 422
    assert "The last day lies before the first." in answer.content.decode()


def test_other_roles_are_refused_with_the_reason(world, outsider):
    client = Client(headers={"accept-language": "en"})
    User.objects.filter(pk=outsider.pk).update(language="en")
    client.force_login(outsider)
    event_of(world, 1)
    for path in ("create/", "poster/", "remind/"):
        answer = client.post(URL + path, {**DAYS, "channel": "sms"})
        assert answer.status_code == 403
        assert "survey executor" in answer.content.decode()
    assert client.get(URL).status_code == 403
    assert client.get("/surveys/NONE/invitations/").status_code == 404
    assert not Invitation.objects.exists()


def test_who_served_sees_the_button_explained_and_is_refused(world, browser):
    event_of(world, 1)
    Employee.objects.filter(employee_no="E1").update(user=User.objects.get(username="exec"))
    page = browser.get(URL, {**DAYS, "channel": "sms"}).content.decode()
    assert "Somebody else must invite for these days." in page
    answer = browser.post(URL + "create/", {**DAYS, "channel": "sms"})
    assert answer.status_code == 403
    assert not Invitation.objects.exists()


def test_the_list_costs_the_same_with_many_rows(world, browser, django_assert_max_num_queries):
    for number in range(1, 40):
        event_of(world, number)
    browser.post(URL + "create/", {**DAYS, "channel": "sms"})
    with django_assert_max_num_queries(25):
        page = browser.get(URL, {**DAYS, "channel": "sms", "page": "2"}).content.decode()
    assert "26–39, 39 in all" in page


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_days_at_the_ends_of_the_calendar_find_nobody(world, browser, day):
    event_of(world, 1)
    asked = {**DAYS, "channel": "sms", "first": day, "last": day}
    assert browser.get(URL, asked).status_code == 200
    posted = browser.post(URL + "create/", asked)
    assert posted.status_code == 302
    assert not Invitation.objects.exists()
