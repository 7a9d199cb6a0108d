"""What the tests of payroll share: the people, a debt, a batch brought to a state."""

from datetime import date
from decimal import Decimal

from incentives.models import PayrollBatch, Recovery
from incentives.services import payroll
from incentives.services.recoveries import NewDebt, record_recovery
from tests.incentives.company import NOVEMBER, Company, account


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
