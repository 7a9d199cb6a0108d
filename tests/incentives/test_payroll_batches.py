"""A payroll batch from building to acknowledgement: states, roles, who is told what."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from core import audit
from core.errors import Conflict, InvalidInput, InvalidTransition
from core.models import AuditEntry
from core.permissions import Denied
from incentives.models import (
    PayrollBatch,
    PayrollEvent,
    PayrollFile,
    PayrollLine,
)
from incentives.services import ledger, payroll
from tests.incentives.batches import acknowledged, amounts, approved
from tests.incentives.company import DECEMBER, NOVEMBER, account

State = PayrollBatch.State


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
