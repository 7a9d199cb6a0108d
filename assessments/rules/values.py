"""An indicator's value from its numerator and denominator. Missing is a status, never a zero."""

from decimal import Decimal
from typing import NamedTuple

from assessments.rules.curves import Deduction
from assessments.rules.scheme import Item

OK, NO_DATA, BELOW_MIN_N = "ok", "no_data", "below_min_n"
WAIVED, NO_PEER_GROUP, NO_DIFFERENCE = "waived", "no_peer_group", "no_difference"
SCORED = frozenset({OK, NO_DIFFERENCE})  # statuses whose value earns points
MINUTES = "business_minutes"


class Measured(NamedTuple):
    """A value in the indicator's unit. `used` is the one the scheme scores."""

    status: str
    n: int = 0
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    raw: Decimal | None = None
    adjusted: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    used: Decimal | None = None


def measured_value(item: Item, unit: str, given: list[str] | None) -> Measured:
    """Percent: 100 * numerator / denominator; minutes: numerator / denominator; a deduction
    scores the numerator, the number of events. n is the denominator; 0 is no data."""
    if given is None:
        return Measured(NO_DATA)
    numerator, denominator = Decimal(given[0]), Decimal(given[1])
    if not denominator:
        return Measured(NO_DATA, 0, numerator, denominator)
    raw = numerator / denominator if unit == MINUTES else 100 * numerator / denominator
    used = numerator if isinstance(item.curve, Deduction) else raw
    n = int(denominator)
    status = OK if n >= item.min_n else BELOW_MIN_N
    return Measured(status, n, numerator, denominator, raw, used=used)
