"""The ledger and the corrections in a browser."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from core import jobs
from core.models import AuditEntry, Job, User
from incentives.models import LedgerEntry
from incentives.queries.entries import VERIFY_KIND
from incentives.services import ledger
from tests.incentives import batches
from tests.incentives.company import Company, account
from tests.incentives.surveyed import Scene


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = []


def browser(user: User) -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def posted(company: Company) -> Company:
    company.wage_rules()
    for number in ("E1", "E2"):
        company.hire(number)
        company.pay(number, "1.0")
    return company


def test_entries_with_their_sums(posted: Company, hana: User) -> None:
    page = text(browser(hana).get("/ledger/"))
    assert "4,000.00" in page
    assert "员工E1" in page
    assert "员工E1" not in text(browser(hana).get("/ledger/?q=E2"))
    assert "No entry fits the filter." in text(browser(hana).get("/ledger/?month=2025-12"))
    assert "No entry fits the filter." in text(browser(hana).get("/ledger/?month=nonsense"))
    assert "No entry fits the filter." in text(browser(hana).get("/ledger/?kind=C"))


def test_pairs_name_each_other_and_ride_as_corrections(posted: Company, hana: User) -> None:
    batches.acknowledged()
    entry = LedgerEntry.objects.get(employee__employee_no="E1")
    ledger.reverse(entry, reason="posted twice", approval_no="AP-1", actor=account("ada", "group"))
    page = text(browser(hana).get("/ledger/"))
    assert f"taken back by {entry.entry_no + 2}" in page
    assert f"takes back {entry.entry_no}" in page
    found = text(browser(hana).get("/corrections/"))
    assert "1 rides in the next batch" in found
    assert "PB-2025-11/1" in found
    assert "posted twice" in found
    assert "−2,000.00" in found


def test_the_export_is_the_filter_and_is_recorded(posted: Company, hana: User, hugo: User) -> None:
    answer = browser(hana).post("/ledger/export/", {"format": "csv", "q": "E2"})
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("entry_no,month,employee_no,name,pay_item_code,amount,currency")
    assert len(lines) == 2
    assert lines[1].startswith("2,2025-11,E2,员工E2,PERF-PAY,2000.00,CNY,,performance_pay,")
    assert answer.headers["content-disposition"] == 'attachment; filename="ledger.csv"'
    kept = AuditEntry.objects.get(verb="ledger.exported").data
    assert kept == {"rows": 1, "format": "csv", "filter": {}, "searched": True}
    assert browser(hana).post("/ledger/export/", {}).content[:2] == b"PK"
    assert browser(hugo).post("/ledger/export/", {}).status_code == 403
    assert AuditEntry.objects.filter(verb="ledger.exported").count() == 2


def test_the_check_is_long_work_and_says_its_result(scene: Scene, hana: User) -> None:
    assert browser(hana).post("/ledger/verify/").status_code == 302
    job = Job.objects.get(kind=VERIFY_KIND)
    assert job.total == 3
    jobs.run(job.pk, wait=True)
    count = LedgerEntry.objects.count()
    assert f"{count} entries, all in order" in text(browser(hana).get("/ledger/"))


def test_a_changed_row_is_named(posted: Company, hana: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE incentives_ledgerentry SET amount = 1999 WHERE entry_no = 1")
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert not ledger.intact(LedgerEntry.objects.get(entry_no=1))
    assert ledger.intact(LedgerEntry.objects.get(entry_no=2))
    browser(hana).post("/ledger/verify/")
    jobs.run(Job.objects.get().pk, wait=True)
    page = text(browser(hana).get("/ledger/"))
    assert "ledger broken at entry 1: the row was changed (its hash differs)" in page


def test_only_hr_and_the_group_see_it(posted: Company) -> None:
    client = browser(account("ole", "analyst"))
    for path in ("/ledger/", "/corrections/"):
        refused = client.get(path)
        assert refused.status_code == 403
        assert "Pay is seen by HR and the management group only." in text(refused)
    assert client.post("/ledger/verify/").status_code == 403
    assert not Job.objects.exists()


def test_the_ledger_costs_the_same_however_long(
    posted: Company, hana: User, django_assert_max_num_queries: Any
) -> None:
    client = browser(hana)
    with django_assert_max_num_queries(25) as few:
        client.get("/ledger/")
    for number in range(3, 30):
        posted.hire(f"E{number}")
        posted.pay(f"E{number}", "1.0")
    with django_assert_max_num_queries(25) as many:
        client.get("/ledger/")
    assert len(few) == len(many)
