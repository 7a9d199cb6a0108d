"""Rounding of scores: what the employee sees is what the grade is read from."""

from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache

_TEN_PLACES = Decimal("1e-10")
_WIDE = Context(prec=60)


def half_up(x: Decimal | float | int, places: int = 2) -> Decimal:
    """Half-up of the value first rounded to 10 decimal places; 89.996 -> 90.00.

    The first rounding removes what binary floats add (0.285 is stored as 0.28499999999999998), so
    the same score gives the same grade whichever way it was summed. Not a number: ValueError.
    """
    value = Decimal(x)
    if not value.is_finite():
        raise ValueError(f"{x!r} cannot be rounded.")
    ten = value.quantize(_TEN_PLACES, ROUND_HALF_UP, _WIDE)
    return ten.quantize(_unit(places), ROUND_HALF_UP, _WIDE)


@cache
def _unit(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)
