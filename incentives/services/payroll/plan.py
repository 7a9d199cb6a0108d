"""What a batch would hold: its entries, what the wage guard takes, and every warning.

Nothing is written here, so that validating can work everything out again and compare.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from core.money import yuan
from core.months import last_of
from incentives.models import LedgerEntry, PayrollBatch, PayrollLine, PerformancePay, Recovery
from incentives.queries.payroll import WAITS, listed
from incentives.rules.wage_guard import (
    ZERO,
    Debt,
    DebtKind,
    Taken,
    bearable,
    exceeds_warning_line,
    take,
)
from incentives.rules.wages import WageParts
from incentives.services import recoveries, wages

Source = LedgerEntry.Source
Row = dict[str, Any]
RECOVERY_ROWS = Q(source_type=Source.RECOVERY) | Q(reverses__source_type=Source.RECOVERY)


@dataclass
class Plan:
    """`entries` in payroll order, what is taken per debt, and what a batch stores beside them."""

    month: date
    entries: list[LedgerEntry]
    people: dict[int, wages.Person]
    taken: list[tuple[Recovery, Taken]] = field(default_factory=list)
    guard: list[Row] = field(default_factory=list)
    warnings: list[Row] = field(default_factory=list)

    @property
    def leavers(self) -> frozenset[int]:
        """Employees whose last day is in the month or before it."""
        last = last_of(self.month)
        return frozenset(key for key, person in self.people.items() if person.left_by(last))

    def warn(self, code: str, **data: object) -> None:
        """Values as text, lists as they are."""
        kept = {k: v if isinstance(v, list) else str(v) for k, v in data.items()}
        self.warnings.append({"code": code, **kept})


@dataclass
class Earlier:
    """What other live batches of the same payroll month already pay or take, in CNY."""

    variable: Decimal = ZERO
    not_earned: Decimal = ZERO
    taken: list[tuple[DebtKind, Decimal]] = field(default_factory=list)


def free_entries(month: date) -> list[LedgerEntry]:
    """Entries of this month or earlier that are in no live batch.

    Recoveries and their reversals are left out: a batch posts its own and takes no other's.
    """
    rows = LedgerEntry.objects.filter(month__lte=month).exclude(RECOVERY_ROWS)
    rows = rows.exclude(pk__in=PayrollLine.objects.filter(live=True).values("entry"))
    return with_sources(rows)


def entries_of(batch: PayrollBatch) -> list[LedgerEntry]:
    """The entries a batch was built from: its lines but for the recoveries it posted itself, and
    the reductions it left waiting."""
    waiting = [
        number
        for row in listed(batch.warnings)
        if row["code"] == WAITS
        for number in row["entry_nos"]
    ]
    rows = LedgerEntry.objects.filter(
        Q(pk__in=batch.lines.values("entry")) | Q(entry_no__in=waiting)
    )
    return with_sources(rows.exclude(RECOVERY_ROWS))


def with_sources(entries: QuerySet[LedgerEntry]) -> list[LedgerEntry]:
    """The entries with everything a line shows, in payroll order."""
    rows = entries.select_related(
        "employee",
        "performance_pay__proposal__period",
        "award__proposal__period",
        "policy_version__policy",
    )
    return in_order(rows)


def in_order(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """Employee, month, then as posted: a reversal stands right before what replaces it."""
    return sorted(entries, key=lambda row: (row.employee.employee_no, row.month, row.entry_no))


def make(
    month: date, entries: Sequence[LedgerEntry], *, ignoring: PayrollBatch | None = None
) -> Plan:
    """Work out a batch of these entries. `ignoring` is the batch they already stand in: what was
    recorded since it was built waits for the next one and does not change it."""
    debts = _own_debts(ignoring) if ignoring else list(recoveries.open_debts(month))
    unpaid = _earned_nothing(month, until=ignoring.built_at if ignoring else None)
    by_person: dict[int, list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        by_person[entry.employee_id].append(entry)
    debts_of: dict[int, list[Recovery]] = defaultdict(list)
    for debt in debts:
        debts_of[debt.employee_id].append(debt)
    ids = by_person.keys() | debts_of.keys() | unpaid.keys()
    plan = Plan(month, [], wages.people(month, ids))
    rules = wages.guard_rules(month)
    earlier = _earlier(month, ids, ignoring)
    due = recoveries.outstanding(debts, ignoring=ignoring)
    for employee_id, person in plan.people.items():
        _one_person(
            plan,
            rules,
            person,
            by_person[employee_id],
            [(debt, due[debt.pk]) for debt in debts_of[employee_id]],
            earlier.get(employee_id, Earlier()),
            unpaid.get(employee_id, ZERO),
        )
    _warn_about_places(plan)
    return plan


def _own_debts(batch: PayrollBatch) -> list[Recovery]:
    """The debts that were open when the batch was built: all of them stand in its figures."""
    numbers = {debt["recovery_no"] for row in batch.guard for debt in row["debts"]}
    rows = Recovery.objects.filter(recovery_no__in=numbers).select_related("employee")
    return list(rows.order_by("decided_on", "pk"))


def _earned_nothing(month: date, *, until: datetime | None) -> dict[int, Decimal]:
    """Performance pay of the month that came to 0 and so has no ledger entry: what 1.0 pays.
    `until`: decided up to then."""
    rows = PerformancePay.objects.filter(
        amount=0,
        state__in=[PerformancePay.State.APPROVED, PerformancePay.State.POSTED],
        proposal__period__first_day=month,
        proposal__period__kind="month",
    )
    if until is not None:
        rows = rows.filter(decided_at__lte=until)
    return {row.employee_id: _full(row) for row in rows}


def _full(payment: PerformancePay) -> Decimal:
    """What the coefficient 1.0 would have paid, CNY."""
    if not payment.working_days:
        return ZERO
    return yuan(payment.performance_pay * payment.present_days / payment.working_days)


def _earlier(
    month: date, employee_ids: Iterable[int], ignoring: PayrollBatch | None
) -> dict[int, Earlier]:
    rows = PayrollLine.objects.filter(live=True, batch__month=month, employee_id__in=employee_ids)
    if ignoring is not None:
        rows = rows.exclude(batch=ignoring)
    found: dict[int, Earlier] = defaultdict(Earlier)
    for employee_id, direction, kind, amount in rows.values_list(
        "employee_id", "direction", "kind", "amount"
    ):
        one = found[employee_id]
        if direction == PayrollLine.Direction.ADD:
            one.variable += amount
        elif kind in ("C", "D"):
            one.taken.append(("C" if kind == "C" else "D", amount))
        else:
            one.not_earned += amount
    return dict(found)


def _one_person(
    plan: Plan,
    rules: wages.GuardRules,
    person: wages.Person,
    entries: list[LedgerEntry],
    debts: list[tuple[Recovery, Decimal]],
    earlier: Earlier,
    unpaid: Decimal,
) -> None:
    """Everything about one person's month, added to the plan."""
    number = person.employee.employee_no
    sure, lone = _split(entries)
    variable = earlier.variable + sum((e.amount for e in sure if e.amount > 0), ZERO)
    reduced = earlier.not_earned - sum((e.amount for e in sure if e.amount < 0), ZERO)
    before = person.with_ledger(variable, reduced).wage()
    fits = bearable(
        before,
        variable - reduced,
        [-balance(reduction) for reduction in lone],
        taken=sum((amount for _kind, amount in earlier.taken), ZERO),
    )
    kept = [entry for one, fit in zip(lone, fits, strict=True) if fit for entry in one]
    waiting = [reduction for reduction, fit in zip(lone, fits, strict=True) if not fit]
    for reduction in waiting:
        numbers = [entry.entry_no for entry in reduction]
        plan.warn(WAITS, employee_no=number, entry_nos=numbers, amount=-balance(reduction))
    plan.entries += in_order([*sure, *kept])
    taken_back = -balance(kept)
    parts = person.with_ledger(variable, reduced + taken_back)
    wage = parts.wage()
    results = take(
        wage,
        [Debt(debt.recovery_no, debt.kind, due) for debt, due in debts],  # type: ignore[arg-type]
        taken=earlier.taken,
        fines=person.fines,
        loss_cap_percent=rules.loss_cap,
    )
    plan.taken += [(debt, one) for (debt, _due), one in zip(debts, results, strict=True)]
    undone = {entry.reverses_id for entry in sure}
    standing = (entry for entry in sure if entry.pk not in undone)
    not_earned = taken_back + unpaid + sum((_below_full(entry) for entry in standing), ZERO)
    _warn_about_person(plan, person, results, bool(entries or debts))
    if wage.shortfall:
        plan.warn("shortfall", employee_no=number, amount=wage.shortfall)
    over = exceeds_warning_line(not_earned, wage.gross, rules.warning_line)
    if over:
        share = not_earned * 100 / wage.gross if wage.gross > 0 else Decimal(100)
        plan.warn(
            "not_earned",
            employee_no=number,
            amount=not_earned,
            percent=share.quantize(Decimal("0.1")),
            line=rules.warning_line,
        )
    if results or wage.shortfall or over or waiting:
        plan.guard.append(_figures(person, parts, results, rules))


def balance(entries: Iterable[LedgerEntry]) -> Decimal:
    """The sum of the entries, CNY, signed."""
    return sum((entry.amount for entry in entries), ZERO)


def _split(entries: list[LedgerEntry]) -> tuple[list[LedgerEntry], list[list[LedgerEntry]]]:
    """(entries that pay on balance, reductions).

    A reversal with its replacement, or with the payment it undoes, is one correction of one pay
    item of one month; where that balance is not negative, nothing is taken from anybody. Where it
    is, what is taken is the balance, and all of the correction goes out or waits: a replacement
    paid while its reversal waits would pay the same thing twice.
    """
    groups: dict[tuple[date, str], list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        groups[entry.month, entry.pay_item_code].append(entry)
    sure: list[LedgerEntry] = []
    lone: list[list[LedgerEntry]] = []
    for group in groups.values():
        if balance(group) < 0:
            lone.append(group)
        else:
            sure += group
    return sure, lone


def _below_full(entry: LedgerEntry) -> Decimal:
    """By how much a payment is below what the coefficient 1.0 pays; 0 for anything else."""
    if entry.source_type != Source.PERFORMANCE_PAY or entry.performance_pay is None:
        return ZERO
    return max(ZERO, _full(entry.performance_pay) - entry.amount)


def _warn_about_person(
    plan: Plan, person: wages.Person, results: list[Taken], concerned: bool
) -> None:
    number, last = person.employee.employee_no, last_of(plan.month)
    left = person.left_by(last)
    if left and concerned:
        plan.warn("leaver", employee_no=number, left_on=person.employee.left_on)
    if results and person.insurance_missing:
        plan.warn("insurance_unknown", employee_no=number)
    if person.profile_missing and not left:
        plan.warn("no_pay_profile", employee_no=number)
    for one in results:
        if one.carry:
            plan.warn(
                "to_hr" if left else "limited",
                employee_no=number,
                recovery_no=one.debt.number,
                due=one.debt.due,
                deduct=one.deduct,
                carry=one.carry,
                reason=one.reason,
            )


def _warn_about_places(plan: Plan) -> None:
    """One warning for each place of work whose minimum wage nobody has entered."""
    counts: dict[str, int] = defaultdict(int)
    for person in plan.people.values():
        if person.parts.minimum is None:
            counts[person.city] += 1
    for city, people in sorted(counts.items()):
        plan.warn("no_minimum_wage", city=city or "?", people=people)


def _figures(
    person: wages.Person, parts: WageParts, results: list[Taken], rules: wages.GuardRules
) -> Row:
    """The whole calculation of one person as text, for whoever asks how it came out."""
    wage = parts.wage()
    return {
        "employee_no": person.employee.employee_no,
        "city": person.city,
        "base": str(parts.base),
        "variable": str(parts.variable),
        "earnings": str(parts.earnings),
        "not_earned": str(parts.not_earned),
        "unpaid_leave": str(parts.unpaid_leave),
        "gross": str(wage.gross),
        "excluded": str(wage.excluded),
        "minimum": None if wage.minimum is None else str(wage.minimum),
        "cap": str(wage.cap(rules.loss_cap)),
        "room": str(wage.room),
        "shortfall": str(wage.shortfall),
        "debts": [
            {
                "recovery_no": one.debt.number,
                "kind": one.debt.kind,
                "due": str(one.debt.due),
                "deduct": str(one.deduct),
                "carry": str(one.carry),
                "reason": one.reason,
            }
            for one in results
        ],
    }
