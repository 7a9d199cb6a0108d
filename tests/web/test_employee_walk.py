"""An employee reads the own score, writes an appeal as a draft, finds it again, takes it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.web.conftest import DESKTOP, PHONE
from tests.web.site import Site

# Each language has its own person, so that the walks do not meet.
WORDS = {
    "zh-hans": ("employee", "保存草稿", "丢弃草稿", "不是我接待的客户"),
    "en": ("other_employee", "Save the draft", "Discard the draft", "Not my customer"),
}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_from_home_to_a_draft_in_two_clicks(
    site: Site, visit: Callable[..., Any], language: str
) -> None:
    role, save, discard, reason = WORDS[language]
    page = visit(role, language, PHONE if language == "zh-hans" else DESKTOP)
    page.locator("section[aria-labelledby=latest] a.btn.pri").click()
    page.wait_for_selector(".score")
    assert page.locator("table.ind tbody tr[id]").count() >= 4
    page.locator("#responses table a.u").first.click()  # contest this response
    picked = page.locator("input[name=responses]:checked")
    assert picked.count() == 1
    page.get_by_label(page.locator("label[for=id_reason]").inner_text()).fill(reason)
    page.set_input_files(
        "input[type=file]",
        files=[{"name": "note.txt", "mimeType": "text/plain", "buffer": b"seen at the desk"}],
    )
    page.get_by_role("button", name=save).press("Enter")
    page.wait_for_url("**/my/appeals/AP-*/")
    assert page.locator("#id_reason").input_value() == reason
    assert page.get_by_text("note.txt").count() >= 1
    number = page.url.rstrip("/").rpartition("/")[2]
    page.goto("/my/appeals/")
    page.get_by_role("link", name=number).click()
    page.get_by_role("button", name=discard).click()
    page.wait_for_url("**/my/appeals/")
    state = site.sql("SELECT state FROM incentives_appeal WHERE appeal_no = %s", number)
    assert state == [("withdrawn",)]
