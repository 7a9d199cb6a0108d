"""A head of department looks at the month, the people and what customers wrote."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

PHONE = (390, 844)
WORDS = {
    "en": {"title": "Bay shop", "say": "Satisfaction is", "people": "People", "before": "Previous"},
    "zh-hans": {"title": "港湾店", "say": "满意度为", "people": "人员", "before": "上一期"},
}


@pytest.mark.parametrize(("language", "size"), [("en", (1280, 900)), ("zh-hans", PHONE)])
def test_from_the_month_to_a_person(
    visit: Callable[..., Page], language: str, size: tuple[int, int]
) -> None:
    words = WORDS[language]
    page: Any = visit("manager", language, size)
    page.goto("/dashboard/")
    expect(page.locator("h1")).to_have_text(words["title"])
    expect(page.locator(".say")).to_contain_text(words["say"])
    expect(page.locator("#trend-chart-spec")).to_have_count(1)
    page.locator("figure [data-chart-place] svg").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # The earlier month, by keyboard.
    month = page.locator(".seg b").inner_text()
    page.get_by_label(re.compile(words["before"])).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".seg b")).not_to_have_text(month)
    # The file of this page.
    page.locator("details.exp summary").click()
    with page.expect_download() as download:
        page.locator("details.exp a").first.click()
    assert re.fullmatch(r"S03-\d{4}-\d\d\.csv", download.value.suggested_filename)
    page.goto("/people/?sort=fair")
    expect(page.locator("h1")).to_have_text(words["people"])
    page.locator("td:first-child a").first.click()
    expect(page).to_have_url(re.compile(r"/people/E\d+/scores/"))
    page.goto("/comments/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


# The colours of the charts before, while and after the page is laid out for paper. The browser lays
# it out when its listeners are done: what only awaits is drawn by then, what needs a timer is not.
_ON_PAPER = """async () => {
    const colours = async (event) => {
        if (event) dispatchEvent(new Event(event));
        for (let i = 0; i < 5000; i++) await null;
        const marks = document.querySelectorAll("[data-chart-place] svg [fill]");
        return [...new Set([...marks].map((mark) => mark.getAttribute("fill").toLowerCase()))];
    };
    return [await colours(), await colours("beforeprint"), await colours("afterprint")];
}"""


def test_charts_of_a_dark_page_are_printed_on_white(visit: Callable[..., Page]) -> None:
    page: Any = visit("manager", "zh-hans")
    page.context.add_cookies([{"name": "theme", "value": "dark", "url": page.url}])
    page.goto("/dashboard/")
    page.locator("figure [data-chart-place] svg").first.wait_for()
    seen, printed, again = map(set, page.evaluate(_ON_PAPER))
    dark, light = {"#8db6f2", "#94a2b4"}, {"#1f4e8c", "#5e6b7c"}
    assert dark <= seen == again
    assert light <= printed
    assert not dark & printed
