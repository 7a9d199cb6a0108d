"""The workbook of an approved batch: made once, stored, and handed out byte for byte."""

import hashlib
from datetime import date, datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import InvalidInput
from core.locks import Lock, take
from core.models import User
from core.permissions import require
from incentives.exports import payroll as exports
from incentives.models import PayrollBatch, PayrollFile
from incentives.permissions import may_run_payroll, may_see_payroll
from incentives.services.payroll.batches import State, check_figures, locked, moved

WITH_FILE = (State.GENERATED, State.DELIVERED, State.ACKNOWLEDGED, State.CLOSED)


def current(month: date, *, actor: User) -> PayrollBatch:
    """The latest batch of the month that was not rejected. Raises InvalidInput when none is."""
    require(may_see_payroll(actor))
    batch = (
        PayrollBatch.objects.filter(month=month)
        .exclude(state=State.REJECTED)
        .order_by("-sequence")
        .first()
    )
    if batch is None:
        raise InvalidInput(
            _("There is no payroll batch for %(month)s.") % {"month": f"{month:%Y-%m}"}
        )
    return batch


def exportable(month: date, batch_no: str = "", *, actor: User) -> PayrollBatch:
    """The latest approved batch of the month, or the one named. Raises InvalidInput if none is."""
    require(may_run_payroll(actor))
    batches = PayrollBatch.objects.filter(month=month, state__in=(State.APPROVED, *WITH_FILE))
    if batch_no:
        batches = batches.filter(batch_no=batch_no)
    batch = batches.order_by("-sequence").first()
    if batch is None:
        raise InvalidInput(
            _("No payroll batch of %(month)s is approved.")
            % {"month": batch_no or f"{month:%Y-%m}"}
        )
    return batch


def generate(batch: PayrollBatch, *, actor: User, now: datetime | None = None) -> PayrollFile:
    """Make and store the workbook of an approved batch; a second call gives the stored one.

    Made of one moment of the database while nobody waits, stored in a transaction of its own with
    the batch's step: killed half-way, nothing is stored and the next call makes it anew, with the
    same bytes. Raises InvalidInput when figures changed since the approval, InvalidTransition when
    the batch is not approved, or was rejected while the workbook was made.
    """
    require(may_run_payroll(actor))
    stored = _stored(batch)
    if stored is not None:
        return stored
    return _store(batch, _make(batch), actor=actor, now=now or timezone.now())


def _make(batch: PayrollBatch) -> exports.Workbook | None:
    """The workbook of a batch that is approved now; None of any other."""
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone:  # a caller's transaction has begun and keeps its own view
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        found = PayrollBatch.objects.get(pk=batch.pk)
        return exports.workbook(found) if found.state == State.APPROVED else None


@transaction.atomic
def _store(
    batch: PayrollBatch, made: exports.Workbook | None, *, actor: User, now: datetime
) -> PayrollFile:
    take(Lock.PAYROLL)
    _alone(batch)  # of two at once the second finds the file of the first
    stored = _stored(batch)
    if stored is not None:
        return stored
    batch = locked(batch, State.GENERATED)
    check_figures(batch)
    if made is None:  # approved in this very moment
        made = exports.workbook(batch)
    file = PayrollFile.objects.create(
        batch=batch,
        content=made.content,
        size=len(made.content),
        sha256=made.sha256,
        rows_sha256=made.rows_sha256,
        created_by=actor,
        created_at=now,
    )
    moved(batch, State.GENERATED, "generated", actor=actor, now=now, sha256=made.sha256)
    return file


def _stored(batch: PayrollBatch) -> PayrollFile | None:
    return PayrollFile.objects.filter(batch=batch).first()


def _alone(batch: PayrollBatch) -> None:
    PayrollBatch.objects.select_for_update().get(pk=batch.pk)


def stored_bytes(file: PayrollFile) -> bytes:
    """The stored workbook, checked against its hash. Raises InvalidInput if it differs."""
    content = bytes(file.content)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise InvalidInput(
            _("The stored workbook of %(batch)s does not match its hash; see verify_ledger.")
            % {"batch": file.batch.batch_no}
        )
    return content


@transaction.atomic
def deliver(batch: PayrollBatch, *, actor: User, now: datetime | None = None) -> PayrollBatch:
    """Note that the stored bytes were handed out; the first time the batch becomes delivered."""
    require(may_run_payroll(actor))
    now = now or timezone.now()
    found = PayrollBatch.objects.select_for_update().get(pk=batch.pk)
    if found.state == State.GENERATED:
        return moved(found, State.DELIVERED, "delivered", actor=actor, now=now)
    audit.record(actor, "payroll.handed_out", found, batch_no=found.batch_no)
    return found
