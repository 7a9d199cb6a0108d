"""Login, second factor, password reset, language; and that no page needs inline scripts."""

import re

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.cache import cache
from django.test import Client

from core.models import AuditEntry, User
from organization.services import create_user
from tests.conftest import NEEDS_SECOND_FACTOR
from tests.dashboards.conftest import PASSWORD


def text(answer):
    return answer.content.decode()


@pytest.fixture(autouse=True)
def _no_failures_yet(db):
    cache.clear()


def test_home_needs_a_login_and_comes_back_to_it(browser, db):
    answer = browser.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login/?next=/")


def test_home_says_who_you_are_and_your_roles(login):
    browser = login("E4", "handler")
    page = text(browser.get("/"))
    assert "毛嘉树" in page
    assert "Riverside" in page
    assert "employee, complaint handler" in page
    assert "Nothing waits for you." in page


def test_a_wrong_password_says_so_and_keeps_the_name(people, browser):
    create_user("E4", roles=["employee"], password=PASSWORD, actor=people)
    answer = browser.post("/login/", {"login": "E4", "password": "wrong"})
    assert answer.status_code == 200
    assert "not correct" in text(answer)
    assert 'value="E4"' in text(answer)


def test_failures_are_counted_and_then_even_the_right_password_waits(people, browser):
    create_user("E4", roles=["employee"], password=PASSWORD, actor=people)
    for _attempt in range(5):
        browser.post("/login/", {"login": "E4", "password": "wrong"})
    answer = browser.post("/login/", {"login": "E4", "password": PASSWORD})
    assert answer.status_code == 200
    assert "Too many failed login attempts" in text(answer)


def test_the_session_gets_a_new_key_at_login(people, browser):
    browser.get("/login/")
    session = browser.session
    session["before"] = True
    session.save()
    before = session.session_key
    create_user("E4", roles=["employee"], password=PASSWORD, actor=people)
    browser.cookies["sessionid"] = before
    browser.post("/login/", {"login": "E4", "password": PASSWORD})
    assert browser.session.session_key != before


def test_an_inactive_account_stays_out(people, browser):
    user = create_user("E4", roles=["employee"], password=PASSWORD, actor=people)
    User.objects.filter(pk=user.pk).update(is_active=False)
    browser.post("/login/", {"login": "E4", "password": PASSWORD})
    assert browser.get("/").status_code == 302


def test_nobody_signs_up(browser, db):
    answer = browser.post(
        "/signup/", {"username": "x", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert "made by the administration" in text(answer)
    assert not User.objects.filter(username="x").exists()


def test_logging_out_takes_a_post(login):
    browser = login("E4")
    assert browser.get("/logout/").status_code == 200
    assert browser.get("/").status_code == 200
    browser.post("/logout/")
    assert browser.get("/").status_code == 302


@pytest.mark.parametrize("role", ["hr", "group", "assessment", "admin"])
def test_who_sees_pay_or_decides_needs_a_second_factor_first(login, role, settings):
    settings.SECOND_FACTOR_ROLES = NEEDS_SECOND_FACTOR
    browser = login("E5", role)
    answer = browser.get("/", follow=True)
    ways = [path for path, _status in answer.redirect_chain]
    assert ways == ["/mfa/totp/activate/", "/reauthenticate/?next=%2Fmfa%2Ftotp%2Factivate%2F"]
    assert "confirm that it is you" in text(answer)


def test_the_second_factor_is_set_up_asked_for_and_lets_in(login, settings):
    settings.SECOND_FACTOR_ROLES = NEEDS_SECOND_FACTOR
    browser = login("E5", "hr")
    browser.post("/reauthenticate/", {"password": PASSWORD})
    page = text(browser.get("/mfa/totp/activate/"))
    secret = re.search(r"<code>([A-Z2-7]{16,})</code>", page)[1]
    browser.post("/mfa/totp/activate/", {"code": code(secret)})
    assert browser.get("/").status_code == 200
    other = Client(headers={"accept-language": "en"})
    answer = other.post("/login/", {"login": "E5", "password": PASSWORD})
    assert answer.headers["Location"] == "/mfa/authenticate/"
    assert other.get("/").status_code == 302
    cache.clear()  # a code may be used once; here the same half minute is used twice
    other.post("/mfa/authenticate/", {"code": code(secret)})
    assert other.get("/").status_code == 200


def code(secret):
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def test_a_lost_password_is_set_anew_by_a_link_that_works_once(people, browser):
    create_user("E1", roles=["employee"], employee_no="E1", password=PASSWORD, actor=people)
    browser.post("/password/reset/", {"email": "e1@example.com"})
    assert [message.to for message in mail.outbox] == [["e1@example.com"]]
    assert "asked for a new password of the account E1" in mail.outbox[0].body
    link = re.search(r"http://testserver(/password/reset/key/\S+)", mail.outbox[0].body)[1]
    form = browser.get(link, follow=True).redirect_chain[-1][0]
    new = "another good pass phrase"
    browser.post(form, {"password1": new, "password2": new})
    assert User.objects.get(username="E1").check_password(new)
    assert AuditEntry.objects.filter(verb="user.password_changed", channel="web").count() == 1
    again = Client(headers={"accept-language": "en"})
    assert "no longer works" in text(again.get(link, follow=True))


def test_the_answer_to_a_reset_does_not_tell_who_has_an_account(people, browser):
    browser.post("/password/reset/", {"email": "nobody@example.com"})
    assert "no account has it" in mail.outbox[0].body
    assert browser.get("/password/reset/done/").status_code == 200


def test_pages_come_in_chinese_unless_the_browser_or_the_person_chose(db, login):
    assert 'lang="zh-CN"' in text(Client().get("/login/"))
    browser = login("E4")
    assert 'lang="en"' in text(browser.get("/"))
    answer = browser.post("/language/", {"language": "zh-hans", "next": "/"})
    assert answer.headers["Location"] == "/"
    assert 'lang="zh-CN"' in text(browser.get("/"))
    assert User.objects.get(username="E4").language == "zh-hans"


def test_the_chosen_language_follows_the_person_to_another_browser(login):
    login("E4").post("/language/", {"language": "en", "next": "/"})
    other = Client(headers={"accept-language": "zh-CN"})
    other.post("/login/", {"login": "E4", "password": PASSWORD})
    assert 'lang="en"' in text(other.get("/"))


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", ""])
def test_the_language_switch_stays_on_this_site(browser, db, target):
    answer = browser.post("/language/", {"language": "en", "next": target})
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize(
    "path",
    [
        "/login/",
        "/signup/",
        "/inactive/",
        "/password/reset/",
        "/password/reset/done/",
        "/password/reset/key/1-gone/",
        "/password/reset/key/done/",
        "/no-such-page/",
    ],
)
def test_open_pages_are_whole_and_free_of_inline_code(browser, db, path):
    inspect(browser.get(path, follow=True))


@pytest.mark.parametrize(
    "path",
    ["/", "/mfa/", "/mfa/totp/activate/", "/password/change/", "/logout/", "/reauthenticate/"],
)
def test_pages_after_login_are_whole_and_free_of_inline_code(login, path):
    inspect(login("E4").get(path, follow=True))


def inspect(answer):
    page = text(answer)
    assert page.count("<h1>") == 1
    assert "<title>" in page
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", page)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_demo_accounts_stand_on_the_login_page_in_demo_mode_only(people, browser, settings):
    create_user("E0001", roles=["group"], password=PASSWORD, actor=people)
    assert "E0001" not in text(browser.get("/login/"))
    settings.DEMO_MODE = True
    page = text(browser.get("/login/"))
    assert "E0001" in page
    assert "E0014" not in page  # not seeded here
    assert "an invented company" in page
