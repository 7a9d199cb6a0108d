"""Pages of refusals and accidents: calm, in both languages, with the right status."""

from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.cache import cache
from django.template.loader import render_to_string
from django.test import Client

from organization.services import create_user


def text(answer):
    return answer.content.decode()


def test_a_page_that_is_not_there(login):
    answer = login("E4").get("/nothing/here/")
    assert answer.status_code == 404
    assert "There is no such page, or it is not for you." in text(answer)


def test_a_refused_verb_says_why_and_that_nothing_was_stored(login):
    answer = login("E4").post("/settings/clients/", {"name": "x"})
    assert answer.status_code == 403
    assert "This needs one of these roles: administrator." in text(answer)
    assert "Nothing you sent was stored." in text(answer)


def test_too_large_a_form_is_told_its_limit(login, settings):
    browser = login("E4")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1024**2
    strict = Client(headers={"accept-language": "en"}, enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    answer = strict.post("/language/", {"language": "x" * (1024**2 + 1)})
    assert answer.status_code == 413
    assert "A form may be 1 MB" in text(answer)


def test_a_form_without_its_token_may_be_sent_again(db):
    strict = Client(headers={"accept-language": "zh-hans"}, enforce_csrf_checks=True)
    answer = strict.post("/login/", {"login": "a", "password": "b"})
    assert answer.status_code == 403
    assert "请重试" in text(answer)


def test_too_many_attempts_have_a_page(db, people):
    cache.clear()
    create_user("E4", roles=[], actor=people)
    visitor = Client(headers={"accept-language": "en"}, REMOTE_ADDR="10.9.9.9")
    answers = [visitor.post("/password/reset/", {"email": f"{n}@x.com"}) for n in range(21)]
    assert [answer.status_code for answer in answers[-2:]] == [302, 429]
    assert "Too many attempts" in text(answers[-1])
    cache.clear()


def test_behind_a_proxy_each_visitor_is_counted_alone(db, settings):
    cache.clear()
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    proxy = Client(REMOTE_ADDR="10.0.0.1")

    def ask(address, number):
        return proxy.post(
            "/password/reset/",
            {"email": f"{number}@x.com"},
            headers={"x-forwarded-for": f"1.1.1.1, {address}"},
        ).status_code

    assert [ask("7.7.7.7", number) for number in range(21)][-1] == 429
    assert ask("8.8.8.8", 99) == 302
    cache.clear()


@pytest.mark.parametrize("word", ["出了点问题", "Something went wrong"])
def test_the_page_of_an_accident_needs_nothing_and_speaks_both(word):
    page = render_to_string("500.html")
    assert word in page
    assert "{%" not in page
    assert "<script" not in page
    for name in ("tokens.css", "plain.css"):
        assert f"/static/css/{name}" in page
        assert (Path(configured.BASE_DIR) / "static" / "css" / name).is_file()
