"""Where the wage guard's figures come from: base wage, HR's components, the place of work."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from core import audit
from core.locks import Lock, take
from core.models import User
from core.months import last_of
from core.permissions import require
from core.workdays import Calendar
from incentives.models import Jurisdiction, WageComponent
from incentives.permissions import may_run_payroll
from incentives.queries.policies import version_on
from incentives.rules.wage_guard import LOSS_CAP_PERCENT, SHORTFALL_PERCENT, ZERO, FineRule
from incentives.rules.wages import WageParts, prorated
from organization.models import Department, Employee, PayProfile, Placement

Component = WageComponent.Component

# Outside the minimum wage comparison by law; a policy may name more, never fewer.
EXCLUDED = frozenset(
    {
        Component.OVERTIME_PAY,
        Component.SHIFT_ALLOWANCE,
        Component.HEAT_ALLOWANCE,
        Component.COLD_ALLOWANCE,
        Component.HAZARD_ALLOWANCE,
        Component.STATUTORY_BENEFITS,
    }
)
EARNINGS = EXCLUDED | {Component.OTHER_PAY}


@dataclass(frozen=True)
class GuardRules:
    """The parameters of the guard, in percent points, of the policy in force in the month."""

    loss_cap: Decimal = LOSS_CAP_PERCENT
    warning_line: Decimal = SHORTFALL_PERCENT
    excluded: frozenset[str] = frozenset(EXCLUDED)


def guard_rules(month: date) -> GuardRules:
    """The policy's parameters; the law's 20 % cap can be lowered by a policy, not raised."""
    version = version_on(last_of(month))
    if version is None:
        return GuardRules()
    spec = version.spec
    guard, pay = spec["wage_guard"], spec["performance_pay"]
    return GuardRules(
        loss_cap=min(LOSS_CAP_PERCENT, Decimal(guard["loss_cap_percent_of_wage"])),
        warning_line=Decimal(pay["warn_shortfall_percent_of_wage"]),
        excluded=EXCLUDED | frozenset(guard["excluded_from_minimum_wage_comparison"]),
    )


@dataclass(frozen=True)
class Person:
    """One employee in one payroll month: parts of the wage, and where it is paid.

    `variable` and `not_earned` of the parts are still 0: they come from the ledger.
    """

    employee: Employee
    department: Department | None
    legal_entity: str
    city: str
    parts: WageParts
    fines: FineRule
    insurance_missing: bool
    profile_missing: bool

    def left_by(self, day: date) -> bool:
        """Whether the person's last day is this day or earlier."""
        return self.employee.left_on is not None and self.employee.left_on <= day

    def with_ledger(self, variable: Decimal, not_earned: Decimal) -> WageParts:
        """The wage's parts with the month's variable pay and its reductions (both positive)."""
        return replace(self.parts, variable=variable, not_earned=not_earned)


def people(month: date, employee_ids: Collection[int]) -> dict[int, Person]:
    """employee id -> Person; seven queries for any number of people."""
    last = last_of(month)
    rules = guard_rules(month)
    bases = _bases(month, last, employee_ids)
    components = _components(month, employee_ids)
    placements = _last_placements(last, employee_ids)
    cities = {place.city for place in placements.values() if place.city}
    jurisdictions = _jurisdictions(cities, last)
    found = {}
    for employee in Employee.objects.filter(pk__in=employee_ids).order_by("employee_no"):
        place = placements.get(employee.pk)
        present = place is not None and (place.ends_on is None or place.ends_on >= month)
        city = place.city if place is not None and present else ""
        law = jurisdictions.get(city)
        rows = components.get(employee.pk, {})
        parts, insurance_missing = _parts(bases.get(employee.pk, ZERO), rows, law, rules)
        found[employee.pk] = Person(
            employee=employee,
            department=place.department if place else None,
            legal_entity=place.legal_entity if place else "",
            city=city,
            parts=parts,
            fines=FineRule(law.fine_cap_percent if law else None),
            insurance_missing=insurance_missing,
            profile_missing=employee.pk not in bases,
        )
    return found


def _parts(
    base: Decimal, rows: Mapping[str, Decimal], law: Jurisdiction | None, rules: GuardRules
) -> tuple[WageParts, bool]:
    on_top = law is not None and law.social_insurance_on_top
    return WageParts(
        base=base,
        earnings=sum((rows.get(code, ZERO) for code in EARNINGS), ZERO),
        excluded=sum((rows.get(code, ZERO) for code in EARNINGS & rules.excluded), ZERO),
        insurance=rows.get(Component.SOCIAL_INSURANCE, ZERO) if on_top else ZERO,
        unpaid_leave=rows.get(Component.UNPAID_LEAVE, ZERO),
        minimum=law.monthly_minimum_wage if law else None,
    ), on_top and Component.SOCIAL_INSURANCE not in rows


def _bases(first: date, last: date, employee_ids: Collection[int]) -> dict[int, Decimal]:
    """Base wage by the working days each pay profile held in the days of employment.

    Those are the days with a placement: the employee knows the last hiring and leaving only, and
    who was hired again in the month has been there twice."""
    calendar = Calendar.load()
    whole = calendar.count(first, last)
    placed: dict[int, list[tuple[date, date]]] = {}
    places = Placement.objects.between(first, last).filter(employee_id__in=employee_ids)
    for employee_id, starts_on, ends_on in places.values_list(
        "employee_id", "starts_on", "ends_on"
    ):
        placed.setdefault(employee_id, []).append((max(first, starts_on), ends_on or last))
    segments: dict[int, list[tuple[Decimal, int]]] = {}
    for row in PayProfile.objects.between(first, last).filter(employee_id__in=employee_ids):
        for starts_on, ends_on in placed.get(row.employee_id, ()):
            begins = max(starts_on, row.starts_on)
            ends = min(ends_on, row.ends_on or last, last)
            if begins <= ends:
                days = calendar.count(begins, ends)
                segments.setdefault(row.employee_id, []).append((row.base_wage, days))
    return {key: prorated(parts, whole) for key, parts in segments.items()}


def _components(month: date, employee_ids: Collection[int]) -> dict[int, dict[str, Decimal]]:
    rows = WageComponent.objects.filter(
        month=month, employee_id__in=employee_ids, superseded_at__isnull=True
    )
    found: dict[int, dict[str, Decimal]] = {}
    for row in rows:
        found.setdefault(row.employee_id, {})[row.component] = row.amount
    return found


def _last_placements(last: date, employee_ids: Collection[int]) -> dict[int, Placement]:
    """The placement of the month's last day, or the last one before it for those who left."""
    rows = Placement.objects.filter(employee_id__in=employee_ids, starts_on__lte=last)
    rows = rows.order_by("employee_id", "-starts_on").distinct("employee_id")
    return {row.employee_id: row for row in rows.select_related("department")}


def _jurisdictions(cities: Collection[str], last: date) -> dict[str, Jurisdiction]:
    rows = Jurisdiction.objects.filter(
        city__in=cities, effective_from__lte=last, superseded_at__isnull=True
    )
    return {row.city: row for row in rows.order_by("city", "effective_from")}


# --- HR's wage components ------------------------------------------------------------------------


@dataclass(frozen=True)
class ComponentRow:
    """One amount (CNY, not negative) of one employee's month, as HR sends it."""

    employee_id: int
    month: date
    component: str
    amount: Decimal


@dataclass(frozen=True)
class Imported:
    """How many rows were new, corrected (a new version), unchanged."""

    created: int
    corrected: int
    unchanged: int


@transaction.atomic
def store_wage_components(
    rows: Sequence[ComponentRow], *, actor: User, dry_run: bool = False, now: datetime | None = None
) -> Imported:
    """Store the rows; a changed amount is a new version, an equal one changes nothing."""
    require(may_run_payroll(actor))
    take(Lock.PAYROLL)
    now = now or timezone.now()
    known = {
        (row.employee_id, row.month, row.component): row
        for row in WageComponent.objects.select_for_update().filter(
            superseded_at__isnull=True, month__in={row.month for row in rows}
        )
    }
    new, old = [], []
    for row in rows:
        current = known.get((row.employee_id, row.month, row.component))
        if current is not None and current.amount == row.amount:
            continue
        if current is not None:
            current.superseded_at = now
            old.append(current)
        new.append(
            WageComponent(
                employee_id=row.employee_id,
                month=row.month,
                component=row.component,
                amount=row.amount,
                version=current.version + 1 if current else 1,
                imported_by=actor,
                imported_at=now,
            )
        )
    if not dry_run and new:
        WageComponent.objects.bulk_update(old, ["superseded_at"], batch_size=1000)
        WageComponent.objects.bulk_create(new, batch_size=1000)
        audit.record(actor, "wage_components.imported", None, created=len(new), corrected=len(old))
    return Imported(len(new) - len(old), len(old), len(rows) - len(new))
