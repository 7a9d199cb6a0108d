"""The wage guard in a batch: debts, floors, leavers, rejection, the second batch of a month."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from core.errors import InvalidInput
from core.permissions import Denied
from incentives.models import (
    LedgerEntry,
    PayrollBatch,
    PayrollFile,
    PerformancePay,
    Recovery,
    WageComponent,
)
from incentives.queries.payroll import warning_text
from incentives.services import ledger, payroll
from incentives.services.recoveries import NewDebt, outstanding, record_recovery
from incentives.services.wages import ComponentRow, store_wage_components
from tests.incentives.batches import acknowledged, amounts, approved, codes, owe
from tests.incentives.company import DECEMBER, NOVEMBER, account

State = PayrollBatch.State


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


def test_a_rejected_batch_leaves_a_debt_settled_that_another_has_taken(company, hana):
    company.wage_rules()
    company.hire("E0001", base="4000.00")
    company.hire("E0002")
    company.pay("E0002")
    row = ComponentRow(company.people["E0001"].pk, NOVEMBER, "unpaid_leave", Decimal("3900.00"))
    store_wage_components([row], actor=hana)
    debt = owe(company, "E0001", "150.00")
    november = payroll.build(NOVEMBER, actor=hana)
    assert [one["deduct"] for row in november.guard for one in row["debts"]] == ["0.00"]
    company.pay("E0001", month=DECEMBER)
    payroll.build(DECEMBER, actor=hana)
    debt.refresh_from_db()
    assert debt.state == Recovery.State.SETTLED
    payroll.reject(november, reason="again", actor=hana)
    debt.refresh_from_db()
    assert (debt.state, outstanding([debt])) == (Recovery.State.SETTLED, {debt.pk: Decimal(0)})


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


@pytest.mark.parametrize("step", ["approve", "generate"])
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "changed since PB-2025-11 was built: E0001. Reject it and build it again"),
        ("zh-hans", "PB-2025-11 编制后数据已变化：E0001。请驳回后重新编制。"),
    ],
)
def test_figures_that_changed_after_the_validation_stop_what_comes_next(
    company, hana, hugo, step, language, words
):
    company.wage_rules()
    company.hire("E0001", base="800.00")
    company.pay("E0001")
    owe(company, "E0001", "3000.00")
    batch = payroll.validate(payroll.build(NOVEMBER, actor=hana), actor=hana)
    assert amounts(batch)[1] == ("E0001", "deduct", "310.00", "C")
    if step == "generate":
        batch = payroll.approve(batch, actor=hugo)
    state, events = batch.state, batch.events.count()
    row = ComponentRow(company.people["E0001"].pk, NOVEMBER, "unpaid_leave", Decimal("300.00"))
    store_wage_components([row], actor=hana)  # the room is 10.00 now
    with translation.override(language), pytest.raises(InvalidInput, match=words):
        getattr(payroll, step)(batch, actor=hugo if step == "approve" else hana)
    batch.refresh_from_db()
    assert (batch.state, batch.events.count()) == (state, events)
    assert not PayrollFile.objects.exists()
    payroll.reject(batch, reason="unpaid leave came in", actor=hugo)
    again = approved()
    assert amounts(again)[1] == ("E0001", "deduct", "10.00", "C")
    payroll.generate(again, actor=hana)


def test_a_stored_workbook_stays_what_it_is_whatever_comes_in_later(company, hana):
    company.wage_rules()
    company.hire("E0001", base="800.00")
    company.pay("E0001")
    owe(company, "E0001", "3000.00")
    batch = approved()
    file = payroll.generate(batch, actor=hana)
    row = ComponentRow(company.people["E0001"].pk, NOVEMBER, "unpaid_leave", Decimal("300.00"))
    store_wage_components([row], actor=hana)
    assert payroll.generate(batch, actor=hana).sha256 == file.sha256
    assert payroll.deliver(batch, actor=hana).state == State.DELIVERED


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


def test_pay_corrected_before_any_batch_counts_as_what_it_became(company, hana):
    company.wage_rules()
    company.hire("E0001", base="4300.00", performance="1800.00")
    entry = company.pay("E0001", "0.4")
    ada = account("ada", "group")
    ledger.reverse(entry, actor=ada, reason="AP-1", approval_no="AP-1")
    payment = PerformancePay.objects.get()
    payment.pk, payment.version = None, 2
    payment.coefficient, payment.amount = Decimal("1.0000"), Decimal("1800.00")
    payment.content_hash = ledger.facts_hash(payment)
    payment.save()
    company.post(payment)
    batch = payroll.build(NOVEMBER, actor=hana)
    assert amounts(batch) == [
        ("E0001", "add", "720.00", ""),
        ("E0001", "deduct", "720.00", "A"),
        ("E0001", "add", "1800.00", ""),
    ]
    assert codes(batch) == []


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
        {"amount": Decimal("10000000000.00")},
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
