"""The executor cleans a survey and judges a doubtful answer, by keyboard, in two languages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import PHONE
from tests.web.site import Site

CODE = "AFTER-SALES"  # the demo has not cleaned it; what comes of that no other test looks at

_OPEN = """SELECT count(*) FROM surveys_verdict v JOIN surveys_survey s ON s.id = v.survey_id
    WHERE s.code = %s AND v.verdict = 'review' AND NOT EXISTS (
        SELECT 1 FROM surveys_verdict later WHERE later.answered_on = v.answered_on
            AND later.response_id = v.response_id AND later.seq > v.seq)"""


@pytest.mark.browser
def test_rules_run_again_and_a_verdict_by_keyboard(visit: Callable[..., Page], site: Site) -> None:
    page = visit("executor", "zh-hans")
    page.goto(f"/surveys/{CODE}/")
    page.get_by_role("button", name="重新运行规则").click()
    job = page.locator("[role=status]", has_text="/").first
    expect(job).to_contain_text("已完成", timeout=120_000)
    waiting = site.sql(_OPEN, CODE)[0][0]
    assert waiting > 1

    page.goto(f"/surveys/{CODE}/review/")
    expect(page.get_by_text(f"还有 {waiting} 份待判")).to_be_visible()
    # The next answer of the group, or the next group where it is a single one.
    key = page.locator("[data-key=n], [data-key=s]").first.get_attribute("data-key")
    page.keyboard.press(str(key))
    expect(page).to_have_url(re.compile(r"\?g="))
    number = page.locator("#answer-no a").inner_text()
    if page.locator("[name=whole]").count():
        page.locator("[name=whole]").uncheck()
    page.keyboard.press("x")
    expect(page.get_by_role("radio", name="剔除")).to_be_checked()
    page.get_by_label("原因").focus()
    for _step in range(3):  # past the heading and the two reasons to count
        page.keyboard.press("ArrowDown")
    expect(page.get_by_label("原因")).to_have_value("proxy")
    page.keyboard.press("Tab")
    page.keyboard.type("回访未接通")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已剔除 1 份。")).to_be_visible()
    assert site.sql(_OPEN, CODE)[0][0] == waiting - 1

    english = visit("executor", "en", PHONE)
    english.goto(f"/responses/{number}/?survey={CODE}")
    reason = "Probably not answered by the customer: 回访未接通"
    expect(english.get_by_text(reason)).to_be_visible()
    expect(english.locator(".st").filter(has_text="excluded").first).to_be_visible()
