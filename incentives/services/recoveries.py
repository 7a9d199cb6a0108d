"""Decided debts: recorded with their grounds, taken month by month, given back on rejection."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import InvalidInput
from core.locks import Lock, take
from core.models import User
from core.money import yuan
from core.months import last_of
from core.notifications import notify
from core.permissions import require
from incentives.models import Jurisdiction, LedgerEntry, PayrollBatch, Recovery
from incentives.permissions import may_decide_debt, may_run_payroll
from incentives.queries.policies import jurisdiction_on
from incentives.rules.wage_guard import ZERO, Taken
from incentives.services import ledger
from organization.models import Employee, Role
from organization.queries import placement_on, users_with

PAY_ITEMS = {Recovery.Kind.LOSS: "DED-LOSS", Recovery.Kind.FINE: "DED-FINE"}
State = Recovery.State
LARGEST = Decimal(10) ** 10  # CNY, what the books hold


@dataclass(frozen=True)
class NewDebt:
    """A decided debt in CNY with what it needs to be taken from pay."""

    employee: Employee
    kind: str
    amount: Decimal
    decided_on: date
    contract_clause: str
    notice_on: date
    cause: str


@transaction.atomic
def record_recovery(
    debt: NewDebt, *, decided_by: User, actor: User, now: datetime | None = None
) -> Recovery:
    """Record a decided debt; refused without contract clause, written notice or proven cause.

    A fine is refused where the jurisdiction of the person's place of work does not allow it.
    """
    require(may_run_payroll(actor))
    require(may_decide_debt(decided_by, debt.employee))
    now = now or timezone.now()
    _check(debt, decided_by, actor, timezone.localdate(now))
    take(Lock.RECOVERY)
    year = timezone.localdate(now).year
    number = Recovery.objects.filter(recovery_no__startswith=f"RC-{year}-").count() + 1
    recovery = Recovery.objects.create(
        recovery_no=f"RC-{year}-{number:03}",
        employee=debt.employee,
        kind=debt.kind,
        amount=yuan(debt.amount),
        decided_on=debt.decided_on,
        decided_by=decided_by,
        contract_clause=debt.contract_clause.strip(),
        notice_on=debt.notice_on,
        cause=debt.cause.strip(),
        recorded_by=actor,
        recorded_at=now,
    )
    audit.record(
        actor,
        "recovery.recorded",
        recovery,
        kind=recovery.kind,
        amount=recovery.amount,
        decided_by=decided_by.pk,
    )
    if debt.employee.user is not None:
        notify([debt.employee.user], "recovery.recorded", recovery, no=recovery.recovery_no)
    return recovery


def _check(debt: NewDebt, decided_by: User, actor: User, today: date) -> None:
    if debt.kind not in Recovery.Kind.values:
        raise InvalidInput(_("The kind of a debt is C (recovery of loss) or D (fine)."))
    if not 0 < debt.amount < LARGEST or debt.amount != yuan(debt.amount):
        raise InvalidInput(_("The amount must be a positive number of whole fen."))
    if not debt.contract_clause.strip():
        raise InvalidInput(_("Without the contract clause nothing may be recovered from pay."))
    if not debt.cause.strip():
        raise InvalidInput(_("Without a proven cause nothing may be recovered from pay."))
    if debt.notice_on < debt.decided_on or max(debt.notice_on, debt.decided_on) > today:
        raise InvalidInput(_("Written notice comes after the decision, and neither in the future."))
    if decided_by.pk == actor.pk:
        raise InvalidInput(_("Who records a debt cannot be the one who decided it."))
    if debt.employee.user_id is not None and debt.employee.user_id == decided_by.pk:
        raise InvalidInput(_("Nobody decides on an own debt."))
    if debt.kind == Recovery.Kind.FINE:
        _check_fine(debt)


def _check_fine(debt: NewDebt) -> None:
    place = placement_on([debt.employee.pk], debt.decided_on).get(debt.employee.pk)
    city = place.city if place else ""
    law = jurisdiction_on(city, debt.decided_on)
    if law is None or law.fine_rule != Jurisdiction.FineRule.CAPPED:
        raise InvalidInput(
            _("Fines are off: the wage rules of %(city)s do not allow them.")
            % {"city": city or "?"}
        )


def open_debts(month: date) -> QuerySet[Recovery]:
    """Open debts decided and noticed by the end of the month, in the order of their decisions."""
    last = last_of(month)
    rows = Recovery.objects.filter(state=State.OPEN, decided_on__lte=last, notice_on__lte=last)
    return rows.select_related("employee").order_by("decided_on", "id")


def outstanding(
    recoveries: Iterable[Recovery], *, ignoring: PayrollBatch | None = None
) -> dict[int, Decimal]:
    """recovery id -> what is still due in CNY, as if the ignored batch had not been built."""
    recoveries = list(recoveries)
    entries = LedgerEntry.objects.filter(recovery__in=recoveries)
    if ignoring is not None:
        own = Q(lines__batch=ignoring) | Q(reverses__lines__batch=ignoring)
        entries = entries.exclude(pk__in=LedgerEntry.objects.filter(own).values("pk"))
    sums = entries.order_by().values("recovery").annotate(total=Sum("amount"))
    taken = {row["recovery"]: row["total"] for row in sums}
    return {row.pk: row.amount + taken.get(row.pk, ZERO) for row in recoveries}


def post_taken(
    taken: Iterable[tuple[Recovery, Taken]],
    *,
    month: date,
    batch_no: str,
    leavers: frozenset[int],
    actor: User,
    now: datetime,
) -> list[LedgerEntry]:
    """Post what a batch takes of each debt; settle what is paid, hand a leaver's rest to HR."""
    entries = []
    for recovery, one in taken:
        if one.deduct:
            new = _entry(recovery, one.deduct, month, batch_no)
            entries += ledger.post([new], actor=actor, now=now)
        if not one.carry:
            _move(recovery, State.SETTLED, actor)
        elif recovery.employee_id in leavers:
            _move(recovery, State.TO_HR, actor)
            notify(
                users_with(Role.HR, over=recovery.employee),
                "recovery.to_hr",
                recovery,
                no=recovery.recovery_no,
                rest=str(one.carry),
            )
    return entries


def _entry(recovery: Recovery, amount: Decimal, month: date, batch_no: str) -> ledger.NewEntry:
    return ledger.NewEntry(
        employee_id=recovery.employee_id,
        month=month,
        pay_item_code=PAY_ITEMS[Recovery.Kind(recovery.kind)],
        amount=-amount,
        kind=recovery.kind,
        source_type=LedgerEntry.Source.RECOVERY,
        source_no=recovery.recovery_no,
        recovery_id=recovery.pk,
        reason_code="recovery" if recovery.kind == Recovery.Kind.LOSS else "fine",
        approval_no=f"{recovery.recovery_no}/{recovery.decided_on:%Y%m%d}",
        remark=batch_no,
    )


def _move(recovery: Recovery, state: Recovery.State, actor: User) -> None:
    before, recovery.state = recovery.state, state
    recovery.save(update_fields=["state"])
    audit.record(actor, f"recovery.{state}", recovery, before=before)


def give_back(batch: PayrollBatch, *, actor: User, now: datetime) -> None:
    """Reverse what a rejected batch took and open its debts again."""
    entries = LedgerEntry.objects.filter(
        lines__batch=batch, source_type=LedgerEntry.Source.RECOVERY
    )
    for entry in entries.order_by("entry_no"):
        ledger.reverse(
            entry, actor=actor, reason=batch.batch_no, approval_no=batch.batch_no, now=now
        )
    handled = (
        Recovery.objects.select_for_update()
        .filter(recovery_no__in=[row["recovery_no"] for row in _debts_of(batch)])
        .exclude(state=State.OPEN)
        .order_by("id")
    )
    due = outstanding(handled)
    for recovery in handled:
        if due[recovery.pk] > 0:  # else another batch has taken it all
            _move(recovery, State.OPEN, actor)


def _debts_of(batch: PayrollBatch) -> list[dict[str, str]]:
    """Every debt the batch's wage guard looked at, as stored with it."""
    return [debt for row in batch.guard for debt in row["debts"]]
