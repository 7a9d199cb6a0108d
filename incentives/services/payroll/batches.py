"""The steps of a payroll batch; each is one transaction that locks, checks, changes, records."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import Conflict, InvalidInput, InvalidTransition
from core.locks import Lock, take
from core.models import User
from core.notifications import notify
from core.permissions import require
from incentives.models import Award, LedgerEntry, PayrollBatch, PayrollEvent, PayrollLine
from incentives.permissions import may_approve_batch, may_reject_batch, may_run_payroll
from incentives.queries.payroll import listed
from incentives.services import recoveries
from incentives.services.payroll import lines as payroll_lines
from incentives.services.payroll import plan as plans
from organization.models import Role
from organization.queries import users_with

State = PayrollBatch.State
RUNNING = (State.BUILDING, State.VALIDATED, State.APPROVED, State.GENERATED, State.DELIVERED)
SHOWN_NUMBERS = 5


def locked(batch: PayrollBatch, target: State) -> PayrollBatch:
    """The batch, its row locked, if the step to `target` is open; else InvalidTransition."""
    found = PayrollBatch.objects.select_for_update().get(pk=batch.pk)
    if target not in PayrollBatch.TRANSITIONS[State(found.state)]:
        last = found.events.order_by("-id").select_related("actor").first()
        raise InvalidTransition(
            _("%(batch)s is %(state)s (%(step)s by %(who)s); it cannot become %(target)s.")
            % {
                "batch": found.batch_no,
                "state": State(found.state).label,
                "step": last.verb if last else "-",
                "who": last.actor.username if last else "-",
                "target": target.label,
            }
        )
    return found


def moved(
    batch: PayrollBatch,
    target: State,
    verb: str,
    *,
    actor: User,
    now: datetime,
    fields: tuple[str, ...] = (),
    **data: Any,
) -> PayrollBatch:
    """Store the new state with its event and its audit row."""
    batch.state = target
    batch.save(update_fields=["state", *fields])
    PayrollEvent.objects.create(batch=batch, verb=verb, actor=actor, at=now, data=data)
    audit.record(actor, f"payroll.{verb}", batch, batch_no=batch.batch_no, **data)
    return batch


@transaction.atomic
def build(month: date, *, actor: User, now: datetime | None = None) -> PayrollBatch:
    """Gather every free entry of the month or earlier, and what the wage guard takes, in a batch.

    Raises Conflict while another batch of the month is on its way, InvalidInput when there is
    nothing to pay.
    """
    require(may_run_payroll(actor))
    take(Lock.PAYROLL)
    now = now or timezone.now()
    others = PayrollBatch.objects.filter(month=month)
    running = others.filter(state__in=RUNNING).select_related("built_by").first()
    if running is not None:
        raise Conflict(
            _("%(batch)s, built by %(who)s, is %(state)s; finish or reject it first.")
            % {
                "batch": running.batch_no,
                "who": running.built_by.username,
                "state": State(running.state).label,
            }
        )
    plan = plans.make(month, plans.free_entries(month))
    if not plan.entries and not any(one.deduct for _debt, one in plan.taken):
        raise InvalidInput(
            _("There is nothing to pay for %(month)s: no entry is free.")
            % {"month": f"{month:%Y-%m}"}
        )
    sequence = others.count() + 1
    tail = f"-{sequence}" if sequence > 1 else ""
    batch = PayrollBatch.objects.create(
        batch_no=f"PB-{month:%Y-%m}{tail}",
        month=month,
        sequence=sequence,
        built_by=actor,
        built_at=now,
        guard=plan.guard,
        warnings=plan.warnings,
    )
    own = recoveries.post_taken(
        plan.taken,
        month=month,
        batch_no=batch.batch_no,
        leavers=plan.leavers,
        actor=actor,
        now=now,
    )
    lines = payroll_lines.make(batch, plan, _together(plan.entries, own))
    batch.totals = payroll_lines.totals(lines)
    return moved(
        batch,
        State.BUILDING,
        "built",
        actor=actor,
        now=now,
        fields=("totals",),
        lines=len(lines),
        net=batch.totals["net"],
    )


def _together(entries: list[LedgerEntry], own: list[LedgerEntry]) -> list[LedgerEntry]:
    """A person's recoveries stand after the pay they are taken from."""
    rank = {entry.pk: 1 for entry in own}
    return sorted(
        [*entries, *own],
        key=lambda e: (e.employee.employee_no, rank.get(e.pk, 0), e.month, e.entry_no),
    )


@transaction.atomic
def validate(batch: PayrollBatch, *, actor: User, now: datetime | None = None) -> PayrollBatch:
    """Work everything out again; equal to what was built, the batch may go to its approver.

    Raises InvalidInput naming whose figures changed since (a wage component, a pay profile, a
    minimum wage): then the batch is rejected and built again.
    """
    require(may_run_payroll(actor))
    take(Lock.PAYROLL)
    now = now or timezone.now()
    batch = locked(batch, State.VALIDATED)
    check_figures(batch)
    lines = list(batch.lines.select_related("entry"))
    totals = payroll_lines.totals(lines)
    wrong = [line.line_no for line in lines if line.signed != line.entry.amount]
    if wrong or totals != batch.totals:
        raise InvalidInput(
            _("The lines of %(batch)s are not what was built; see verify_ledger.")
            % {"batch": batch.batch_no}
        )
    notify(users_with(Role.GROUP), "payroll.validated", batch, batch_no=batch.batch_no)
    return moved(
        batch,
        State.VALIDATED,
        "validated",
        actor=actor,
        now=now,
        lines=totals["lines"],
        net=totals["net"],
        warnings=len(batch.warnings),
    )


def check_figures(batch: PayrollBatch) -> None:
    """Work the batch out again under Lock.PAYROLL. Raises InvalidInput where it differs."""
    plan = plans.make(batch.month, plans.entries_of(batch), ignoring=batch)
    changed = _changed(batch.guard, plan.guard)
    if changed or plan.warnings != listed(batch.warnings):
        shown = ", ".join(sorted(changed)[:SHOWN_NUMBERS]) or _("the warnings")
        raise InvalidInput(
            _("Figures changed since %(batch)s was built: %(who)s. Reject it and build it again.")
            % {"batch": batch.batch_no, "who": shown}
        )


def _changed(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> set[str]:
    """Employee numbers whose figures are not the same in both."""
    old = {row["employee_no"]: row for row in before}
    new = {row["employee_no"]: row for row in after}
    return {number for number in old.keys() | new.keys() if old.get(number) != new.get(number)}


@transaction.atomic
def approve(batch: PayrollBatch, *, actor: User, now: datetime | None = None) -> PayrollBatch:
    """The named human who answers for the batch: of the management group, not its builder.

    Raises InvalidInput as validate does: wage components may have come in since, and what the wage
    guard takes is right for the wage it was worked out with only.
    """
    require(may_approve_batch(actor, batch))
    take(Lock.PAYROLL)
    now = now or timezone.now()
    batch = locked(batch, State.APPROVED)
    require(may_approve_batch(actor, batch))
    check_figures(batch)
    batch.approved_by, batch.approved_at = actor, now
    notify([batch.built_by], "payroll.approved", batch, batch_no=batch.batch_no)
    return moved(
        batch,
        State.APPROVED,
        "approved",
        actor=actor,
        now=now,
        fields=("approved_by", "approved_at"),
        lines=batch.totals["lines"],
        net=batch.totals["net"],
    )


@transaction.atomic
def reject(
    batch: PayrollBatch, *, reason: str, actor: User, now: datetime | None = None
) -> PayrollBatch:
    """Take a batch back: its entries are free again, what it recovered is reversed."""
    if not reason.strip():
        raise InvalidInput(_("A rejection needs a reason."))
    take(Lock.PAYROLL)
    now = now or timezone.now()
    batch = locked(batch, State.REJECTED)
    require(may_reject_batch(actor, batch))
    recoveries.give_back(batch, actor=actor, now=now)
    PayrollLine.objects.filter(batch=batch, live=True).update(live=False)
    batch.reject_reason = reason.strip()
    notify([batch.built_by], "payroll.rejected", batch, batch_no=batch.batch_no)
    return moved(batch, State.REJECTED, "rejected", actor=actor, now=now, fields=("reject_reason",))


@transaction.atomic
def acknowledge(
    batch: PayrollBatch,
    *,
    lines: int,
    total: Decimal,
    actor: User,
    now: datetime | None = None,
) -> PayrollBatch:
    """The payroll system's own count and net total; anything but the batch's own is refused."""
    require(may_run_payroll(actor))
    now = now or timezone.now()
    batch = locked(batch, State.ACKNOWLEDGED)
    if lines != batch.totals["lines"] or total != Decimal(batch.totals["net"]):
        raise InvalidInput(
            _(
                "%(lines)d lines and a net total of %(total)s are not what %(batch)s holds;"
                " nothing was acknowledged."
            )
            % {"lines": lines, "total": total, "batch": batch.batch_no}
        )
    _pay_awards(batch)
    return moved(
        batch, State.ACKNOWLEDGED, "acknowledged", actor=actor, now=now, lines=lines, net=str(total)
    )


def _pay_awards(batch: PayrollBatch) -> None:
    """Awards whose amount the payroll system has taken over count as paid."""
    Award.objects.filter(
        state=Award.State.POSTED,
        ledger_entries__lines__batch=batch,
        ledger_entries__source_type=LedgerEntry.Source.AWARD,
    ).update(state=Award.State.PAID)


@transaction.atomic
def close(batch: PayrollBatch, *, actor: User, now: datetime | None = None) -> PayrollBatch:
    """Nothing more happens to an acknowledged batch; corrections ride in a later one."""
    require(may_run_payroll(actor))
    batch = locked(batch, State.CLOSED)
    return moved(batch, State.CLOSED, "closed", actor=actor, now=now or timezone.now())
