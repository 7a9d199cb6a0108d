"""The month close in a browser: who sees it, what it says, each step and who may not take it."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry, User
from incentives.models import LedgerEntry, PayrollBatch
from incentives.queries.differences import difference
from incentives.services import payroll
from tests.incentives import batches
from tests.incentives.company import DECEMBER, NOVEMBER, Company, account

BATCH = "/payroll/batches/PB-2025-11/"


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = []


def browser(user: User | None, language: str = "en") -> Client:
    client = Client()
    client.cookies["django_language"] = language
    if user is not None:
        client.force_login(user)
    return client


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def paid(company: Company) -> Company:
    """Three people with November's pay posted: 2400.00, 2000.00 and 1600.00."""
    company.wage_rules()
    for number, coefficient in (("E1", "1.2"), ("E2", "1.0"), ("E3", "0.8")):
        company.hire(number)
        company.pay(number, coefficient)
    return company


@pytest.fixture
def built(paid: Company, hana: User) -> PayrollBatch:
    return payroll.build(NOVEMBER, actor=hana)


def test_the_month_page_names_the_steps_and_offers_to_build(paid: Company, hana: User) -> None:
    page = text(browser(hana).get("/payroll/?month=2025-11"))
    assert "Month close November 2025" in page
    assert "Step 5 of 9" in page
    assert "3 ledger entries wait to be paid." in page
    assert "Build the batch of 2025-11" in page


def test_the_page_goes_to_the_month_that_waits(paid: Company, hana: User) -> None:
    assert "Month close November 2025" in text(browser(hana).get("/payroll/"))
    assert browser(hana).get("/payroll/?month=2025-13").status_code == 404


def test_what_stands_in_the_way_is_said(paid: Company, hana: User) -> None:
    page = text(browser(hana).get("/payroll/?month=2025-12"))
    assert "The data of 2025-12 are not locked yet." in page
    assert "The scores of 2025-12 are not released yet (not begun)." in page
    assert "Nobody has proposed awards and pay for 2025-12 yet." in page


@pytest.mark.parametrize(("language", "words"), [("en", "Control totals"), ("zh-hans", "控制合计")])
def test_a_batch_shows_what_must_match(
    built: PayrollBatch, hana: User, language: str, words: str
) -> None:
    page = text(browser(hana, language).get(BATCH))
    assert words in page
    assert "6,000.00" in page
    assert "2,400.00" in page
    assert "员工E1" in page


def test_pay_is_hidden_from_everybody_else(built: PayrollBatch) -> None:
    for name, role in (("mia", "manager"), ("ole", "analyst"), ("root", "admin")):
        client = browser(account(name, role))
        refused = client.get("/payroll/")
        assert refused.status_code == 403
        assert "Pay is seen by HR and the management group only." in text(refused)
        assert client.get(BATCH).status_code == 404
        assert client.get(f"{BATCH}lines/1/").status_code == 404
        assert client.post(f"{BATCH}validate/").status_code == 404
    assert browser(None).get("/payroll/").status_code == 302
    built.refresh_from_db()
    assert built.state == "building"


def test_one_s_own_line_is_open_and_another_s_is_not(built: PayrollBatch, paid: Company) -> None:
    own = paid.people["E1"]
    own.user = account("e1", "employee")
    own.save()
    client = browser(own.user)
    page = client.get(f"{BATCH}lines/1/")
    assert page.status_code == 200
    assert "PB-2025-11 line 0001: +2,400.00 CNY" in text(page)
    assert client.get(f"{BATCH}lines/2/").status_code == 404
    assert client.get(f"{BATCH}lines/99/").status_code == 404


def test_the_whole_way_by_two_people(paid: Company, hana: User, hugo: User) -> None:
    hr, group = browser(hana), browser(hugo)
    assert hr.post("/payroll/build/", {"month": "2025-11"}).headers["location"] == BATCH
    assert hr.post(f"{BATCH}validate/").status_code == 302
    assert group.post(f"{BATCH}approve/").status_code == 302
    assert hr.post(f"{BATCH}generate/").status_code == 302
    first = hr.post(f"{BATCH}workbook/")
    batch = PayrollBatch.objects.get()
    assert first.content == bytes(batch.file.content)
    assert first.headers["content-disposition"] == 'attachment; filename="PB-2025-11.xlsx"'
    assert batch.state == "delivered"
    assert hr.post(f"{BATCH}workbook/").content == first.content
    receipt = {"lines": "3", "total": "6000.00"}
    assert hr.post(f"{BATCH}acknowledge/", receipt).status_code == 302
    assert hr.post(f"{BATCH}close/").status_code == 302
    batch.refresh_from_db()
    assert batch.state == "closed"
    assert hr.post(f"{BATCH}workbook/").content == first.content
    verbs = list(
        AuditEntry.objects.filter(verb__startswith="payroll.")
        .order_by("id")
        .values_list("verb", flat=True)
    )
    assert verbs == [
        *("payroll.built", "payroll.validated", "payroll.approved", "payroll.generated"),
        *("payroll.delivered", "payroll.handed_out", "payroll.acknowledged", "payroll.closed"),
        "payroll.handed_out",
    ]


def test_hr_cannot_approve_and_the_group_cannot_run_the_payroll(
    built: PayrollBatch, hana: User, hugo: User
) -> None:
    payroll.validate(built, actor=hana)
    page = text(browser(hana).get(BATCH))
    assert "Only the management group approves a payroll batch." in page
    refused = browser(hana).post(f"{BATCH}approve/")
    assert refused.status_code == 403
    assert "Only the management group approves a payroll batch." in text(refused)
    payroll.approve(built, actor=hugo)
    refused = browser(hugo).post(f"{BATCH}generate/")
    assert refused.status_code == 403
    assert "Only HR runs the payroll." in text(refused)
    assert browser(hugo).post(f"{BATCH}workbook/").status_code == 403
    assert browser(hugo).post("/payroll/build/", {"month": "2025-12"}).status_code == 403
    built.refresh_from_db()
    assert (built.state, built.approved_by) == ("approved", hugo)
    assert not hasattr(built, "file")


def test_nobody_approves_what_they_built(paid: Company, hugo: User) -> None:
    both = account("both", "hr", "group")
    batch = payroll.validate(payroll.build(NOVEMBER, actor=both), actor=both)
    page = text(browser(both).get(BATCH))
    assert "You built this batch, so you cannot approve it." in page
    assert "May approve:" in page
    refused = browser(both).post(f"{BATCH}approve/")
    assert refused.status_code == 403
    assert "You built this batch; somebody else has to approve it." in text(refused)
    batch.refresh_from_db()
    assert (batch.state, batch.approved_by) == ("validated", None)


def test_a_step_out_of_turn_is_a_conflict(built: PayrollBatch, hugo: User, hana: User) -> None:
    assert browser(hugo).post(f"{BATCH}approve/").status_code == 409
    assert browser(hana).post(f"{BATCH}workbook/").status_code == 400
    assert browser(hana).post("/payroll/build/", {"month": "2025-11"}).status_code == 409
    assert browser(hana).get(f"{BATCH}validate/").status_code == 405
    built.refresh_from_db()
    assert built.state == "building"


@pytest.mark.parametrize(("lines", "total"), [("2", "6000.00"), ("3", "6000.01")])
def test_a_receipt_that_differs_is_refused_in_words(
    paid: Company, hana: User, lines: str, total: str
) -> None:
    batch = batches.approved()
    payroll.generate(batch, actor=hana)
    payroll.deliver(batch, actor=hana)
    refused = browser(hana).post(f"{BATCH}acknowledge/", {"lines": lines, "total": total})
    assert refused.status_code == 422
    said = f"{lines} lines and a net total of {total} are not what PB-2025-11 holds"
    assert said in text(refused)
    assert f'value="{total}"' in refused.content.decode()
    batch.refresh_from_db()
    assert batch.state == "delivered"


def test_taking_a_batch_back_needs_a_reason(built: PayrollBatch, hana: User) -> None:
    assert browser(hana).post(f"{BATCH}reject/", {"reason": " "}).status_code == 422
    built.refresh_from_db()
    assert built.state == "building"
    assert browser(hana).post(f"{BATCH}reject/", {"reason": "wrong day"}).status_code == 302
    page = text(browser(hana).get(BATCH))
    assert "This batch was taken back: wrong day." in page
    month = text(browser(hana).get("/payroll/?month=2025-11"))
    assert "3 ledger entries wait to be paid." in month


def test_lines_are_found_by_name_number_and_source(built: PayrollBatch, hana: User) -> None:
    client = browser(hana)
    found = text(client.get(f"{BATCH}?q=E2"))
    assert "员工E2" in found
    assert "员工E1" not in found
    assert "员工E3" in text(client.get(f"{BATCH}?q=PAY/E3"))
    assert "No line fits the search." in text(client.get(f"{BATCH}?q=nobody"))
    assert "No line fits the search." in text(client.get(f"{BATCH}?item=DED-LOSS"))


def test_the_wage_guard_shows_its_arithmetic(company: Company, hana: User) -> None:
    company.wage_rules()
    company.hire("E1", base="2800.00", performance="100.00")
    batches.owe(company, "E1", "3000.00")
    payroll.build(NOVEMBER, actor=hana)
    page = text(browser(hana).get(BATCH))
    assert "Wage 2,800.00 − minimum wage 2,490.00 = 310.00." in page
    assert "Cap on recoveries 560.00; room 310.00." in page
    assert "310.00 is taken, 2,690.00 carried over (the minimum wage)" in page


def test_a_month_with_only_a_debt_can_be_built(company: Company, hana: User) -> None:
    company.wage_rules()
    company.hire("E1")
    batches.owe(company, "E1", "300.00")
    page = text(browser(hana).get("/payroll/?month=2025-11"))
    assert "1 decided recovery is open" in page
    assert "Build the batch of 2025-11" in page


def test_the_difference_to_last_month_adds_up(company: Company, hana: User) -> None:
    company.wage_rules()
    for number, before, now in (("E1", "1.0", "1.2"), ("E2", "1.0", "0.8"), ("E3", "1.0", None)):
        company.hire(number)
        company.pay(number, before)
        if now:
            company.pay(number, now, DECEMBER)
    batches.acknowledged()
    payroll.build(DECEMBER, actor=hana)
    found = difference(DECEMBER)
    assert found is not None
    assert (found["before"], found["now"]) == (Decimal("6000.00"), Decimal("4000.00"))
    assert [(part.cause, part.amount, part.up, part.down) for part in found["parts"]] == [
        ("coefficient", Decimal("0.00"), 1, 1),
        ("stopped", Decimal("-2000.00"), 0, 1),
    ]
    page = text(browser(hana).get("/payroll/?month=2025-12"))
    assert "Difference to last month −2,000.00" in page
    assert "Last month 6,000.00, this month 4,000.00" in page
    assert difference(NOVEMBER) is None


def test_the_pages_cost_the_same_however_many_lines(
    company: Company, hana: User, django_assert_max_num_queries: Any
) -> None:
    company.wage_rules()
    counts = []
    for people, month in ((3, NOVEMBER), (30, DECEMBER)):
        for number in range(1, people + 1):
            name = f"E{number:03d}"
            if name not in company.people:
                company.hire(name)
            company.pay(name, "1.0", month)
        batch = payroll.build(month, actor=hana)
        client = browser(hana)
        client.get("/payroll/")
        for path in (f"/payroll/batches/{batch.batch_no}/", f"/payroll/?month={batch.period}"):
            with django_assert_max_num_queries(25) as found:
                assert client.get(path).status_code == 200
            counts.append(len(found))
    assert isinstance(found, CaptureQueriesContext)
    assert counts[:2] == counts[2:]
    assert LedgerEntry.objects.count() == 33


@pytest.mark.parametrize("month", ["0001-01", "9999-12", "1999-12", "2100-01"])
def test_a_month_no_payroll_has_is_no_page(hana: User, month: str) -> None:
    assert browser(hana).get(f"/payroll/?month={month}").status_code == 404
