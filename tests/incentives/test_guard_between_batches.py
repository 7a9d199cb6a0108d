"""The floor holds over all batches of a month: what an earlier one deducted counts for the next."""

from decimal import Decimal

import pytest

from core.errors import InvalidInput
from incentives.models import LedgerEntry, PayrollLine
from incentives.rules.wage_guard import Wage, bearable
from incentives.services import ledger, payroll
from tests.incentives.batches import acknowledged, owe
from tests.incentives.company import NOVEMBER, Company, account

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
