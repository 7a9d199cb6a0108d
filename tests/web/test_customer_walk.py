"""A customer answers on a phone without script, changes the language half-way, and comes back; the
executor looks whom to invite, and prints a poster."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page

from tests.web.conftest import PHONE
from tests.web.http import Client
from tests.web.site import Site

SMALL = (360, 740)
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
LARGEST = 60 * 1024
OTHER = {"zh-hans": "en", "en": "zh-hans"}
WORDS = {
    "zh-hans": ("谢谢您，答卷已收到。", "还有 2 处要改", "请选择一项。"),
    "en": ("Thank you. Your answers have arrived.", "2 more things", "Please choose one."),
}


@pytest.fixture
def link(site: Site) -> str:
    """The address of a fresh link to the after-sales survey, as the executor makes it."""
    desk = Client(site, "E0102")
    days = site.sql(
        """SELECT (e.occurred_at AT TIME ZONE 'Asia/Shanghai')::date::text
           FROM customers_serviceevent e
           WHERE e.stage = 'after_sale' AND e.occurred_at > now() - interval '60 days'
             AND NOT EXISTS (SELECT FROM surveys_responsekey k WHERE k.event_id = e.id)
             AND NOT EXISTS (SELECT FROM surveys_invitation i WHERE i.customer_id = e.customer_id)
           GROUP BY 1 ORDER BY count(*), 1 DESC LIMIT 1"""
    )
    day = days[0][0]
    answer = desk.post(
        "/surveys/AFTER-SALES/invitations/create/",
        {
            **{"first": day, "last": day, "channel": "qr", "language": "en"},
            **{"valid_days": "10", "as": "csv"},
        },
    )
    assert answer.status == 200, answer.text[:2000]
    found = re.search(r"/s/[\w-]{43}/", answer.text)
    assert found, answer.text[:4000]
    return found[0]


@pytest.fixture
def phone(site: Site, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """phone("en") -> a page of a browser that runs no script."""
    contexts: list[BrowserContext] = []

    def enter(language: str, size: tuple[int, int], **options: Any) -> Page:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, base_url=site.url, **options
        )
        contexts.append(context)
        context.add_cookies([{"name": "django_language", "value": language, "url": site.url}])
        return context.new_page()

    yield enter
    for context in contexts:
        context.close()


def choose(page: Page, point: int) -> None:
    """The same point of every scale on the page."""
    for question in page.locator("fieldset.q").all():
        options = question.locator(".o input[type=radio]")
        if options.count():
            options.nth(min(point, options.count()) - 1).check(force=True)


def turn(page: Page) -> None:
    page.locator("button.btn[name=go][value=next]").click()
    page.wait_for_load_state()


def check(page: Page, site: Site, path: str, phone: Callable[..., Page]) -> None:
    """The same page with script, where axe-core and the width can be measured at 390 and 360."""
    axe = (Path(settings.NODE_MODULES) / "axe-core" / "axe.min.js").read_text("utf-8")
    cookies = page.context.cookies()
    twin = phone("en", PHONE, bypass_csp=True)
    twin.context.add_cookies(cookies)
    for size in (PHONE, SMALL):
        twin.set_viewport_size({"width": size[0], "height": size[1]})
        twin.goto(path)
        twin.evaluate(axe)
        found = twin.evaluate(
            """rules => axe.run(document, {runOnly: rules}).then(done => done.violations.map(
                each => each.id + ' ' + each.nodes.map(node => node.target.join(' '))))""",
            RULES,
        )
        wider = twin.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        assert (found, wider) == ([], False), path


@pytest.mark.parametrize(("language", "size"), [("zh-hans", PHONE), ("en", SMALL)])
def test_a_customer_answers_without_script(
    site: Site, phone: Callable[..., Page], link: str, language: str, size: tuple[int, int]
) -> None:
    thanks, summary, missing = WORDS[language]
    page = phone(language, size, java_script_enabled=False)
    bytes_in: list[int] = []
    page.on("requestfinished", lambda one: bytes_in.append(one.sizes()["responseBodySize"]))
    page.goto(link)
    page.wait_for_load_state("networkidle")
    assert 0 < sum(bytes_in) <= LARGEST
    check(page, site, link, phone)
    turn(page)
    assert summary in page.locator("[role=alert]").inner_text()
    assert page.get_by_text(missing).count() == 2
    choose(page, 4)
    page.locator(f"button[name=language][value={OTHER[language]}]").click()
    assert page.locator("html").get_attribute("lang") == (
        "en" if language == "zh-hans" else "zh-CN"
    )
    assert page.locator(".o input:checked").evaluate_all("all => all.map(o => o.value)") == [
        "4",
        "4",
    ]
    page.locator(f"button[name=language][value={language}]").click()
    for _page in range(2):
        turn(page)
        choose(page, 4)
    turn(page)
    choose(page, 5)
    page.locator("textarea").fill("很好 well done")
    page.locator("input[value=no]").check(force=True)
    check(page, site, link + "?p=4", phone)
    turn(page)
    assert page.get_by_text(thanks).count() == 1
    check(page, site, link, phone)
    stored = site.sql(
        """SELECT count(*) FROM surveys_responsepersonal
           WHERE texts ->> 'comment' = '很好 well done' AND network = '127.0.0.1'"""
    )
    assert stored[0][0] >= 1
    page.goto(link + "stop/")
    check(page, site, link + "stop/", phone)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_executor_looks_and_makes_a_poster(visit: Callable[..., Page], language: str) -> None:
    page = visit("executor", language)
    page.goto("/surveys/AFTER-SALES/invitations/")
    page.locator("#plan button[type=submit]").press("Enter")
    page.wait_for_selector("#planned")
    assert page.locator("#planned .plan-rows").count() >= 2
    page.locator("form[action$='/poster/'] button[type=submit]").click()
    page.wait_for_selector(".code img")
    assert page.locator(".code img").count() == 1
