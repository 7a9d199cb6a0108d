"""What nginx says itself: in both languages, in the look of the product, and to the API in JSON."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import re
from collections.abc import Iterator, Mapping

import pytest

from tests.hostile import front
from tests.hostile.front import Front, dawdling

OFFICE = "127.0.0.9"  # an address of its own, so that what is counted is only what is meant


@pytest.fixture(scope="module")
def deserted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """nginx, and no web server behind it."""
    with front.proxy(tmp_path_factory.mktemp("deserted"), front.free_port()) as found:
        yield found


def ask(
    port: int, method: str, path: str, headers: Mapping[str, str] | None = None
) -> tuple[int, http.client.HTTPMessage, str]:
    connection = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=front.PATIENCE, source_address=(OFFICE, 0)
    )
    try:
        connection.request(method, path, headers=dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def check_page(headers: http.client.HTTPMessage, page: str, chinese: str, english: str) -> None:
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert page.startswith('<!doctype html><html lang="zh-Hans">')
    assert f"<h1>{chinese}</h1>" in page
    assert f'<div lang="en"><h2>{english}</h2>' in page
    assert page.endswith("</div></main></body></html>")
    assert "nginx" not in page
    # In one piece: nothing else is fetched, and the one style is the one its policy names.
    assert re.findall(r"(?:src|href)=\"([^\"]*)\"", page) in ([], ["", ""])
    assert not re.search(r"url\(|@import|<script|style=", page)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = headers["Content-Security-Policy"]
    assert policy.split("; ")[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]
    assert "unsafe" not in policy


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/", "/s/" + "N" * 43 + "/", "/roster/preview/"])
def test_without_a_web_server_people_read_when_to_come_back(
    deserted: Front, method: str, path: str
) -> None:
    status, headers, page = ask(deserted.port, method, path)
    assert (status, headers["Retry-After"]) == (502, "10")
    check_page(headers, page, "系统暂时无法访问", "Not reachable for a moment")


def test_without_a_web_server_the_api_hears_it_in_json(deserted: Front) -> None:
    status, headers, text = ask(deserted.port, "POST", "/api/v1/responses/")
    assert (status, headers["Content-Type"]) == (502, "application/json")
    assert headers["Retry-After"] == "10"
    assert json.loads(text)["code"] == "unavailable"


@pytest.mark.parametrize("path", ["/login/", "/roster/preview/", "/my/appeals/AP-1/"])
def test_what_is_too_large_is_told_with_what_to_do(deserted: Front, path: str) -> None:
    size = {"Content-Length": str(64 * 1024**2 + 1)}
    status, headers, page = ask(deserted.port, "POST", path, size)
    assert (status, headers["Retry-After"]) == (413, None)
    check_page(headers, page, "一次发送的内容太大", "That was too much at once")


def test_who_has_too_many_connections_is_told_to_wait(deserted: Front) -> None:
    with dawdling(deserted.port, source=OFFICE, body=100):
        status, headers, page = ask(deserted.port, "GET", "/login/")
    assert (status, headers["Retry-After"]) == (429, "10")
    check_page(headers, page, "同时的请求太多", "Too many requests at once")


def test_the_pages_are_no_addresses(deserted: Front) -> None:
    for name in ("too-large", "too-many", "away", "away-api"):
        assert ask(deserted.port, "GET", f"/proxy/{name}")[0] == 404


def test_what_nobody_answers_in_time_is_said_like_that() -> None:
    """A web server that takes 75 seconds is too slow for a test: the three share a page."""
    text = front.TEMPLATE.read_text(encoding="utf-8")
    assert "error_page 502 503 504 /proxy/away;" in text
    assert "proxy_intercept_errors" not in text  # the application's own 503 passes as it is
