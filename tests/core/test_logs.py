"""Log lines: whose they are, and what is never in them."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import path

from core import logs


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("GET /s/" + "a" * 43 + "/", "GET /s/…/"),
        ("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer …"),
        ("call 13812345678 or mail wang.xm@example.com", "call 1… or mail …@…"),
        ("call +8613812345678, 0086 138-1234-5678 now", "call 1…, 1… now"),
        ("138 1234 5678/139-8765-4321", "1…/1…"),
        ("hotline 021-5888 1234 or (0755) 12345678", "hotline 021-5888 1234 or 0…"),
        ("desk 021-58881234, 0571 8888888", "desk 0…, 0…"),
        (
            "2026-11-27 03:15:00 in 0.012345678 s, #1381234567",
            "2026-11-27 03:15:00 in 0.012345678 s, #1381234567",
        ),
        ("order 202611261234567 of 5 rows", "order 202611261234567 of 5 rows"),
    ],
)
def test_secrets_and_contacts_are_cut_out(text: str, kept: str) -> None:
    assert logs.redacted(text) == kept


def _record(message: str, *, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("app", logging.ERROR, "file", 1, message, (), info)
    logs.Context().filter(record)
    return record


def test_a_line_names_its_job_and_hides_what_an_error_says() -> None:
    try:
        raise ValueError("no such person: li.lei@example.com")
    except ValueError as error:
        with logs.working_on(7):
            line = logs.Line().format(_record("broken", error=error))
    assert "[- 7]: broken" in line
    assert "ValueError: no such person: …@…" in line


def test_json_is_one_object_with_the_same_facts() -> None:
    with logs.working_on(7):
        found = json.loads(logs.Json().format(_record("给 13812345678 的答卷")))
    assert found.pop("time")
    assert found == {
        **{"level": "ERROR", "logger": "app", "request": "-", "job": "7"},
        "message": "给 1… 的答卷",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "kept"), [("proxy-0123456789", True), ("a b", False), ("x" * 65, False), ("", False)]
)
def test_the_number_of_a_request_is_the_proxys_if_sane(
    client: Client, sent: str, kept: bool
) -> None:
    number = client.get("/healthz", headers={"x-request-id": sent})["X-Request-ID"]
    assert (number == sent) is kept
    assert len(number) >= 8
    assert logs.request_number() == logs.NOBODY


@pytest.mark.django_db
def test_a_request_is_one_line_without_its_address(client: Client, caplog: Any) -> None:
    caplog.set_level("INFO", "hengping.request")
    client.get("/s/" + "b" * 43 + "/")
    client.get("/healthz")
    lines = [one.getMessage() for one in caplog.records if one.name == "hengping.request"]
    assert len(lines) == 1
    assert lines[0].startswith("GET answer 404 ")


@pytest.mark.django_db
def test_a_refusal_that_django_tells_of_later_has_its_number(client: Client, caplog: Any) -> None:
    caplog.handler.addFilter(logs.Context())
    caplog.handler.setFormatter(logs.Line())
    client.get("/nothing-here/", headers={"x-request-id": "number-of-the-proxy"})
    assert "[number-of-the-proxy -]: Not Found: /nothing-here/" in caplog.text


def _crash(request: Any) -> None:
    raise RuntimeError("token Bearer abcdefgh12345678")


urlpatterns = [path("crash/", _crash, name="crash")]
handler500 = "dashboards.views.errors.failed"


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=["core.logs.Numbered"])
def test_a_crash_is_logged_with_the_number_the_page_shows(caplog: Any) -> None:
    caplog.handler.setFormatter(logs.Line())
    caplog.handler.addFilter(logs.Context())
    client = Client(raise_request_exception=False)
    answer = client.get("/crash/", headers={"x-request-id": "number-of-the-proxy"})
    assert answer.status_code == 500
    assert "<code>number-of-the-proxy</code>" in answer.content.decode()
    assert "[number-of-the-proxy -]: Internal Server Error: /crash/" in caplog.text
    assert "abcdefgh12345678" not in caplog.text
