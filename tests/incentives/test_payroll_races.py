"""Payroll behind the application's back, and at the same moment."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from core.errors import InvalidTransition
from incentives.models import (
    PayrollBatch,
    PayrollEvent,
    PayrollFile,
    PayrollLine,
)
from incentives.services import payroll
from incentives.services.payroll import workbooks
from incentives.services.wages import ComponentRow, store_wage_components
from organization.models import Employee
from tests.customers.test_erasure_races import in_thread
from tests.incentives.batches import acknowledged, approved
from tests.incentives.company import DECEMBER, NOVEMBER, Company, account
from tests.incentives.racing import at_once

State = PayrollBatch.State


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
        ("UPDATE incentives_payrollline SET remark = 'x' WHERE line_no = 2", "PB-2025-11"),
        ("UPDATE incentives_payrollline SET approval_no = 'x' WHERE line_no = 2", "PB-2025-11"),
        ("UPDATE incentives_payrollline SET legal_entity = 'x' WHERE line_no = 2", "PB-2025-11"),
        ("UPDATE incentives_payrollbatch SET state = 'closed'", "PB-2025-11"),
        ("UPDATE incentives_payrollbatch SET approved_by_id = built_by_id + 99", "PB-2025-11"),
        (
            "UPDATE incentives_payrollfile SET content = 'x', size = 1,"
            " sha256 = encode(sha256('x'), 'hex')",
            "PB-2025-11",
        ),
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


def approved_batch() -> Any:
    company = Company.create()
    company.hire("E0001")
    company.pay("E0001")
    return approved()


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_while_the_workbook_is_made_and_it_is_of_one_moment(monkeypatch):
    """HR stores a part of the wage meanwhile; who is renamed meanwhile has the old name in it."""
    batch, hana = approved_batch(), account("hana", "hr")
    make = workbooks.exports.workbook
    expected = make(batch).sha256
    row = ComponentRow(Employee.objects.get().pk, NOVEMBER, "overtime_pay", Decimal("600.00"))

    def meanwhile(found: Any) -> Any:
        assert PayrollBatch.objects.get(pk=found.pk).state == State.APPROVED  # the view begins
        thread, results = in_thread(lambda: store_wage_components([row], actor=hana))
        thread.join(60)
        assert results[0].created == 1
        in_thread(lambda: Employee.objects.update(name="改名"))[0].join(60)
        return make(found)

    monkeypatch.setattr(workbooks.exports, "workbook", meanwhile)
    assert payroll.generate(batch, actor=hana).sha256 == expected
    assert payroll.verify() is None


@pytest.mark.django_db(transaction=True)
def test_a_batch_rejected_while_its_workbook_is_made_gets_none(monkeypatch):
    batch, hana = approved_batch(), account("hana", "hr")
    hugo, make = account("hugo", "group"), workbooks.exports.workbook

    def meanwhile(found: Any) -> Any:
        thread, results = in_thread(lambda: payroll.reject(batch, reason="wrong", actor=hugo))
        thread.join(60)
        assert results[0].state == State.REJECTED
        return make(found)

    monkeypatch.setattr(workbooks.exports, "workbook", meanwhile)
    with pytest.raises(InvalidTransition):
        payroll.generate(batch, actor=hana)
    assert not PayrollFile.objects.exists()
    assert payroll.verify() is None
