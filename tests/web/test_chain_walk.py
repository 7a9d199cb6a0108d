"""The whole chain in a browser, in both languages: a customer answers, the desk sees it counted, a
quarter is scored, reviewed, approved and released by different people, its award is proposed and
decided, an employee reads why and appeals, the panel recomputes and decides, and a line of payroll
leads back to an answer.

Both languages walk every step on objects of their own; the payroll batch that waits in the demo
company is paid in the first walk and read in both."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.conftest import PHONE
from tests.web.http import Client
from tests.web.keyboard import follow, tick
from tests.web.quarters import quarters
from tests.web.site import Site

Visit = Callable[..., Page]

# Language -> whose result it is, the survey, and which of the demo's quarters is worked on.
WALKS = {
    "zh-hans": ("employee", "E0014", "AFTER-SALES", 0),
    "en": ("other_employee", "E0081", "SALES-VISIT", 1),
}


@pytest.mark.browser
@pytest.mark.parametrize("language", list(WALKS))
def test_from_an_answer_to_a_line_of_payroll(
    site: Site, visit: Visit, chromium: Browser, language: str
) -> None:
    role, number, survey, place = WALKS[language]
    response = _customer_answers(site, visit, chromium, survey, language)
    _desk_sees_it_counted(visit, survey, response, language)
    quarter = quarters(site)[place]
    _score(site, visit, quarter, language)
    for verb, who in (("review", "E0003"), ("approve", "E0002"), ("release", "E0001")):
        _step(site, visit, quarter, verb, who, language)
    if place == 0:  # the policy was not in force yet on the first day of the quarter before
        _award(site, visit, quarter, language)
    appeal = _read_and_appeal(site, visit, role, number, quarter, language)
    _panel_decides(site, visit, appeal, language)
    _told(visit, role, appeal, quarter, language)
    _payroll(site, visit, language)
    _lineage(site, visit, role, number, language)


STAGES = {"AFTER-SALES": "after_sale", "SALES-VISIT": "pre_sale"}


# -- the customer, and the desk -----------------------------------------------------------------


def _customer_answers(
    site: Site, visit: Visit, chromium: Browser, survey: str, language: str
) -> str:
    """The executor draws an invitation by hand; the customer answers it without JavaScript."""
    ((day,), *_others) = site.sql(
        """SELECT (e.occurred_at AT TIME ZONE 'Asia/Shanghai')::date::text
           FROM customers_serviceevent e
           WHERE e.stage = %s AND e.occurred_at > now() - interval '60 days'
             AND NOT EXISTS (SELECT FROM surveys_responsekey k WHERE k.event_id = e.id)
             AND NOT EXISTS (SELECT FROM surveys_invitation i WHERE i.customer_id = e.customer_id)
           GROUP BY 1 ORDER BY count(*) DESC, 1 DESC LIMIT 1""",
        STAGES[survey],
    )
    desk = visit("executor", language)
    asked = f"first={day}&last={day}&channel=qr&language={language}"
    desk.goto(f"/surveys/{survey}/invitations/?{asked}")
    expect(desk.locator("form[action$='/invitations/create/'] button").first).to_be_visible()
    drawn = Client(site, "E0102").post(
        f"/surveys/{survey}/invitations/create/",
        {
            **{"first": day, "last": day, "channel": "qr", "language": language},
            **{"valid_days": "10", "as": "csv"},
        },
    )
    link = re.search(r"/s/[\w-]{43}/", drawn.text)
    assert link, drawn.text[:2000]
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": PHONE[0], "height": PHONE[1]}
    )
    page = context.new_page()
    page.goto(site.url + link[0])
    for _turn in range(8):
        form = page.locator("form#answer")
        if not form.count():
            break
        for question in form.locator("fieldset.q").all():
            choices = question.locator("label.o input[type=radio]")
            if choices.count():
                choices.nth(max(choices.count() - 2, 0)).check()
        form.locator("button[name=go][value=next]").click()
    expect(page.locator("h1")).to_be_visible()
    context.close()
    ((response,),) = site.sql(
        "SELECT r.response_no FROM surveys_response r JOIN surveys_survey s ON s.id = r.survey_id"
        " WHERE s.code = %s ORDER BY r.received_at DESC LIMIT 1",
        survey,
    )
    return str(response)


def _desk_sees_it_counted(visit: Visit, survey: str, response: str, language: str) -> None:
    desk = visit("executor", language)
    desk.goto(f"/surveys/{survey}/responses/?q={response}")
    desk.get_by_role("link", name=response).first.click()
    expect(desk.locator("h1")).to_contain_text(response)
    counted = "计入" if language == "zh-hans" else "counted"
    expect(desk.locator(".ttl .st")).to_contain_text(counted)


# -- the period ---------------------------------------------------------------------------------


def _score(site: Site, visit: Visit, quarter: str, language: str) -> None:
    page = visit("assessment", language)
    page.goto("/periods/")
    page.locator("form[action$='/periods/score/'] input[name=key]").fill(quarter)
    page.locator("form[action$='/periods/score/'] button[type=submit]").press("Enter")
    page.wait_for_url(f"**/periods/{quarter}/")
    for _turn in range(60):  # the job's own progress asks every second
        if page.locator(".hash").count() and not page.locator("[hx-get*='/progress/']").count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    state = site.sql("SELECT status FROM assessments_period WHERE key = %s", quarter)
    assert state == [("scored",)]


def _step(site: Site, visit: Visit, quarter: str, verb: str, username: str, language: str) -> None:
    """One of the three steps by its own person, who has to tick the evidence first."""
    page = visit(username, language)
    page.goto(f"/periods/{quarter}/")
    form = page.locator(f"form[action$='/{verb}/']")
    form.locator("input[name=seen]").press("Space")
    form.locator("button[type=submit]").press("Enter")
    expect(page.locator(".msgs .note")).to_be_visible()
    expected = {"review": "in_review", "approve": "approved", "release": "released"}
    state = site.sql("SELECT status FROM assessments_period WHERE key = %s", quarter)
    assert state == [(expected[verb],)]


def _award(site: Site, visit: Visit, quarter: str, language: str) -> None:
    """What the quarter's result earns is proposed and decided by keyboard, in a language each."""
    proposer = visit("E0001", language)
    proposer.goto("/proposals/")
    follow(proposer, f"form[action$='/proposals/{quarter}/propose/'] button")
    decider = visit("E0002", "en" if language == "zh-hans" else "zh-hans")
    decider.goto(f"/proposals/{quarter}/")
    tick(decider, "#id_seen")
    follow(decider, "form[action$='/decide/'] button.pri")
    expect(decider.locator(".msgs .note")).to_be_visible()
    awards = site.sql(
        "SELECT p.status, a.award_code, a.amount, l.amount FROM incentives_proposal p"
        " JOIN assessments_period m ON m.id = p.period_id"
        " JOIN incentives_award a ON a.proposal_id = p.id AND a.rank IS NOT NULL AND a.amount > 0"
        " LEFT JOIN incentives_ledgerentry l ON l.award_id = a.id WHERE m.key = %s",
        quarter,
    )
    assert awards
    star = ("decided", "SATISFACTION_STAR", Decimal("500.00"), Decimal("500.00"))
    assert set(awards) == {star}


# -- the employee and the panel -----------------------------------------------------------------


def _read_and_appeal(
    site: Site, visit: Visit, role: str, number: str, quarter: str, language: str
) -> str:
    page = visit(role, language, PHONE)
    page.goto(f"/my/scores/{quarter}/")
    ((composite,),) = site.sql(
        "SELECT c.composite FROM assessments_scorecard c"
        " JOIN assessments_period p ON p.id = c.period_id"
        " JOIN organization_employee e ON e.id = c.employee_id"
        " WHERE p.key = %s AND e.employee_no = %s AND c.run_id = p.current_run_id"
        " AND NOT c.corrected",
        quarter,
        number,
    )
    if composite is not None:
        expect(page.locator(".score").first).to_contain_text(f"{composite:.2f}")
    page.locator("#responses table a.u").first.click()
    page.locator("#id_reason").fill("这份答卷不是我接待的客户，请核对当天的派工单和接车记录。")
    page.locator("#id_request").fill("请剔除这份答卷后重新计算我的得分。")
    page.locator("button[name=submit], button[value=submit]").first.click()
    page.wait_for_url("**/my/appeals/AP-*/")
    return page.url.rstrip("/").rpartition("/")[2]


def _panel_decides(site: Site, visit: Visit, appeal: str, language: str) -> None:
    """Somebody who neither scored nor approved takes it from its arrival to the last entry."""
    page = visit("E0003", language)
    page.goto(f"/appeals/{appeal}/")
    page.locator("form[action$='/accept/'] button[type=submit]").click()
    page.locator("form[action$='/investigate/'] textarea").fill("已核对派工单。")
    page.locator("form[action$='/investigate/'] button[type=submit]").click()
    run = page.locator("form[action$='/dry-run/']").first
    for box in run.locator("input[name=claims]").all():
        box.check()
    run.locator("button[type=submit]").click()
    decide = page.locator("form[action$='/decide/']")
    decide.locator("input[value=upheld]").check()
    decide.locator("textarea").fill("派工单显示当天由他人接待，申诉成立。")
    decide.locator("input[name=seen]").check()
    decide.locator("button[type=submit]").click()
    page.locator("form[action$='/execute/'] button[type=submit]").click()
    expect(page.locator(".msgs .note")).to_be_visible()
    state = site.sql("SELECT state, outcome FROM incentives_appeal WHERE appeal_no = %s", appeal)
    assert state == [("executed", "upheld")]


def _told(visit: Visit, role: str, appeal: str, quarter: str, language: str) -> None:
    page = visit(role, language, PHONE)
    page.goto(f"/my/appeals/{appeal}/")
    expect(page.get_by_text("派工单显示当天由他人接待，申诉成立。").first).to_be_visible()
    page.goto(f"/my/scores/{quarter}/")
    expect(page.locator("h1")).to_be_visible()


# -- pay ----------------------------------------------------------------------------------------


def _payroll(site: Site, visit: Visit, language: str) -> None:
    """The batch that waits is approved by the group and exported and matched by HR, once."""
    waiting = site.sql(
        "SELECT batch_no, totals->>'lines', totals->>'net' FROM incentives_payrollbatch"
        " WHERE state = 'validated' ORDER BY month DESC LIMIT 1"
    )
    if not waiting:
        assert language != next(iter(WALKS)), "the demo company has no batch to pay"
        return
    ((number, lines, net),) = waiting
    group = visit("group", language)
    group.goto(f"/payroll/batches/{number}/")
    group.locator("form[action$='/approve/'] button[type=submit]").click()
    hr = visit("hr", language)
    hr.goto(f"/payroll/batches/{number}/")
    hr.locator("form[action$='/generate/'] button[type=submit]").click()
    with hr.expect_download() as started:
        hr.locator("form[action$='/workbook/'] button[type=submit]").first.click()
    assert Path(started.value.path()).read_bytes()[:2] == b"PK"
    hr.goto(f"/payroll/batches/{number}/")
    form = hr.locator("form[action$='/acknowledge/']")
    form.locator("input[name=lines]").fill(lines)
    form.locator("input[name=total]").fill(net)
    form.locator("button[type=submit]").click()
    state = site.sql("SELECT state FROM incentives_payrollbatch WHERE batch_no = %s", number)
    assert state == [("acknowledged",)]


def _lineage(site: Site, visit: Visit, role: str, number: str, language: str) -> None:
    ((batch, line),) = site.sql(
        "SELECT b.batch_no, l.line_no FROM incentives_payrollline l"
        " JOIN incentives_payrollbatch b ON b.id = l.batch_id"
        " JOIN organization_employee e ON e.id = l.employee_id"
        " WHERE l.live AND e.employee_no = %s AND l.pay_item_code = 'PERF-PAY'"
        " ORDER BY b.month DESC LIMIT 1",
        number,
    )
    page = visit(role, language, PHONE)
    page.goto(f"/payroll/batches/{batch}/lines/{line}/")
    chain = page.locator(".lin li")
    expect(chain.first).to_contain_text(str(batch))
    assert chain.count() >= 5
