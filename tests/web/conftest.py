"""The site and the browser of these tests. They end with the last of these tests: as long as the
browser's event loop lives in a process, Django refuses to reach the database from there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.web.http import Answer, Client
from tests.web.site import CAST, Site, log_in

DESKTOP, PHONE = (1280, 900), (390, 844)

# Who only looks comes first, then who needs periods and accounts as they were seeded.
_FIRST = (
    *("test_demo_company.py", "test_permissions.py", "test_pay_is_logged.py"),
    "test_permissions_of_parts.py",
    *("test_every_page.py", "test_group_walk.py", "test_keyboard_walk.py"),
)
_LAST = "test_stored_text.py"  # nobody can read the company afterwards


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of these tests share one company, so their order is part of what they mean."""
    here = [place for place, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    ordered = sorted((items[place] for place in here), key=_turn)
    for place, item in zip(here, ordered, strict=True):
        items[place] = item


def _turn(item: pytest.Item) -> int:
    name = item.path.name
    if name in _FIRST:
        return _FIRST.index(name)
    return len(_FIRST) + (name == _LAST)


@pytest.fixture(scope="package")
def site(tmp_path_factory: Any) -> Iterator[Site]:
    """The demo company, running."""
    name = os.environ.get("PYTEST_XDIST_WORKER", "main") + f"_{os.getpid()}"
    running = Site(name, tmp_path_factory.mktemp("demo"))
    try:
        running.open()
        yield running
    finally:
        running.close()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The Chromium on the PATH: its headless shell where there is one."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_chromium(), args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        yield browser
        browser.close()


def _chromium() -> str:
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert found, "neither chromium-headless-shell nor chromium is on the PATH"
    return found


@pytest.fixture(scope="package")
def sessions() -> dict[str, list[Any]]:
    """Account -> the cookies of its last login: a password is checked slowly on purpose."""
    return {}


@pytest.fixture
def visit(
    site: Site, chromium: Browser, sessions: dict[str, list[Any]]
) -> Iterator[Callable[..., Page]]:
    """visit("employee", "en", PHONE) -> a page of the browser, logged in as that role, in that
    language; errors of its console fail the test."""
    contexts, errors = [], []

    def enter(
        role: str, language: str = "zh-hans", size: tuple[int, int] = DESKTOP, **options: Any
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, base_url=site.url, **options
        )
        contexts.append(context)
        context.add_cookies([{"name": "django_language", "value": language, "url": site.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda message: errors.append(message.text) if message.type == "error" else None,
        )
        _enter(page, site, role, sessions)
        return page

    yield enter
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture(scope="package")
def seen_as(site: Site, chromium: Browser) -> Iterator[Callable[[str, str], BrowserContext]]:
    """A logged-in context per role and language, kept for all pages."""
    contexts: dict[tuple[str, str], BrowserContext] = {}

    def context(role: str, language: str) -> BrowserContext:
        if (role, language) not in contexts:
            new = chromium.new_context(base_url=site.url, reduced_motion="reduce")
            new.add_cookies([{"name": "django_language", "value": language, "url": site.url}])
            page = new.new_page()
            log_in(page, site, role)
            page.close()
            contexts[role, language] = new
        return contexts[role, language]

    yield context
    for one in contexts.values():
        one.close()


def _enter(page: Page, site: Site, role: str, sessions: dict[str, list[Any]]) -> None:
    """As log_in(), with the session of an earlier visit where it is still good."""
    name = CAST.get(role, role)
    if name is None:
        return
    if name in sessions:
        page.context.add_cookies(sessions[name])
        page.goto("/")
        if page.url == site.url + "/":
            return
        page.context.clear_cookies(name="sessionid")
    log_in(page, site, role)
    sessions[name] = [one for one in page.context.cookies() if one["name"] == "sessionid"]


@pytest.fixture(scope="package")
def clients(site: Site) -> dict[str, Client]:
    """role -> an HTTP client logged in as that role."""
    return {role: Client(site, name) for role, name in CAST.items()}


@pytest.fixture(scope="package")
def ask(clients: dict[str, Client]) -> Callable[[str, str], Answer]:
    """ask("hr", "/ledger/") -> what that role was answered the first time it asked: each page is
    made once a role for all the tests that only read."""
    answers: dict[tuple[str, str], Answer] = {}

    def answer(role: str, path: str) -> Answer:
        if (role, path) not in answers:
            answers[role, path] = clients[role].get(path)
        return answers[role, path]

    return answer
