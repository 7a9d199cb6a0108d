"""Why the payroll of a month is not that of the month before: every fen has a cause.

Per person, regular performance pay f = base * coefficient * present / working changes by

    coefficient: f(b0, k1, d0) - f(b0, k0, d0)      base: f(b1, k1, d0) - f(b0, k1, d0)
    days:        what is left of the amounts' difference (rounding included)

so that the parts of a person add up exactly to the difference, and the parts of everybody to the
difference of the two nets. Pure, in Decimal, CNY.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from core.money import yuan

ZERO = Decimal("0.00")
CAUSES = (
    *("coefficient", "base", "days", "pool", "joined", "left", "started", "stopped"),
    *("corrections", "awards", "recoveries", "others"),
)


@dataclass(frozen=True)
class Pay:
    """Regular performance pay of one person: `amount` as paid, and what it was worked out from."""

    amount: Decimal
    base: Decimal
    coefficient: Decimal
    present: Decimal
    working: Decimal
    shared: bool = False  # a share of a pool: others' results move it too
    hired_here: bool = False  # hired in this month
    left_by_now: bool = False  # gone before the month after this one ended


@dataclass
class Month:
    """One payroll month: pay by employee, and the sums of everything else (deductions negative)."""

    pay: Mapping[int, Pay] = field(default_factory=dict)
    corrections: Decimal = ZERO
    awards: Decimal = ZERO
    recoveries: Decimal = ZERO
    others: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        paid = sum((one.amount for one in self.pay.values()), ZERO)
        return paid + self.corrections + self.awards + self.recoveries + self.others


@dataclass(frozen=True)
class Part:
    """One cause: its share of the difference, and how many people it raised and lowered."""

    cause: str
    amount: Decimal
    up: int = 0
    down: int = 0

    @property
    def people(self) -> int:
        return self.up + self.down


def differences(before: Month, now: Month) -> list[Part]:
    """The causes in the order of CAUSES, those of nothing left out; their amounts add up to
    `now.net - before.net`."""
    shares: dict[str, list[Decimal]] = {cause: [] for cause in CAUSES}
    for employee in sorted(before.pay.keys() | now.pay.keys()):
        for cause, amount in _of_person(before.pay.get(employee), now.pay.get(employee)):
            shares[cause].append(amount)
    for name in ("corrections", "awards", "recoveries", "others"):
        shares[name].append(getattr(now, name) - getattr(before, name))
    parts = (_part(cause, amounts) for cause, amounts in shares.items())
    return [part for part in parts if part.amount or part.people]


def _part(cause: str, amounts: Iterable[Decimal]) -> Part:
    moved = [amount for amount in amounts if amount]
    return Part(
        cause,
        sum(moved, ZERO),
        up=sum(1 for amount in moved if amount > 0),
        down=sum(1 for amount in moved if amount < 0),
    )


def _of_person(before: Pay | None, now: Pay | None) -> list[tuple[str, Decimal]]:
    if before is None:
        assert now is not None
        return [("joined" if now.hired_here else "started", now.amount)]
    if now is None:
        return [("left" if before.left_by_now else "stopped", -before.amount)]
    whole = now.amount - before.amount
    if before.shared or now.shared:
        return [("pool", whole)]
    by_coefficient = _full(before, before.base, now.coefficient) - _full(
        before, before.base, before.coefficient
    )
    by_base = _full(before, now.base, now.coefficient) - _full(before, before.base, now.coefficient)
    rest = whole - by_coefficient - by_base
    return [("coefficient", by_coefficient), ("base", by_base), ("days", rest)]


def _full(days: Pay, base: Decimal, coefficient: Decimal) -> Decimal:
    """f with the days of `days`; 0 where the month had no working day."""
    if not days.working:
        return ZERO
    return yuan(base * coefficient * days.present / days.working)
