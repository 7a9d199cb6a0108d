"""Performance pay: one amount in CNY, never negative, base pay untouched.

Formula: performance_pay * coefficient * (working days present / working days of the month),
half-up to the fen. When the pay profile changes inside the month, performance_pay is the mean of
the profiles weighted by the working days each was in force.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core import money

# The pay item of performance pay in ledger and payroll; award items stand in the policy.
PAY_ITEM = "PERF-PAY"
TAX_CLASS = "monthly_wage"


@dataclass(frozen=True)
class Segment:
    """Full monthly performance pay (CNY) in force on `working_days` of the person's days."""

    performance_pay: Decimal
    working_days: int


def _weighted(segments: Sequence[Segment]) -> tuple[Decimal, int]:
    total = sum((one.performance_pay * one.working_days for one in segments), Decimal(0))
    return total, sum(one.working_days for one in segments)


def monthly_base(segments: Sequence[Segment]) -> Decimal:
    """The month's performance pay in CNY, weighted by working days, half-up to the fen."""
    total, days = _weighted(segments)
    return money.yuan(total / days) if days else Decimal("0.00")


def amount(
    segments: Sequence[Segment],
    coefficient: Decimal,
    present_days: Decimal,
    working_days: Decimal,
) -> Decimal:
    """Performance pay of the month in CNY; 0.00 without working days.

    Multiplies first and divides once, so that the weighted base is not rounded twice.
    """
    total, days = _weighted(segments)
    if not days or not working_days:
        return Decimal("0.00")
    if coefficient < 0 or present_days < 0 or working_days < 0:
        raise ValueError("coefficient and days cannot be negative")
    return money.yuan(total * coefficient * present_days / (days * working_days))


def proportional_coefficient(composite: Decimal, cap_percent: Decimal) -> Decimal:
    """The composite (points, 0..100 and above) as a coefficient, at most cap_percent / 100."""
    return (min(composite, cap_percent) / 100).quantize(Decimal("0.0001"))


def pool_share(
    pool: Decimal, reserve_percent: Decimal, weights: Mapping[str, Decimal]
) -> dict[str, Decimal]:
    """Share the pool less its appeal reserve by weights e * k (days present * coefficient).

    Keys are employee numbers: leftover fen go by largest remainder, then by key. Raises
    core.errors.InvalidInput when all weights are 0.
    """
    room = money.floor_fen(pool * (100 - reserve_percent) / 100)
    return money.split(room, weights)


def pool_room(budget: Decimal, reserve_percent: Decimal) -> Decimal:
    """What awards may take of a pool (CNY): the budget less its appeal reserve."""
    return money.floor_fen(budget * (100 - reserve_percent) / 100)
