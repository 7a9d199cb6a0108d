"""A customer asks for what is stored, then to be erased: by keyboard, and on a phone in English."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import PHONE
from tests.web.site import Site

# A customer nobody else's test looks at: the last who answered with a comment and has a contact.
_CUSTOMER = """SELECT c.id, c.customer_no FROM customers_customer c
    JOIN customers_customercontact k ON k.customer_id = c.id
    JOIN surveys_response r ON r.customer_id = c.id
    JOIN surveys_responsepersonal p ON p.answered_on = r.answered_on AND p.response_id = r.id
    WHERE p.texts <> '{}' AND k.phone <> '' AND k.email <> '' AND c.erased_at IS NULL
    ORDER BY c.id DESC LIMIT 1"""
_SCORES = """SELECT month, survey_id, department_id, employee_id, position_id, n, total,
    person_n, person_total, dimensions, ns, totals, person_ns, person_totals
    FROM surveys_ratingrollup ORDER BY 1, 2, 3, 4, 5"""
_LEDGER = "SELECT id, amount FROM incentives_ledgerentry ORDER BY id"
_RELEASED = "SELECT id, status, composite FROM assessments_scorecard ORDER BY id"


@pytest.mark.browser
def test_a_customer_gets_the_file_and_is_erased(
    visit: Callable[..., Page], site: Site, tmp_path: Path
) -> None:
    ((pk, number),) = site.sql(_CUSTOMER)
    before = [site.sql(each) for each in (_SCORES, _LEDGER, _RELEASED)]
    admin = visit("admin")
    admin.goto("/customer-data/")
    admin.get_by_label("客户编号").fill(number)
    admin.keyboard.press("Enter")
    admin.get_by_role("link", name=number).press("Enter")
    admin.get_by_label("文件").select_option("json")
    with admin.expect_download() as taken:
        admin.get_by_role("button", name="下载文件").press("Enter")
    assert taken.value.suggested_filename == f"customer-data-{number}.json"
    taken.value.save_as(tmp_path / "held.json")
    held = json.loads((tmp_path / "held.json").read_text("utf-8"))
    assert held["customer"]["rows"][0]["customer_no"] == number
    assert held["contact"]["rows"][0]["phone"]
    assert held["answers_given"]["rows"]

    phone = visit("admin", "en", PHONE)
    phone.goto(f"/customer-data/{pk}/")
    phone.get_by_role("link", name="Erase personal data").click()
    phone.get_by_label("Reason (kept in the audit trail)").fill("Asked for by letter")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    phone.get_by_role("button", name="Erase for good").click()
    expect(phone.get_by_text("The personal data of this customer are erased.")).to_be_visible()
    expect(phone.get_by_text("None is stored.")).to_be_visible()
    expect(phone.get_by_role("link", name="Erase personal data")).to_have_count(0)

    admin.goto("/audit/")
    admin.get_by_label("做了什么").select_option("customer.erased")
    admin.get_by_role("button", name="查看").press("Enter")
    entry = admin.get_by_role("row", name="删除了客户的个人数据").first
    expect(entry).to_contain_text("Asked for by letter")
    left = site.sql(
        "SELECT count(*) FROM surveys_responsepersonal p JOIN surveys_response r"
        " ON r.answered_on = p.answered_on AND r.id = p.response_id"
        " WHERE r.customer_id = %s AND p.erased_at IS NULL",
        pk,
    )
    assert left == [(0,)]
    assert [site.sql(each) for each in (_SCORES, _LEDGER, _RELEASED)] == before
