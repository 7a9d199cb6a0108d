"""The wage guard: how much of a recovery or fine one month's wage may bear. Pure, in Decimal.

With W the gross wage of the month after A (variable pay not earned) and E (unpaid leave), X the
parts of it that do not count toward the minimum wage, and MW the monthly minimum wage at the place
of work on the month's last day (all CNY):

    cap = floor_fen(20 % of W)    room = max(0, W - X - MW)
    deduct = min(due, cap, room)  carry = due - deduct

Debts are served in the order of their decisions; what C and D lines already took in the month
reduces cap and room. Fines (D) are off unless the jurisdiction caps them, and then bear their own
cap as well. Without a minimum wage nothing is taken. There is no override.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from core.money import floor_fen

ZERO = Decimal("0.00")
LOSS_CAP_PERCENT = Decimal(20)
SHORTFALL_PERCENT = Decimal(20)

DebtKind = Literal["C", "D"]
Reason = Literal["", "cap", "room", "no_minimum_wage", "fines_off", "fine_cap"]


@dataclass(frozen=True)
class Wage:
    """One person's wage of one month, in CNY.

    `gross` is W (after A and E), `excluded` is X, `minimum` is MW or None where it is not known.
    """

    gross: Decimal
    excluded: Decimal
    minimum: Decimal | None

    @property
    def room(self) -> Decimal:
        """max(0, W - X - MW); 0 where the minimum wage is not known."""
        if self.minimum is None:
            return ZERO
        return max(ZERO, self.gross - self.excluded - self.minimum)

    @property
    def shortfall(self) -> Decimal:
        """By how much W - X is below MW; 0 where it is not, or MW is not known."""
        if self.minimum is None:
            return ZERO
        return max(ZERO, self.minimum - (self.gross - self.excluded))

    def cap(self, percent: Decimal = LOSS_CAP_PERCENT) -> Decimal:
        """floor_fen(percent of W), 0 where W is negative."""
        return floor_fen(max(ZERO, self.gross) * percent / 100)


@dataclass(frozen=True)
class Debt:
    """A decided debt: its number and what is still due, in CNY (never negative)."""

    number: str
    kind: DebtKind
    due: Decimal


@dataclass(frozen=True)
class Taken:
    """What one month takes of one debt; `deduct + carry == due`, `reason` says what limited it."""

    debt: Debt
    deduct: Decimal
    carry: Decimal
    reason: Reason


@dataclass(frozen=True)
class FineRule:
    """Whether fines are allowed at the place of work: off, or capped at percent points of W."""

    capped_percent: Decimal | None = None


def take(
    wage: Wage,
    debts: Iterable[Debt],
    *,
    taken: Sequence[tuple[DebtKind, Decimal]] = (),
    fines: FineRule = FineRule(),
    loss_cap_percent: Decimal = LOSS_CAP_PERCENT,
) -> list[Taken]:
    """What this month's wage bears of each debt, in the order given (order of decision).

    `taken` are the C and D amounts (positive) other lines already took in this month.
    """
    used = sum((amount for _kind, amount in taken), ZERO)
    fined = sum((amount for kind, amount in taken if kind == "D"), ZERO)
    result = []
    for debt in debts:
        limits: list[tuple[Decimal, Reason]] = [
            (wage.cap(loss_cap_percent) - used, "cap"),
            (wage.room - used, "room"),
        ]
        if wage.minimum is None:
            limits = [(ZERO, "no_minimum_wage")]
        elif debt.kind == "D" and fines.capped_percent is None:
            limits = [(ZERO, "fines_off")]
        elif debt.kind == "D" and fines.capped_percent is not None:
            limits.append((wage.cap(fines.capped_percent) - fined, "fine_cap"))
        limit, reason = min(limits, key=lambda pair: pair[0])
        deduct = min(debt.due, max(ZERO, limit))
        used += deduct
        fined += deduct if debt.kind == "D" else ZERO
        carry = debt.due - deduct
        result.append(Taken(debt, deduct, carry, reason if carry else ""))
    return result


def bearable(
    wage_before: Wage, variable: Decimal, amounts: Iterable[Decimal], *, taken: Decimal = ZERO
) -> list[bool]:
    """Which reductions of kind A (positive amounts, in order) this month can bear, each whole.

    `wage_before` is the wage before any of them, `variable` the variable pay of the month. A never
    touches base pay, so together they stay within the variable pay; and, the floor being checked
    on the sum of all kinds, none may push W - X under the minimum wage. Others wait. `taken`: what
    earlier batches of the month deducted under other kinds.
    """
    left = variable
    if wage_before.minimum is not None:
        left = min(left, wage_before.room - taken)
    kept = []
    for amount in amounts:
        fits = amount <= left
        left -= amount if fits else ZERO
        kept.append(fits)
    return kept


def exceeds_warning_line(
    not_earned: Decimal, gross: Decimal, percent: Decimal = SHORTFALL_PERCENT
) -> bool:
    """True where variable pay not earned (A) is more than `percent` points of W."""
    return not_earned > ZERO and not_earned * 100 > gross * percent
