"""What each page of pay leaves in the access log; a refused page leaves nothing."""

from typing import Any

import pytest

from core.models import User
from incentives.models import PayrollBatch
from incentives.services import appeals, payroll
from organization.models import Look
from organization.services import looking
from tests.incentives import filed
from tests.incentives.company import NOVEMBER, Company, account
from tests.incentives.surveyed import Scene
from tests.pages import browser, queries

BATCH = "/payroll/batches/PB-2025-11/"


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = []


@pytest.fixture
def batch(company: Company, hana: User) -> PayrollBatch:
    company.wage_rules()
    for number in ("E1", "E2"):
        company.hire(number)
        company.pay(number, "1.0")
    return payroll.build(NOVEMBER, actor=hana)


def looks() -> list[tuple[Any, ...]]:
    rows = Look.objects.order_by("id")
    return list(
        rows.values_list("reader__username", "kind", "page", "subject", "person__employee_no")
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/payroll/?month=2025-11", ("payroll_batch", "PB-2025-11", None)),
        (BATCH, ("payroll_batch", "PB-2025-11", None)),
        (f"{BATCH}?q=E2", ("payroll_batch", "PB-2025-11", "E2")),
        (f"{BATCH}lines/1/", ("payroll_line", "PB-2025-11/1", "E1")),
        ("/ledger/?month=2025-11", ("ledger", "2025-11", None)),
        ("/ledger/?q=E1", ("ledger", "", "E1")),
        ("/pay-settings/", ("pay_settings", "", None)),
        ("/employees/E2/", ("employee_file", "", "E2")),
    ],
)
def test_a_page_of_pay_leaves_one_row(
    path: str, expected: tuple[Any, ...], batch: PayrollBatch, hana: User
) -> None:
    """Asked for twice, and the second page of a list as well."""
    for again in (path, path, f"{path}{'&' if '?' in path else '?'}page=1"):
        assert browser(hana).get(again).status_code == 200
    assert looks() == [("hana", "pay", *expected)]


def test_pages_without_anybodys_amount_leave_none(batch: PayrollBatch, hana: User) -> None:
    for path in (f"{BATCH}?q=nobody", "/ledger/?q=nobody", "/corrections/", "/employees/", "/"):
        assert browser(hana).get(path).status_code == 200
    assert looks() == []


def test_a_piece_for_the_drawer_is_the_same_look(batch: PayrollBatch, hana: User) -> None:
    client = browser(hana)
    client.get(f"{BATCH}lines/2/", headers={"hx-request": "true"})
    client.get(f"{BATCH}lines/2/")
    assert looks() == [("hana", "pay", "payroll_line", "PB-2025-11/2", "E2")]


def test_who_is_refused_leaves_none(batch: PayrollBatch, employee: User) -> None:
    paths = [
        *(("/payroll/", 403), (BATCH, 404), (f"{BATCH}lines/1/", 404), ("/ledger/", 403)),
        *(("/corrections/", 403), ("/pay-settings/", 403), ("/employees/E1/", 403)),
    ]
    for path, status in paths:
        assert browser(employee).get(path).status_code == status
    assert browser(employee).post(f"{BATCH}workbook/").status_code == 404
    assert browser(employee).post("/ledger/export/").status_code == 403
    assert looks() == []


def test_ones_own_line_leaves_none_and_a_colleagues_is_named(scene: Scene) -> None:
    payroll.build(NOVEMBER, actor=account("hana", "hr"))
    lines = PayrollBatch.objects.get().lines.order_by("line_no")
    own = lines.filter(employee__employee_no="E0007").first()
    other = lines.filter(employee__employee_no="E0001").first()
    assert own is not None
    assert other is not None
    reader = account("uE0007")
    for line in (own, other):
        path = f"/payroll/batches/{line.batch.batch_no}/lines/{line.line_no}/"
        assert browser(reader).get(path).status_code == 200
    assert looks() == [("uE0007", "pay", "payroll_line", other.no, "E0001")]


def test_files_are_looks_too(batch: PayrollBatch, hana: User, director: User) -> None:
    payroll.generate(
        payroll.approve(payroll.validate(batch, actor=hana), actor=director), actor=hana
    )
    assert browser(hana).post(f"{BATCH}workbook/").status_code == 200
    assert browser(hana).post("/ledger/export/", {"month": "2025-11"}).status_code == 200
    assert looks() == [
        ("hana", "pay", "payroll_workbook", "PB-2025-11", None),
        ("hana", "pay", "ledger_file", "2025-11", None),
    ]


def test_an_appeal_with_amounts_names_the_appellant(scene: Scene) -> None:
    """The assessment group is shown no pay, so it leaves no row."""
    appeal = filed.investigated(scene)
    appeals.dry_run_claims(appeal, claims=list(appeal.claims.values_list("pk", flat=True)),
                           actor=account("gus"))  # fmt: skip
    for name in ("ben", "gus"):
        assert browser(account(name)).get(f"/appeals/{appeal.appeal_no}/").status_code == 200
    assert looks() == [("gus", "pay", "appeal", appeal.appeal_no, appeal.employee.employee_no)]


def test_a_proposal_names_its_period(scene: Scene) -> None:
    for name in ("ben", "gus"):
        assert browser(account(name)).get("/proposals/2025-11/").status_code == 200
    assert looks() == [("gus", "pay", "proposal", "2025-11", None)]


def test_a_look_that_cannot_be_kept_shows_nothing(
    batch: PayrollBatch, hana: User, monkeypatch: Any
) -> None:
    def full(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr(looking.Look.objects, "bulk_create", full)
    client = browser(hana)
    client.raise_request_exception = False
    answer = client.get("/employees/E2/")
    assert answer.status_code == 500
    assert b"E2" not in answer.content


def test_the_log_costs_one_query(batch: PayrollBatch, hana: User, monkeypatch: Any) -> None:
    client = browser(hana)
    with_log = queries(client, "/employees/E2/")
    monkeypatch.setattr("dashboards.views.files.saw_pay", lambda *_args, **_more: None)
    assert with_log - queries(client, "/employees/E2/") == 1
