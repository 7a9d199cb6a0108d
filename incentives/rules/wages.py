"""The wage W of a payroll month, from its parts. Pure, in Decimal, CNY."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.money import yuan
from incentives.rules.wage_guard import ZERO, Wage


def prorated(segments: Iterable[tuple[Decimal, int]], working_days: int) -> Decimal:
    """The base wage of a month: monthly base of each pay profile by the working days it held.

    Half-up to the fen; days before hiring and after leaving are in no segment. Unpaid leave is
    not taken off here, it is a component of its own (kind E).
    """
    if not working_days:
        return ZERO
    total = sum((base * days for base, days in segments), Decimal(0))
    return yuan(total / working_days)


@dataclass(frozen=True)
class WageParts:
    """What W is made of, all amounts positive: `gross = base + variable + earnings - A - E`.

    `excluded` is the part of `earnings` outside the minimum wage comparison; `insurance` the own
    social insurance where it must fit above the minimum wage, else 0.
    """

    base: Decimal
    earnings: Decimal = ZERO
    excluded: Decimal = ZERO
    insurance: Decimal = ZERO
    unpaid_leave: Decimal = ZERO
    variable: Decimal = ZERO
    not_earned: Decimal = ZERO
    minimum: Decimal | None = None

    def wage(self) -> Wage:
        """W, X and MW of these parts."""
        gross = self.base + self.earnings + self.variable - self.not_earned - self.unpaid_leave
        return Wage(gross, self.excluded + self.insurance, self.minimum)
