"""Every page of the permission matrix, as one who may open it sees it: no violation of axe-core, no
horizontal scroll, no error in the console; in both languages, on a desktop and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import BrowserContext

from tests.web.conftest import DESKTOP, PHONE
from tests.web.http import Answer
from tests.web.matrix.rows import Row
from tests.web.site import Site
from tests.web.test_permissions import ROWS

NARROW = (360, 800)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LANGUAGES = ("zh-hans", "en")
# Whose eyes a page is seen with: the first of these that may open it.
ORDER = ("group", "hr", "admin", "executor", "analyst", "assessment", "manager", "employee")

# Two frames after the window has its new width, the page has seen it.
_RUN = """async (rules) => {
  for (const _ of "12") await new Promise(requestAnimationFrame);
  const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
  return found.violations.map((one) => `${one.id}: ${one.help} [` + one.nodes.slice(0, 3)
    .map((node) => node.target.join(" ") + (node.any[0] ? " " + node.any[0].message : ""))
    .join("; ") + "]");
}"""
# Waiting for half a second without requests would say the same, half a second later.
READY = """() => document.fonts.status === "loaded" && !document.querySelector(".htmx-request")
  && [...document.querySelectorAll("[data-chart-place]")].every((one) => one.querySelector("svg"))
"""
_SCROLLS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def viewer(row: Row) -> str:
    others = sorted(row.allowed - set(ORDER))
    return next(role for role in (*ORDER, *others) if role in row.allowed)


PAGES = [row for row in ROWS if row.method == "get" and row.status == 200 and row.allowed]


@pytest.fixture(scope="package")
def axe() -> str:
    return (Path(settings.NODE_MODULES) / "axe-core" / "axe.min.js").read_text("utf-8")


def _is_page(answer: Answer) -> bool:
    return answer.headers.get("content-type", "").startswith("text/html")


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("row", PAGES, ids=[row.id for row in PAGES])
def test_page_is_accessible_and_fits(
    row: Row,
    language: str,
    site: Site,
    ask: Callable[[str, str], Answer],
    seen_as: Callable[[str, str], BrowserContext],
    axe: str,
) -> None:
    kwargs = row.kwargs(site) if callable(row.kwargs) else row.kwargs
    path = reverse(row.url_name, kwargs=dict(kwargs))
    if not _is_page(ask(viewer(row), path)):
        return  # a download: no page to look at
    page = seen_as(viewer(row), language).new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda message: errors.append(message.text) if message.type == "error" else None,
    )
    found: dict[str, Any] = {}
    try:
        page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        page.goto(path)
        page.wait_for_function(READY)
        page.evaluate(axe)
        for width, height in (DESKTOP, PHONE):
            page.set_viewport_size({"width": width, "height": height})
            found[f"axe at {width}"] = page.evaluate(_RUN, RULES)
        page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        found["wider than 360"] = page.evaluate(_SCROLLS)
    finally:
        page.close()
    assert found == {"axe at 1280": [], "axe at 390": [], "wider than 360": 0}
    assert errors == []
