"""A small HTTP client with a session: quicker than a browser where only the answer counts."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from typing import NamedTuple

from dashboards.services.demo.accounts import PASSWORD
from tests.web.site import Site


class Answer(NamedTuple):
    status: int
    text: str
    location: str
    headers: dict[str, str]


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


class Client:
    """Logged in as `username` (None: nobody), in the language given."""

    def __init__(self, site: Site, username: str | None, language: str = "en") -> None:
        self.site = site
        self._jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self._jar), _Stay
        )
        self._language = language
        if username is not None:
            answer = self.post("/login/", {"login": username, "password": PASSWORD}, page="/login/")
            assert answer.status == 302, answer.text[:2000]

    def get(self, path: str) -> Answer:
        return self._send(urllib.request.Request(self.site.url + path))

    def post(self, path: str, data: dict[str, str], *, page: str = "/account/") -> Answer:
        """POST a form; `page` is a page with a CSRF token that this client may open."""
        if not any(cookie.name == "csrftoken" for cookie in self._jar):
            self.get(page)
        token = next((c.value for c in self._jar if c.name == "csrftoken"), "") or ""
        body = urllib.parse.urlencode({**data, "csrfmiddlewaretoken": token}).encode()
        request = urllib.request.Request(self.site.url + path, data=body)
        request.add_header("Referer", self.site.url + path)
        return self._send(request)

    @property
    def cookie_header(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._jar)

    def _send(self, request: urllib.request.Request) -> Answer:
        request.add_header("Accept-Language", self._language)
        try:
            with self._opener.open(request, timeout=60) as answer:
                return _read(answer)
        except urllib.error.HTTPError as error:
            return _read(error)


def _read(answer: object) -> Answer:
    body = answer.read().decode("utf-8", "replace")  # type: ignore[attr-defined]
    headers = {k.lower(): v for k, v in answer.headers.items()}  # type: ignore[attr-defined]
    return Answer(answer.status, body, headers.get("location", ""), headers)  # type: ignore[attr-defined]


def heading(answer: Answer) -> str:
    """The text of the page's h1."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", answer.text, re.DOTALL)
    return re.sub(r"<[^>]+>", "", found.group(1)).strip() if found else ""
