"""The payroll of a month in a browser: built, checked, approved by another, exported, matched."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.web.conftest import PHONE
from tests.web.site import Site


@pytest.mark.browser
def test_a_month_is_paid_by_two_people(site: Site, visit: Callable[..., Page]) -> None:
    """A month of its own: a loss to recover is its only line, so no other test misses it."""
    today = timezone.localdate()
    month = f"{today:%Y-%m}"
    site.manage(
        *("record_recovery", "--employee-no", "E0027", "--kind", "C", "--amount", "300.00"),
        *("--decided-on", today.isoformat(), "--decided-by", "E0002"),
        *("--contract-clause", "第 12 条", "--notice-on", today.isoformat()),
        *("--cause", "已查实", "--actor", "E0114"),
    )
    hr = visit("hr")
    hr.goto(f"/payroll/?month={month}")
    hr.get_by_role("button", name=f"建立 {month} 批次").click()
    expect(hr.get_by_role("heading", level=1)).to_contain_text(f"批次 PB-{month}")
    batch = hr.url
    hr.get_by_role("button", name="核对并送批").press("Enter")
    expect(hr.get_by_text("工资批次只由管理小组批准").first).to_be_visible()

    group = visit("group", "en", PHONE)
    group.goto(batch)
    group.get_by_role("button", name="Approve").click()
    expect(group.get_by_text("is approved.")).to_be_visible()

    hr.goto("/")
    hr.get_by_role("link", name=f"PB-{month}").first.click()
    hr.get_by_role("button", name="生成工作簿").click()
    with hr.expect_download() as started:
        hr.get_by_role("button", name="下载工作簿").click()
    first = Path(started.value.path()).read_bytes()
    with hr.expect_download() as again:
        hr.get_by_role("button", name="下载工作簿").click()
    assert Path(again.value.path()).read_bytes() == first
    number = batch.rstrip("/").rsplit("/", 1)[-1]
    ((sha256, lines, net),) = site.sql(
        "SELECT f.sha256, b.totals->>'lines', b.totals->>'net' FROM incentives_payrollfile f"
        " JOIN incentives_payrollbatch b ON b.id = f.batch_id WHERE b.batch_no = %s",
        number,
    )
    assert hashlib.sha256(first).hexdigest() == sha256

    hr.goto(batch)
    hr.get_by_label("接收行数").fill(lines)
    hr.get_by_label("净额合计").fill(net)
    hr.get_by_role("button", name="录入回执").click()
    expect(hr.get_by_text("回执一致")).to_be_visible()
    hr.locator("table.pl a.u:visible").first.click()
    expect(hr.locator("#drawer .lin")).to_contain_text("哈希链完整")


@pytest.mark.browser
def test_a_line_leads_to_one_customer_s_answers(site: Site, visit: Callable[..., Page]) -> None:
    ((batch, line),) = site.sql(
        "SELECT b.batch_no, l.line_no FROM incentives_payrollline l"
        " JOIN incentives_payrollbatch b ON b.id = l.batch_id"
        " JOIN organization_employee e ON e.id = l.employee_id"
        " WHERE l.live AND e.employee_no = 'E0014' AND l.pay_item_code = 'PERF-PAY'"
        " ORDER BY b.month DESC LIMIT 1"
    )
    page = visit("employee", "en", PHONE)
    page.goto(f"/payroll/batches/{batch}/lines/{line}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Where the money comes from")
    second = page.locator(".lin .links a").nth(1)
    name = second.inner_text()
    second.click()
    expect(page.locator("#answer")).to_contain_text(name)
