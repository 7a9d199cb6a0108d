"""An appeal from both sides without a mouse: the employee finds the answer, contests it with a
file, and the panel takes it from its arrival to the decision; each language once on either side."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.keyboard import attach, follow, tick, write
from tests.web.site import Site

# Somebody with an account, a released month, counted answers and no appeal against it.
_SOMEBODY = """
SELECT e.employee_no, p.key FROM assessments_scorecard c
JOIN assessments_period p ON p.id = c.period_id AND p.status = 'released' AND p.kind = 'month'
JOIN organization_employee e ON e.id = c.employee_id
JOIN core_user u ON u.username = e.employee_no
WHERE c.run_id = p.current_run_id AND NOT c.corrected AND c.satisfaction_n >= 10
  AND e.employee_no NOT IN ('E0014', 'E0081')
  AND NOT EXISTS (SELECT FROM incentives_appeal a WHERE a.scorecard_id = c.id)
ORDER BY e.employee_no LIMIT 1"""


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_appeal_is_written_and_decided_by_keyboard(
    site: Site, visit: Callable[..., Page], language: str
) -> None:
    ((number, key),) = site.sql(_SOMEBODY)
    employee = visit(number, language)
    follow(employee, "section[aria-labelledby=latest] a.btn.pri")
    employee.wait_for_url(f"**/my/scores/{key}/")
    follow(employee, "#responses table a.u")
    employee.wait_for_selector("#id_reason")
    write(employee, "#id_reason", "这位客户不是我接待的。")
    write(employee, "#id_request", "请剔除这份答卷后重新计算。")
    attach(employee, "input[type=file]", "note.txt", b"seen at the desk")
    follow(employee, "button[name=do][value=save]")
    employee.wait_for_url("**/my/appeals/AP-*/")
    expect(employee.get_by_text("note.txt").first).to_be_visible()
    follow(employee, "button[name=do][value=submit]")
    expect(employee.locator("#timeline")).to_be_visible()
    appeal = employee.url.rstrip("/").rpartition("/")[2]
    assert _state(site, appeal) == ("submitted", "")
    _decided_by_keyboard(site, visit, appeal, "en" if language == "zh-hans" else "zh-hans")
    employee.reload()
    expect(employee.get_by_text("派工单上是本人。").first).to_be_visible()


def _decided_by_keyboard(
    site: Site, visit: Callable[..., Page], appeal: str, language: str
) -> None:
    panel = visit("E0003", language)
    panel.goto("/appeals/")
    follow(panel, f"main a[href='/appeals/{appeal}/']")
    follow(panel, "form[action$='/accept/'] button")
    write(panel, "form[action$='/investigate/'] textarea", "已核对派工单。")
    follow(panel, "form[action$='/investigate/'] button")
    tick(panel, "form[action$='/dry-run/'] input[name=claims]")
    follow(panel, "form[action$='/dry-run/'] button")
    expect(panel.locator("#dry-run")).to_be_visible()
    tick(panel, "form[action$='/decide/'] input[name=outcome]")
    for _turn in range(2):
        panel.keyboard.press("ArrowDown")
    write(panel, "form[action$='/decide/'] textarea", "派工单上是本人。")
    tick(panel, "#id_seen")
    follow(panel, "form[action$='/decide/'] button")
    expect(panel.locator(".msgs .note")).to_be_visible()
    assert _state(site, appeal) == ("notified", "maintained")


def _state(site: Site, appeal: str) -> tuple[str, str]:
    ((state, outcome),) = site.sql(
        "SELECT state, outcome FROM incentives_appeal WHERE appeal_no = %s", appeal
    )
    return str(state), str(outcome)
