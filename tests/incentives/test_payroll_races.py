"""Payroll behind the application's back, and at the same moment."""

from typing import Any

import pytest
from django.db import connection, transaction

from incentives.models import (
    PayrollBatch,
    PayrollEvent,
    PayrollFile,
    PayrollLine,
)
from incentives.services import payroll
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
