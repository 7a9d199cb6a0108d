"""Whether the batches still say what the ledger says, and their files what they said."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from incentives.models import LedgerEntry, PayrollBatch, PayrollFile, PayrollLine, Recovery
from incentives.rules.wage_guard import ZERO
from incentives.services.payroll.lines import totals

State = PayrollBatch.State


@dataclass(frozen=True)
class BrokenPayroll:
    """The first row of payroll that is not what it must be."""

    place: str
    problem: str

    def __str__(self) -> str:
        return _("payroll broken at %(place)s: %(problem)s") % {
            "place": self.place,
            "problem": self.problem,
        }


def verify() -> BrokenPayroll | None:
    """Check every batch, its lines against their entries, its stored bytes, and every debt."""
    return next(_all_problems(), None)


def _all_problems() -> Iterator[BrokenPayroll]:
    for batch in PayrollBatch.objects.order_by("month", "sequence"):
        yield from _batch_problems(batch)
    yield from _debt_problems()


def _batch_problems(batch: PayrollBatch) -> Iterator[BrokenPayroll]:
    lines = list(batch.lines.select_related("entry", "batch").order_by("line_no"))
    for place, line in enumerate(lines, start=1):
        if line.line_no != place:
            yield BrokenPayroll(f"{batch.batch_no}/{place}", _("the line is missing"))
        problem = _line_problem(line)
        if problem:
            yield BrokenPayroll(line.no, problem)
    if totals(lines) != batch.totals:
        yield BrokenPayroll(batch.batch_no, _("the control totals are not those of its lines"))
    yield from _step_problems(batch)
    yield from _file_problems(batch)


def _step_problems(batch: PayrollBatch) -> Iterator[BrokenPayroll]:
    """The batch stands where its last step left it, by the people of its steps."""
    steps = list(batch.events.order_by("id").values_list("verb", "actor"))
    last = steps[-1][0] if steps else ""
    people = dict(steps)
    if (batch.state, batch.built_by_id, batch.approved_by_id) != (
        State.BUILDING if last == "built" else last,
        people.get("built"),
        people.get("approved"),
    ):
        yield BrokenPayroll(batch.batch_no, _("its state or its people are not those of its steps"))


def _line_problem(line: PayrollLine) -> str | None:
    entry: LedgerEntry = line.entry
    if line.signed != entry.amount:
        return _("the amount is not that of ledger entry %(no)d") % {"no": entry.entry_no}
    if (line.employee_id, line.pay_item_code, line.kind, line.source_no) != (
        entry.employee_id,
        entry.pay_item_code,
        entry.kind,
        entry.source_no,
    ):
        return _("it is not ledger entry %(no)d") % {"no": entry.entry_no}
    if line.live == (line.batch.state == State.REJECTED):
        return _("it is live and its batch rejected, or the other way round")
    if line.reverses_id and line.reverses and line.reverses.entry_id != entry.reverses_id:
        return _("it names another line than its entry reverses")
    return None


def _file_problems(batch: PayrollBatch) -> Iterator[BrokenPayroll]:
    file = PayrollFile.objects.filter(batch=batch).first()
    expected = batch.state in (
        State.GENERATED,
        State.DELIVERED,
        State.ACKNOWLEDGED,
        State.CLOSED,
    )
    if file is None:
        if expected:
            yield BrokenPayroll(batch.batch_no, _("its stored workbook is missing"))
        return
    content = bytes(file.content)
    step = batch.events.filter(verb="generated").values_list("data__sha256", flat=True).first()
    if {hashlib.sha256(content).hexdigest(), step} != {file.sha256} or len(content) != file.size:
        yield BrokenPayroll(batch.batch_no, _("its stored workbook was changed (the hash differs)"))


def _debt_problems() -> Iterator[BrokenPayroll]:
    """No debt is taken more than it is, and every recovery entry stands in a batch's line."""
    loose = LedgerEntry.objects.filter(
        source_type=LedgerEntry.Source.RECOVERY, reversed_by__isnull=True
    ).exclude(pk__in=PayrollLine.objects.filter(live=True).values("entry"))
    for entry in loose.order_by("entry_no")[:1]:
        yield BrokenPayroll(f"#{entry.entry_no}", _("a recovery was taken outside any batch"))
    for recovery in Recovery.objects.order_by("id").prefetch_related("ledger_entries"):
        taken = -sum((entry.amount for entry in recovery.ledger_entries.all()), ZERO)
        if taken < Decimal(0) or taken > recovery.amount:
            yield BrokenPayroll(recovery.recovery_no, _("more was taken than is owed"))
        settled = recovery.state == Recovery.State.SETTLED
        if settled != (taken == recovery.amount):
            yield BrokenPayroll(recovery.recovery_no, _("its state and what was taken disagree"))
