"""The floor holds over all batches of a month: what an earlier one deducted counts for the next."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from core.errors import InvalidInput
from incentives.models import LedgerEntry, PayrollLine, PerformancePay
from incentives.queries.payroll import warning_text
from incentives.rules.wage_guard import Wage, bearable
from incentives.services import ledger, payroll
from incentives.services.wages import ComponentRow, store_wage_components
from organization.services import import_roster
from tests.incentives.batches import acknowledged, amounts, owe
from tests.incentives.company import DECEMBER, NOVEMBER, Company, account
from tests.incentives.surveyed import EMPLOYEE_COLUMNS
from tests.organization.conftest import table

pytestmark = pytest.mark.django_db


def test_a_reduction_waits_where_a_recovery_has_used_the_room(company: Company) -> None:
    company.wage_rules(minimum="2490.00")
    company.hire("E0001", base="2490.00", performance="300.00")
    company.pay("E0001")
    owe(company, "E0001", "3000.00")
    acknowledged()
    entry = LedgerEntry.objects.get(source_type="performance_pay")
    ledger.reverse(entry, actor=account("ada"), reason="entered twice", approval_no="AP-1")
    hana = account("hana", "hr")
    with pytest.raises(InvalidInput, match="no entry is free"):  # the reversal waits
        payroll.build(NOVEMBER, actor=hana)
    net = sum((line.signed for line in PayrollLine.objects.filter(live=True)), Decimal(0))
    assert net == Decimal("0.00")  # 300.00 earned, 300.00 recovered


def test_what_was_taken_narrows_the_room() -> None:
    wage = Wage(gross=Decimal(2790), excluded=Decimal(0), minimum=Decimal(2490))
    amounts = [Decimal(200), Decimal(100)]
    assert bearable(wage, Decimal(300), amounts) == [True, True]
    assert bearable(wage, Decimal(300), amounts, taken=Decimal(150)) == [False, True]
    assert bearable(wage, Decimal(300), amounts, taken=Decimal(300)) == [False, False]


def test_a_wage_that_changes_after_validation_stops_the_approval(company: Company) -> None:
    hana, hugo = account("hana", "hr"), account("hugo", "group")
    company.wage_rules()
    company.hire("E0001", base="800.00")
    company.pay("E0001")
    owe(company, "E0001", "3000.00")
    batch = payroll.validate(payroll.build(NOVEMBER, actor=hana), actor=hana)
    leave = ComponentRow(company.people["E0001"].pk, NOVEMBER, "unpaid_leave", Decimal("300.00"))
    store_wage_components([leave], actor=hana)
    with pytest.raises(InvalidInput, match=r"Figures changed since .* was built: E0001"):
        payroll.approve(batch, actor=hugo)
    batch.refresh_from_db()
    assert (batch.state, batch.approved_by) == ("validated", None)
    payroll.reject(batch, reason="unpaid leave came in", actor=hana)
    again = payroll.validate(payroll.build(NOVEMBER, actor=hana), actor=hana)
    assert payroll.approve(again, actor=hugo).state == "approved"
    taken = [line.amount for line in again.lines.filter(direction="deduct")]
    assert taken == [Decimal("10.00")]


def correct(company: Company, amount: str) -> None:
    """November's performance pay of E0001, reversed and posted again with another amount."""
    payment = PerformancePay.objects.get(state="posted")
    entry = LedgerEntry.objects.get(performance_pay=payment, source_type="performance_pay")
    ledger.reverse(entry, actor=account("ada"), reason="miscounted", approval_no="AP-1")
    payment.pk, payment.version = None, payment.version + 1
    payment.amount = Decimal(amount)
    payment.coefficient = payment.amount / payment.performance_pay
    payment.content_hash = ledger.facts_hash(payment)
    payment.save()
    company.post(payment)


def corrected_where_no_month_bears_it(company: Company) -> None:
    """E0001 lives on the minimum wage and was paid 2000.00, of which 1600.00 are right."""
    company.wage_rules(minimum="2490.00")
    company.hire("E0001", base="2490.00")
    company.hire("E0002")
    company.pay("E0001")
    acknowledged()
    correct(company, "1600.00")
    company.pay("E0002", month=DECEMBER)


def test_a_correction_to_a_lower_amount_waits_as_the_difference(company: Company) -> None:
    """2000.00 were paid and 1600.00 are right: 400.00 are taken back, and until a month bears
    them neither line goes out. Nobody is paid 1600.00 more and 2000.00 taken off some day."""
    corrected_where_no_month_bears_it(company)
    december = acknowledged(DECEMBER)
    assert amounts(december) == [("E0002", "add", "2000.00", "")]
    (warning,) = december.warnings
    assert (warning["code"], warning["amount"]) == ("reduction_waits", "400.00")
    waiting = list(
        LedgerEntry.objects.filter(employee__employee_no="E0001")
        .exclude(pk__in=PayrollLine.objects.values("entry"))
        .order_by("entry_no")
        .values_list("entry_no", flat=True)
    )
    assert (len(waiting), warning["entry_nos"]) == (2, waiting)
    assert f"entry {waiting[0]}, {waiting[1]} (400.00) waits" in warning_text(warning)


def test_a_batch_that_holds_its_waiting_entries_as_text_is_carried_on(company: Company) -> None:
    """As batches built before this stood: no figure changed, and the sentence is the same."""
    corrected_where_no_month_bears_it(company)
    batch = payroll.build(DECEMBER, actor=account("hana", "hr"))
    (warning,) = batch.warnings
    text = warning_text(warning)
    numbers = warning.pop("entry_nos")
    batch.warnings = [{**warning, "entry_no": ", ".join(map(str, numbers))}]
    batch.save(update_fields=["warnings"])
    assert warning_text(batch.warnings[0]) == text
    batch = payroll.validate(batch, actor=account("hana"))
    assert payroll.approve(batch, actor=account("hugo", "group")).state == "approved"


def test_a_correction_to_a_lower_amount_goes_out_where_the_month_bears_the_difference(
    company: Company,
) -> None:
    company.wage_rules(minimum="2490.00")
    company.hire("E0001", base="2490.00")
    company.pay("E0001")
    acknowledged()
    correct(company, "1600.00")
    company.pay("E0001", "0.2", month=DECEMBER)  # 400.00
    december = acknowledged(DECEMBER)
    assert amounts(december) == [
        ("E0001", "deduct", "2000.00", "A"),
        ("E0001", "add", "1600.00", ""),
        ("E0001", "add", "400.00", ""),
    ]
    # W 2490 + 400 - 400: nothing under the minimum wage, and 400 (not 2000) back from November.
    assert december.totals["net"] == "0.00"
    (warning,) = december.warnings
    assert (warning["code"], warning["amount"]) == ("not_earned", "2000.00")
    (figures,) = december.guard
    assert (figures["variable"], figures["not_earned"]) == ("400.00", "400.00")
    assert (figures["gross"], figures["shortfall"]) == ("2490.00", "0.00")
    assert payroll.verify() is None


def test_who_leaves_and_is_hired_again_inside_a_month_bears_by_the_wage_of_both_times(
    company: Company,
) -> None:
    """5 of November's 20 working days before leaving, 10 after coming back: 4000 x 15/20 = 3000
    and 3000 of performance pay, so W 6000; of 3000 due 1200 are taken and 1800 carried."""
    company.wage_rules(minimum="2490.00")
    company.hire("E0001", base="4000.00", performance="3000.00", left_on=date(2025, 11, 7))
    company.pay("E0001")  # 3000
    again = "E0001,员工E0001,S01,service_advisor,2025-11-17,,,云屿,4000,3000"
    import_roster([table([EMPLOYEE_COLUMNS, again])], actor=account("op", "admin"))
    assert company.people["E0001"].pay_profiles.count() == 2
    owe(company, "E0001", "3000.00")
    batch = payroll.build(NOVEMBER, actor=account("hana", "hr"))
    (figures,) = batch.guard
    assert (figures["base"], figures["gross"]) == ("3000.00", "6000.00")
    assert (figures["cap"], figures["room"]) == ("1200.00", "3510.00")
    (debt,) = figures["debts"]
    assert (debt["due"], debt["deduct"], debt["carry"]) == ("3000.00", "1200.00", "1800.00")


def test_what_was_recorded_since_a_batch_was_built_waits_for_the_next_one(
    company: Company,
) -> None:
    """A debt of somebody else, one of the same person, and pay of 0 decided meanwhile."""
    hana, hugo = account("hana", "hr"), account("hugo", "group")
    company.wage_rules()
    for number in ("E0001", "E0002", "E0003"):
        company.hire(number, base="4000.00")
    company.pay("E0001")
    first = owe(company, "E0001", "100.00")
    batch = payroll.build(NOVEMBER, actor=hana)
    later = [owe(company, number, "50.00") for number in ("E0002", "E0001")]
    company.pay("E0003", "0.0")
    PerformancePay.objects.filter(amount=0).update(decided_at=timezone.now())
    payroll.approve(payroll.validate(batch, actor=hana), actor=hugo)
    file = payroll.generate(batch, actor=hana)
    assert (batch.lines.count(), file.size > 0) == (2, True)
    batch = payroll.build(DECEMBER, actor=hana)
    taken = [(debt["recovery_no"], debt["deduct"]) for row in batch.guard for debt in row["debts"]]
    assert (first.recovery_no in dict(taken), sorted(taken)) == (
        False,
        sorted((debt.recovery_no, "50.00") for debt in later),
    )
