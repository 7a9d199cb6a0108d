"""A payroll batch from building to acknowledgement: states, roles, guard, bytes."""

import hashlib
import threading
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from openpyxl import load_workbook

from core import audit
from core.errors import Conflict, DomainError, InvalidInput, InvalidTransition
from core.models import AuditEntry
from core.permissions import Denied
from incentives.models import (
    LedgerEntry,
    PayrollBatch,
    PayrollEvent,
    PayrollFile,
    PayrollLine,
    Recovery,
    WageComponent,
)
from incentives.queries.payroll import line_by_no, warning_text
from incentives.services import ledger, payroll
from incentives.services.recoveries import NewDebt, outstanding, record_recovery
from incentives.services.wages import ComponentRow, store_wage_components
from tests.incentives.company import DECEMBER, NOVEMBER, Company, account

State = PayrollBatch.State


@pytest.fixture
def company(db: Any) -> Company:
    return Company.create()


@pytest.fixture
def hana(db: Any) -> Any:
    return account("hana", "hr")


@pytest.fixture
def hugo(db: Any) -> Any:
    return account("hugo", "group")


def owe(company: Company, number: str, amount: str, on: date = date(2025, 11, 3)) -> Recovery:
    debt = NewDebt(
        employee=company.people[number],
        kind="C",
        amount=Decimal(amount),
        decided_on=on,
        contract_clause="clause 12",
        notice_on=on,
        cause="report 7, gross negligence proven",
    )
    return record_recovery(debt, decided_by=account("hugo", "group"), actor=account("hana", "hr"))


def amounts(batch: PayrollBatch) -> list[tuple[str, str, str, str]]:
    return [
        (line.employee.employee_no, line.direction, str(line.amount), line.kind)
        for line in batch.lines.order_by("line_no")
    ]


def codes(batch: PayrollBatch) -> list[str]:
    return [warning["code"] for warning in batch.warnings]


def approved(month: date = NOVEMBER) -> PayrollBatch:
    hana, hugo = account("hana", "hr"), account("hugo", "group")
    batch = payroll.validate(payroll.build(month, actor=hana), actor=hana)
    return payroll.approve(batch, actor=hugo)


def acknowledged(month: date = NOVEMBER) -> PayrollBatch:
    hana = account("hana", "hr")
    batch = approved(month)
    payroll.generate(batch, actor=hana)
    batch = payroll.deliver(batch, actor=hana)
    total = Decimal(batch.totals["net"])
    return payroll.acknowledge(batch, lines=batch.totals["lines"], total=total, actor=hana)


def test_a_month_is_paid_from_building_to_closing(company, hana, hugo):
    company.wage_rules()
    company.hire("E0001")
    company.hire("E0002")
    company.pay("E0001", "1.2")
    company.pay("E0002", "0.8")
    batch = acknowledged()
    batch = payroll.close(batch, actor=hana)
    assert batch.batch_no == "PB-2025-11"
    assert amounts(batch) == [
        ("E0001", "add", "2400.00", ""),
        ("E0002", "add", "1600.00", ""),
    ]
    assert batch.totals["lines"] == 2
    assert (batch.totals["add"], batch.totals["deduct"], batch.totals["net"]) == (
        "4000.00",
        "0.00",
        "4000.00",
    )
    steps = [(event.verb, event.actor.username) for event in batch.events.all()]
    assert steps == [
        ("built", "hana"),
        ("validated", "hana"),
        ("approved", "hugo"),
        ("generated", "hana"),
        ("delivered", "hana"),
        ("acknowledged", "hana"),
        ("closed", "hana"),
    ]
    assert payroll.verify() is None
    assert ledger.verify() is None
    assert audit.verify() is None


def test_the_builder_cannot_approve_whatever_the_role(company):
    company.hire("E0001")
    company.pay("E0001")
    both = account("both", "hr", "group")
    batch = payroll.validate(payroll.build(NOVEMBER, actor=both), actor=both)
    before = (AuditEntry.objects.count(), PayrollEvent.objects.count())
    with pytest.raises(Denied, match="You built this batch"):
        payroll.approve(batch, actor=both)
    batch.refresh_from_db()
    assert (batch.state, batch.approved_by) == (State.VALIDATED, None)
    assert (AuditEntry.objects.count(), PayrollEvent.objects.count()) == before


@pytest.mark.parametrize(
    "role", ["employee", "manager", "executor", "analyst", "supervision", "assessment", "admin"]
)
def test_other_roles_change_nothing(company, role):
    company.hire("E0001")
    company.pay("E0001")
    stranger = account("stranger", role)
    with pytest.raises(Denied):
        payroll.build(NOVEMBER, actor=stranger)
    assert not PayrollBatch.objects.exists()
    batch = approved()
    payroll.generate(batch, actor=account("hana", "hr"))
    before = (AuditEntry.objects.count(), PayrollEvent.objects.count())
    for step in (
        lambda: payroll.validate(batch, actor=stranger),
        lambda: payroll.approve(batch, actor=stranger),
        lambda: payroll.generate(batch, actor=stranger),
        lambda: payroll.deliver(batch, actor=stranger),
        lambda: payroll.acknowledge(batch, lines=1, total=Decimal(2000), actor=stranger),
        lambda: payroll.close(batch, actor=stranger),
        lambda: payroll.reject(batch, reason="x", actor=stranger),
        lambda: payroll.current(NOVEMBER, actor=stranger),
        lambda: payroll.exportable(NOVEMBER, actor=stranger),
    ):
        with pytest.raises(Denied):
            step()
    batch.refresh_from_db()
    assert batch.state == State.GENERATED
    assert (AuditEntry.objects.count(), PayrollEvent.objects.count()) == before


def test_steps_out_of_order_are_refused_with_who_did_what(company, hana, hugo):
    company.hire("E0001")
    company.pay("E0001")
    batch = payroll.build(NOVEMBER, actor=hana)
    with pytest.raises(InvalidTransition, match="is building"):
        payroll.approve(batch, actor=hugo)
    with pytest.raises(InvalidTransition):
        payroll.generate(batch, actor=hana)
    with pytest.raises(InvalidInput, match="No payroll batch of 2025-11 is approved"):
        payroll.exportable(NOVEMBER, actor=hana)
    batch = payroll.approve(payroll.validate(batch, actor=hana), actor=hugo)
    with pytest.raises(InvalidTransition, match="approved by hugo"):
        payroll.approve(batch, actor=account("ada", "group"))
    with pytest.raises(InvalidTransition):
        payroll.close(batch, actor=hana)


def test_an_acknowledgement_that_differs_changes_nothing(company, hana):
    company.hire("E0001")
    company.pay("E0001")
    batch = approved()
    payroll.generate(batch, actor=hana)
    batch = payroll.deliver(batch, actor=hana)
    for lines, total in ((2, "2000.00"), (1, "2000.01")):
        with pytest.raises(InvalidInput, match="nothing was acknowledged"):
            payroll.acknowledge(batch, lines=lines, total=Decimal(total), actor=hana)
    batch.refresh_from_db()
    assert batch.state == State.DELIVERED


def test_a_month_without_entries_is_refused_and_a_later_one_takes_earlier_entries(company, hana):
    company.hire("E0001")
    company.pay("E0001", month=NOVEMBER)
    with pytest.raises(InvalidInput, match="nothing to pay for 2025-10"):
        payroll.build(date(2025, 10, 1), actor=hana)
    batch = payroll.build(DECEMBER, actor=hana)
    assert [(line.period, str(line.amount)) for line in batch.lines.all()] == [
        ("2025-11", "2000.00")
    ]


def test_one_batch_of_a_month_runs_at_a_time_and_the_second_gets_a_number(company, hana):
    company.hire("E0001")
    company.hire("E0002")
    company.pay("E0001")
    payroll.build(NOVEMBER, actor=hana)
    company.pay("E0002")
    with pytest.raises(Conflict, match="PB-2025-11, built by hana, is building"):
        payroll.build(NOVEMBER, actor=hana)
    payroll.reject(payroll.current(NOVEMBER, actor=hana), reason="E0002 is missing", actor=hana)
    batch = acknowledged()
    assert batch.batch_no == "PB-2025-11-2"
    assert batch.totals["lines"] == 2
    company.hire("E0003")
    company.pay("E0003")
    third = payroll.build(NOVEMBER, actor=hana)
    assert third.batch_no == "PB-2025-11-3"
    assert amounts(third) == [("E0003", "add", "2000.00", "")]


def test_rejection_frees_the_entries_and_the_database_keeps_an_entry_in_one_live_batch(
    company, hana
):
    company.hire("E0001")
    entry = company.pay("E0001")
    batch = payroll.build(NOVEMBER, actor=hana)
    line = batch.lines.get()
    with pytest.raises(InvalidInput, match="reason"):
        payroll.reject(batch, reason=" ", actor=hana)
    payroll.reject(batch, reason="wrong month", actor=hana)
    second = payroll.build(DECEMBER, actor=hana)
    assert second.lines.get().entry == entry
    line.pk, line.live, line.line_no = None, True, 9
    with pytest.raises(IntegrityError), transaction.atomic():
        line.save(force_insert=True)


def test_after_approval_only_the_group_rejects(company, hana, hugo):
    company.hire("E0001")
    company.pay("E0001")
    batch = approved()
    with pytest.raises(Denied, match="approved"):
        payroll.reject(batch, reason="mistake", actor=hana)
    assert payroll.reject(batch, reason="mistake", actor=hugo).state == State.REJECTED
    assert payroll.verify() is None


def test_lines_and_files_are_frozen_by_the_database(company, hana):
    company.hire("E0001")
    company.pay("E0001")
    batch = approved()
    payroll.generate(batch, actor=hana)
    for change in (
        lambda: PayrollLine.objects.update(amount=1),
        lambda: PayrollLine.objects.all().delete(),
        lambda: PayrollFile.objects.update(sha256="0"),
        lambda: PayrollEvent.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


# --- the wage guard in a batch -------------------------------------------------------------------


def test_a_recovery_takes_twenty_percent_and_carries_the_rest_month_by_month(company, hana):
    company.wage_rules()
    company.hire("E0001", base="4000.00")
    company.pay("E0001")
    company.pay("E0001", month=DECEMBER)
    debt = owe(company, "E0001", "3000.00")
    batch = acknowledged()
    assert amounts(batch) == [
        ("E0001", "add", "2000.00", ""),
        ("E0001", "deduct", "1200.00", "C"),
    ]
    (figures,) = batch.guard
    assert figures["gross"] == "6000.00"
    assert figures["debts"] == [
        {
            "recovery_no": debt.recovery_no,
            "kind": "C",
            "due": "3000.00",
            "deduct": "1200.00",
            "carry": "1800.00",
            "reason": "cap",
        }
    ]
    assert warning_text(batch.warnings[0]) == (
        f"E0001: of {debt.recovery_no} 1200.00 is taken, 1800.00 carried over (cap)."
    )
    assert outstanding([debt]) == {debt.pk: Decimal("1800.00")}
    acknowledged(DECEMBER)
    assert outstanding([debt]) == {debt.pk: Decimal("600.00")}
    assert payroll.verify() is None
    assert ledger.verify() is None


def test_the_minimum_wage_floor_and_the_shortfall(company, hana):
    company.wage_rules()
    company.hire("E0001", base="800.00")
    company.hire("E0002", base="400.00")
    for number in ("E0001", "E0002"):
        company.pay(number)
        owe(company, number, "3000.00")
    row = ComponentRow(company.people["E0002"].pk, NOVEMBER, "overtime_pay", Decimal("600.00"))
    store_wage_components([row], actor=hana)
    batch = payroll.build(NOVEMBER, actor=hana)
    assert amounts(batch) == [
        ("E0001", "add", "2000.00", ""),
        ("E0001", "deduct", "310.00", "C"),
        ("E0002", "add", "2000.00", ""),
    ]
    assert batch.guard[1]["gross"] == "3000.00"
    assert codes(batch) == ["limited", "limited", "shortfall"]
    assert batch.warnings[2] == {"code": "shortfall", "employee_no": "E0002", "amount": "90.00"}


def test_unpaid_leave_and_social_insurance_on_top_leave_less_room(company, hana):
    company.wage_rules(social_insurance_on_top=True)
    company.hire("E0001", base="2000.00")
    company.pay("E0001")
    owe(company, "E0001", "900.00")
    employee_id = company.people["E0001"].pk
    rows = [
        ComponentRow(employee_id, NOVEMBER, "unpaid_leave", Decimal("500.00")),
        ComponentRow(employee_id, NOVEMBER, "social_insurance", Decimal("900.00")),
        ComponentRow(employee_id, NOVEMBER, "other_pay", Decimal("100.00")),
    ]
    store_wage_components(rows, actor=hana)
    (figures,) = payroll.build(NOVEMBER, actor=hana).guard
    # W 2000 + 2000 + 100 - 500 = 3600, X 900, MW 2490: room 210.
    assert (figures["gross"], figures["excluded"], figures["room"]) == (
        "3600.00",
        "900.00",
        "210.00",
    )
    assert figures["debts"][0]["deduct"] == "210.00"


def test_without_a_minimum_wage_nothing_is_recovered_and_it_is_said(company, hana):
    company.hire("E0001", city="澜川")
    company.pay("E0001")
    owe(company, "E0001", "100.00")
    batch = payroll.build(NOVEMBER, actor=hana)
    assert amounts(batch) == [("E0001", "add", "2000.00", "")]
    assert codes(batch) == ["limited", "no_minimum_wage"]
    assert batch.warnings[0]["reason"] == "no_minimum_wage"


def test_debts_are_served_in_the_order_of_their_decisions(company, hana):
    company.wage_rules()
    company.hire("E0001", base="4000.00")
    company.pay("E0001")
    later = owe(company, "E0001", "1000.00", on=date(2025, 11, 20))
    first = owe(company, "E0001", "700.00", on=date(2025, 11, 4))
    after_the_month = owe(company, "E0001", "50.00", on=date(2025, 12, 1))
    batch = payroll.build(NOVEMBER, actor=hana)
    taken = [(one["recovery_no"], one["deduct"]) for one in batch.guard[0]["debts"]]
    assert taken == [(first.recovery_no, "700.00"), (later.recovery_no, "500.00")]
    first.refresh_from_db()
    assert first.state == Recovery.State.SETTLED
    assert after_the_month.state == Recovery.State.OPEN


def test_a_leavers_rest_goes_to_hr_and_is_not_carried(company, hana):
    company.wage_rules()
    company.hire("E0001", base="4000.00", left_on=date(2025, 11, 27))
    company.hire("E0002")
    company.pay("E0001")
    debt = owe(company, "E0001", "3000.00")
    batch = acknowledged()
    # 19 of the 20 working days of November: W = 3800 + 2000.
    assert (batch.guard[0]["base"], batch.guard[0]["gross"]) == ("3800.00", "5800.00")
    assert codes(batch) == ["leaver", "to_hr"]
    debt.refresh_from_db()
    assert debt.state == Recovery.State.TO_HR
    company.pay("E0002", month=DECEMBER)
    assert amounts(payroll.build(DECEMBER, actor=hana)) == [("E0002", "add", "2000.00", "")]


def test_rejection_reverses_what_was_recovered_and_the_next_batch_takes_it_again(company, hana):
    company.wage_rules()
    company.hire("E0001", base="4000.00")
    company.pay("E0001")
    debt = owe(company, "E0001", "150.00")
    batch = payroll.build(NOVEMBER, actor=hana)
    debt.refresh_from_db()
    assert debt.state == Recovery.State.SETTLED
    payroll.reject(batch, reason="again", actor=hana)
    debt.refresh_from_db()
    assert debt.state == Recovery.State.OPEN
    assert outstanding([debt]) == {debt.pk: Decimal("150.00")}
    second = acknowledged()
    assert amounts(second) == [("E0001", "add", "2000.00", ""), ("E0001", "deduct", "150.00", "C")]
    assert payroll.verify() is None
    total = sum(entry.amount for entry in LedgerEntry.objects.all())
    assert total == Decimal("1850.00")


def test_a_second_batch_of_the_month_takes_only_what_the_first_left_of_the_cap(company, hana):
    company.wage_rules()
    company.hire("E0001", base="4000.00")
    company.hire("E0002")
    company.pay("E0001")
    owe(company, "E0001", "1000.00")
    acknowledged()
    owe(company, "E0001", "500.00")
    company.pay("E0002")
    second = payroll.build(NOVEMBER, actor=hana)
    assert amounts(second) == [("E0001", "deduct", "200.00", "C"), ("E0002", "add", "2000.00", "")]


def test_figures_that_changed_after_building_stop_the_validation(company, hana):
    company.wage_rules()
    company.hire("E0001", base="4000.00")
    company.pay("E0001")
    owe(company, "E0001", "3000.00")
    batch = payroll.build(NOVEMBER, actor=hana)
    row = ComponentRow(company.people["E0001"].pk, NOVEMBER, "unpaid_leave", Decimal("100.00"))
    store_wage_components([row], actor=hana)
    with pytest.raises(InvalidInput, match="Figures changed since PB-2025-11 was built: E0001"):
        payroll.validate(batch, actor=hana)
    batch.refresh_from_db()
    assert batch.state == State.BUILDING
    payroll.reject(batch, reason="unpaid leave came in", actor=hana)
    again = payroll.validate(payroll.build(NOVEMBER, actor=hana), actor=hana)
    assert again.guard[0]["debts"][0]["deduct"] == "1180.00"


def test_a_reduction_alone_waits_until_variable_pay_covers_it(company, hana):
    company.wage_rules()
    company.hire("E0001")
    company.hire("E0002")
    entry = company.pay("E0001")
    acknowledged()
    ledger.reverse(entry, actor=account("ada", "group"), reason="error", approval_no="X-1")
    company.pay("E0002", month=DECEMBER)
    december = payroll.build(DECEMBER, actor=hana)
    assert amounts(december) == [("E0002", "add", "2000.00", "")]
    assert codes(december) == ["reduction_waits"]
    payroll.validate(december, actor=hana)
    payroll.reject(december, reason="wait for E0001", actor=hana)
    company.pay("E0001", month=DECEMBER)
    again = payroll.build(DECEMBER, actor=hana)
    assert amounts(again) == [
        ("E0001", "deduct", "2000.00", "A"),
        ("E0001", "add", "2000.00", ""),
        ("E0002", "add", "2000.00", ""),
    ]
    line = again.lines.get(line_no=1)
    assert line.reverses.no == "PB-2025-11/1"
    assert "not_earned" in codes(again)


def test_pay_not_earned_over_a_fifth_of_the_wage_is_warned_even_when_nothing_is_paid(company, hana):
    company.wage_rules()
    company.hire("E0001", base="4300.00", performance="1800.00")
    company.hire("E0002", base="4300.00", performance="1800.00")
    company.pay("E0001", "0.4")
    company.pay("E0002", "0.0")
    batch = payroll.build(NOVEMBER, actor=hana)
    assert [(row["employee_no"], row["amount"], row["percent"]) for row in batch.warnings] == [
        ("E0001", "1080.00", "21.5"),
        ("E0002", "1800.00", "41.9"),
    ]


def test_a_debt_needs_clause_notice_cause_and_another_decider(company, hana, hugo):
    company.wage_rules()
    person = company.hire("E0001")
    good = {
        "employee": person,
        "kind": "C",
        "amount": Decimal("10.00"),
        "decided_on": date(2025, 11, 3),
        "contract_clause": "12",
        "notice_on": date(2025, 11, 3),
        "cause": "proven",
    }
    for change in (
        {"contract_clause": " "},
        {"cause": ""},
        {"notice_on": date(2025, 11, 2)},
        {"amount": Decimal("0.00")},
        {"amount": Decimal("1.005")},
        {"kind": "A"},
        {"kind": "D"},
    ):
        with pytest.raises(InvalidInput):
            record_recovery(NewDebt(**{**good, **change}), decided_by=hugo, actor=hana)
    both = account("both", "hr", "group")
    with pytest.raises(InvalidInput, match="cannot be the one who decided"):
        record_recovery(NewDebt(**good), decided_by=both, actor=both)
    with pytest.raises(Denied):
        record_recovery(NewDebt(**good), decided_by=hana, actor=hana)
    with pytest.raises(Denied):
        record_recovery(NewDebt(**good), decided_by=hugo, actor=hugo)
    assert not Recovery.objects.exists()


def test_a_fine_needs_a_place_that_allows_it_and_bears_its_own_cap(company, hana, hugo):
    company.wage_rules(fine_rule="capped", fine_cap_percent=Decimal(5))
    person = company.hire("E0001", base="4000.00")
    company.pay("E0001")
    fine = NewDebt(
        employee=person,
        kind="D",
        amount=Decimal("400.00"),
        decided_on=date(2025, 11, 3),
        contract_clause="12",
        notice_on=date(2025, 11, 3),
        cause="proven",
    )
    record_recovery(fine, decided_by=hugo, actor=hana)
    batch = payroll.build(NOVEMBER, actor=hana)
    assert amounts(batch)[1] == ("E0001", "deduct", "300.00", "D")


def test_wage_components_are_versioned_and_the_same_file_changes_nothing(company, hana):
    person = company.hire("E0001")
    row = ComponentRow(person.pk, NOVEMBER, "overtime_pay", Decimal("600.00"))
    first = store_wage_components([row], actor=hana)
    again = store_wage_components([row], actor=hana)
    other = ComponentRow(person.pk, NOVEMBER, "overtime_pay", Decimal("650.00"))
    third = store_wage_components([other], actor=hana)
    assert (first.created, again.unchanged, third.corrected) == (1, 1, 1)
    kept = WageComponent.objects.order_by("version").values_list("version", "amount")
    assert list(kept) == [(1, Decimal("600.00")), (2, Decimal("650.00"))]
    assert WageComponent.objects.filter(superseded_at=None).get().amount == Decimal("650.00")


# --- the workbook --------------------------------------------------------------------------------

PAYROLL_COLUMNS = """
batch_no line_no employee_no name department legal_entity period pay_item_code pay_item_name
direction amount currency tax_class kind reason_code source_no reverses_line policy_version
approval_no remark
""".split()  # noqa: SIM905 - a list of twenty is easier to read as text


def test_the_workbook_holds_every_line_and_its_own_hash(company, hana):
    company.wage_rules()
    company.hire("E0001", base="4000.00")
    company.pay("E0001")
    owe(company, "E0001", "3000.00")
    batch = approved()
    file = payroll.generate(batch, actor=hana)
    content = payroll.stored_bytes(file)
    assert hashlib.sha256(content).hexdigest() == file.sha256
    book = load_workbook(BytesIO(content))
    assert book.sheetnames == ["Payroll", "Summary", "Detail", "Dictionary", "ReadMe"]
    rows = list(book["Payroll"].values)
    assert list(rows[0]) == PAYROLL_COLUMNS
    first = dict(zip(rows[0], rows[1], strict=True))
    assert first["employee_no"] == "E0001"
    assert first["name"] == "员工E0001"
    assert (first["department"], first["legal_entity"]) == ("滨河店", "衡评汽车一公司")
    assert (first["direction"], first["amount"], first["currency"]) == ("add", 2000, "CNY")
    assert (first["pay_item_name"], first["policy_version"]) == ("绩效工资", "TEST-2025 v1")
    second = dict(zip(rows[0], rows[2], strict=True))
    assert (second["direction"], second["amount"], second["kind"]) == ("deduct", 1200, "C")
    total = list(book["Summary"].values)[-1]
    assert total == ("TOTAL", "合计 Total", None, None, 2, 1, 2000, 1200, 800)
    readme = dict(row for row in book["ReadMe"].values)
    assert readme["payroll_rows_sha256"] == file.rows_sha256
    assert readme["approved_by"] == "hugo"


def test_the_same_batch_gives_the_same_bytes_and_the_stored_ones_stay(company, hana):
    from incentives.exports import payroll as exports

    company.hire("E0001")
    company.pay("E0001")
    batch = approved()
    file = payroll.generate(batch, actor=hana)
    assert exports.workbook(batch).content == payroll.stored_bytes(file)
    company.people["E0001"].name = "改名"
    company.people["E0001"].save()
    assert payroll.generate(batch, actor=hana).pk == file.pk
    assert exports.workbook(batch).content != payroll.stored_bytes(file)


def test_a_line_is_found_by_its_number(company, hana):
    company.hire("E0001")
    company.pay("E0001")
    payroll.build(NOVEMBER, actor=hana)
    assert line_by_no("PB-2025-11/1").amount == Decimal("2000.00")
    for text in ("PB-2025-11/2", "PB-2025-11/x", "PB-2025-11", "PB-2025-11/-1", "/"):
        with pytest.raises(InvalidInput):
            line_by_no(text)


# --- behind the application's back, and at the same moment ----------------------------------------


def tamper(sql: str, *params: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, params)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE incentives_payrollline SET amount = 9999", "PB-2025-11/1"),
        ("UPDATE incentives_payrollline SET kind = 'B'", "PB-2025-11/1"),
        ("UPDATE incentives_payrollline SET live = false", "PB-2025-11/1"),
        ("DELETE FROM incentives_payrollline WHERE line_no = 1", "PB-2025-11/1"),
        ("UPDATE incentives_payrollfile SET content = 'x'", "PB-2025-11"),
        ("DELETE FROM incentives_payrollfile", "PB-2025-11"),
        ("UPDATE incentives_payrollbatch SET totals = '{}'", "PB-2025-11"),
    ],
)
def test_a_change_behind_the_applications_back_is_found(sql, found):
    company = Company.create()
    company.hire("E0001")
    company.hire("E0002")
    company.pay("E0001")
    company.pay("E0002")
    acknowledged()
    assert payroll.verify() is None
    tamper(sql)
    broken = payroll.verify()
    assert broken is not None
    assert broken.place == found


def at_once(*steps: Any) -> list[str]:
    """Run the steps in threads with their own connections; "ok" or the error's class, each."""
    barrier = threading.Barrier(len(steps))
    results: list[str] = []

    def run(step: Any) -> None:
        barrier.wait()
        try:
            step()
            results.append("ok")
        except DomainError as error:
            results.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results)


@pytest.mark.django_db(transaction=True)
def test_of_two_builders_one_wins_and_the_other_is_told():
    company = Company.create()
    company.hire("E0001")
    company.pay("E0001")
    users = [account("hana", "hr"), account("hilda", "hr")]
    results = at_once(*[lambda user=user: payroll.build(NOVEMBER, actor=user) for user in users])
    assert results == ["Conflict", "ok"]
    assert PayrollBatch.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_months_built_at_once_share_no_entry():
    company = Company.create()
    company.hire("E0001")
    company.pay("E0001")
    users = [account("hana", "hr"), account("hilda", "hr")]
    results = at_once(
        lambda: payroll.build(NOVEMBER, actor=users[0]),
        lambda: payroll.build(DECEMBER, actor=users[1]),
    )
    assert results == ["InvalidInput", "ok"]
    assert PayrollLine.objects.filter(live=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_approvers_one_wins_and_the_other_is_told():
    company = Company.create()
    company.hire("E0001")
    company.pay("E0001")
    hana = account("hana", "hr")
    batch = payroll.validate(payroll.build(NOVEMBER, actor=hana), actor=hana)
    users = [account("hugo", "group"), account("ada", "group")]
    results = at_once(*[lambda user=user: payroll.approve(batch, actor=user) for user in users])
    assert results == ["InvalidTransition", "ok"]
    assert PayrollEvent.objects.filter(verb="approved").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_exports_at_once_store_one_file():
    company = Company.create()
    company.hire("E0001")
    company.pay("E0001")
    batch = approved()
    users = [account("hana", "hr"), account("hilda", "hr")]
    at_once(*[lambda user=user: payroll.generate(batch, actor=user) for user in users])
    assert PayrollFile.objects.count() == 1
    assert payroll.generate(batch, actor=users[1]).pk == PayrollFile.objects.get().pk
