"""Reports of the Content-Security-Policy: counted, logged, and nothing of them believed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from core import csp
from core.metrics import CSP_REPORTS

pytestmark = pytest.mark.django_db
LINK = "/s/" + "a" * 43 + "/"
OLD = {
    "csp-report": {
        "document-uri": f"https://shop.example.com{LINK}",
        "effective-directive": "script-src-elem",
        "blocked-uri": "inline",
    }
}
NEW = {
    "type": "csp-violation",
    "body": {
        "documentURL": "https://shop.example.com/login/",
        "effectiveDirective": "style-src-attr",
        "blockedURL": "https://evil.example.com/x?y=13812345678",
    },
}


@pytest.fixture(autouse=True)
def _no_reports_yet() -> None:
    cache.clear()


def _send(content: Any, **more: Any) -> int:
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    client = Client(enforce_csrf_checks=True)
    sent = client.post("/csp-report/", text, content_type="application/csp-report", **more)
    assert sent.content == b""
    return sent.status_code


def _counted(directive: str) -> float:
    return CSP_REPORTS.labels(directive)._value.get()  # type: ignore[no-any-return]


def _lines(caplog: Any) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.name == "hengping.csp"]


def test_both_forms_are_told_without_the_link_and_the_address(caplog: Any) -> None:
    before = _counted("script-src-elem"), _counted("style-src-attr")
    assert (_send(OLD), _send([NEW])) == (204, 204)
    assert _lines(caplog) == [
        "policy stopped inline of script-src-elem on answer",
        "policy stopped https of style-src-attr on account_login",
    ]
    assert (_counted("script-src-elem"), _counted("style-src-attr")) == (
        before[0] + 1,
        before[1] + 1,
    )


def test_what_somebody_makes_up_becomes_no_label_and_no_line_of_theirs(caplog: Any) -> None:
    body = {
        "documentURL": "https://[",
        "effectiveDirective": "x\nERROR forged",
        "blockedURL": "javascript:alert(1)",
    }
    before = _counted("other")
    assert _send({"body": body}) == 204
    assert _send({"body": {"effectiveDirective": ["a"], "blockedURL": 3, "documentURL": {}}}) == 204
    assert _lines(caplog) == ["policy stopped something of other on none"] * 2
    assert _counted("other") == before + 2


@pytest.mark.parametrize("content", ["", "null", "[]", "[1]", "{}", "{", b"\xff\xfe", "[" * 9000])
def test_what_is_no_report_is_refused(content: str | bytes, caplog: Any) -> None:
    assert _send(content) == 400
    assert _lines(caplog) == []


def test_a_long_one_is_not_read_and_a_flood_fills_no_log(caplog: Any, monkeypatch: Any) -> None:
    assert _send(" " * (csp.LARGEST + 1)) == 413
    monkeypatch.setattr(csp, "MOST", 3)
    assert [_send([NEW] * 4) for _each in range(2)] == [204, 204]
    assert len(_lines(caplog)) == 3
    assert Client().get("/csp-report/").status_code == 405


def test_every_page_names_the_address(client: Client) -> None:
    policy = client.get("/login/").headers["Content-Security-Policy"]
    assert "report-uri /csp-report/" in policy
