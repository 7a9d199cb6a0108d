"""An administrator opens, limits and closes an account; the trail says so, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import PHONE


@pytest.mark.browser
def test_an_account_from_its_first_day_to_its_last(visit: Callable[..., Page]) -> None:
    admin = visit("admin")
    admin.goto("/users/")
    admin.get_by_role("link", name="创建账号").press("Enter")
    admin.get_by_label("姓名或工号").fill("E0006")
    admin.keyboard.press("Enter")
    admin.get_by_role("link", name="E0006").press("Enter")
    admin.get_by_label("数据分析").check()
    admin.get_by_role("button", name="创建并发送链接").press("Enter")
    expect(admin.get_by_text("设置密码的链接已发往")).to_be_visible()
    expect(admin.get_by_role("heading", level=1)).to_be_visible()

    phone = visit("admin", "en", PHONE)
    phone.goto("/users/?q=E0006")
    phone.get_by_role("link", name="E0006").click()
    expect(phone.get_by_text("not set yet")).to_be_visible()
    phone.locator("#give").get_by_label("Role").select_option("executor")
    phone.get_by_role("button", name="Give the role").click()
    expect(phone.get_by_text("The role is given.")).to_be_visible()
    phone.get_by_role("button", name="End survey executor").click()
    expect(phone.get_by_text("The role is ended.")).to_be_visible()
    phone.locator("summary", has_text="Close the account").press("Enter")
    phone.get_by_label("Reason (kept in the history)").last.fill("Only an example")
    phone.get_by_role("button", name="Close it").press("Enter")
    expect(phone.get_by_text("The account is closed and logged out everywhere.")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    admin.goto("/audit/")
    admin.get_by_label("做了什么").select_option("user.deactivated")
    admin.get_by_role("button", name="查看").press("Enter")
    entry = admin.get_by_role("row", name="停用了账号").first
    expect(entry).to_contain_text("Only an example")
    with admin.expect_download() as taken:
        admin.get_by_role("button", name="导出为 CSV").click()
    assert taken.value.suggested_filename.startswith("audit-")
