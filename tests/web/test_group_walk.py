"""The main task of the groups, by keyboard alone: what waits, its evidence, the decision."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import PHONE
from tests.web.keyboard import follow, tick
from tests.web.quarters import quarters
from tests.web.site import Site


def _confirm(page: Page) -> None:
    """Tick that the evidence was opened, then press the one primary button."""
    tick(page, "#id_seen")
    follow(page, "form[action*='/periods/'] button.pri")


@pytest.mark.browser
def test_a_period_is_reviewed_and_approved_by_keyboard_in_two_languages(
    site: Site, visit: Callable[..., Page]
) -> None:
    key = quarters(site)[2]
    year, quarter = key.split("-Q")
    site.manage("score_period", key, "--actor", "E0120")

    reviewer = visit("assessment", "zh-hans")
    reviewer.goto(f"/inbox/?item=period:{key}")
    expect(reviewer.locator("#item-title")).to_contain_text("审核结果")
    _confirm(reviewer)
    expect(reviewer.get_by_text("已审核。")).to_be_visible()

    # The reviewer sees why somebody else approves, and has no button for it.
    reviewer.goto(f"/periods/{key}/")
    expect(reviewer.get_by_text("本期由您审核，须由他人批准。")).to_be_visible()
    expect(reviewer.locator("#id_seen")).to_have_count(0)

    # From home: one press opens the oldest, one decides.
    group = visit("group", "en")
    group.goto("/")
    follow(group, f"main a[href='/periods/{key}/']")
    expect(group.get_by_role("heading", level=1)).to_contain_text(f"Q{quarter} {year}")
    _confirm(group)
    expect(group.get_by_text(f"Q{quarter} {year} is approved.")).to_be_visible()
    ((status, confirmed),) = site.sql(
        "SELECT p.status, count(a.confirmed_hash) FROM assessments_period p"
        " JOIN assessments_periodaction a ON a.period_id = p.id AND a.confirmed_hash <> ''"
        " WHERE p.key = %s GROUP BY 1",
        key,
    )
    assert (status, confirmed) == ("approved", 2)

    # Whoever approved finds the release under the things of others; on the phone the list and the
    # thing are two pages.
    phone = visit("group", "en", PHONE)
    phone.goto("/inbox/?tab=others")
    expect(phone.locator(".il")).to_be_visible()
    expect(phone.locator(".item")).to_be_hidden()
    phone.locator(".il a").first.click()
    expect(phone.locator(".il")).to_be_hidden()
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    phone.locator("a.back").click()
    expect(phone.locator(".il")).to_be_visible()
