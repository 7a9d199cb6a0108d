"""Money: Decimal, CNY, rounded here and nowhere else."""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from fractions import Fraction
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from core.errors import InvalidInput

FEN = Decimal("0.01")
_DIGITS = 60  # more than any amount has: no rounding but the one asked for

Key = TypeVar("Key", bound=Any)


def _decimal(x: Decimal | str | int) -> Decimal:
    # bool is an int to Python, and True yuan is always a mistake.
    if isinstance(x, bool) or not isinstance(x, Decimal | str | int):
        raise TypeError(f"Money is Decimal, str or int, not {type(x).__name__}.")
    try:
        value = Decimal(x)
    except InvalidOperation:
        raise InvalidInput(_("%(value)s is not an amount.") % {"value": repr(x)}) from None
    if not value.is_finite() or value.adjusted() > 30:
        raise InvalidInput(_("%(value)s is not an amount.") % {"value": repr(x)})
    return value


def _quantize(value: Decimal, rounding: str) -> Decimal:
    with localcontext() as context:
        context.prec = _DIGITS
        # + Decimal(0) turns -0.00 into 0.00: two texts for one amount would break hashes.
        return value.quantize(FEN, rounding) + Decimal(0)


def yuan(x: Decimal | str | int) -> Decimal:
    """The amount half-up to the fen. Floats: TypeError; text that is no number: InvalidInput."""
    return _quantize(_decimal(x), ROUND_HALF_UP)


def floor_fen(x: Decimal | str | int) -> Decimal:
    """The amount rounded down (towards minus infinity) to the fen."""
    return _quantize(_decimal(x), ROUND_FLOOR)


def percent(amount: Decimal | str | int, pct: Decimal | str | int) -> Decimal:
    """`pct` percent points of the amount, half-up to the fen."""
    with localcontext() as context:
        context.prec = _DIGITS
        return yuan(_decimal(amount) * _decimal(pct) / 100)


def split(total: Decimal | str | int, weights: Mapping[Key, Decimal | int]) -> dict[Key, Decimal]:
    """Share `total` yuan by weight so that the parts add up to it exactly (largest remainder).

    Each part is rounded down to the fen; the fen left over go one each to the largest remainders,
    equal remainders in key order: 10000.00 over three equal -> 3333.34, 3333.33, 3333.33.
    Weights are Decimal or int, >= 0. A sum of 0, a negative weight, a negative total or one that
    is no whole number of fen: InvalidInput.
    """
    amount = _decimal(total)
    fen = Fraction(amount) * 100
    if fen < 0 or fen.denominator != 1:
        raise InvalidInput(
            _("%(total)s cannot be shared: a whole, positive number of fen is needed.")
            % {"total": amount}
        )
    exact = {key: Fraction(_decimal(weight)) for key, weight in weights.items()}
    whole = sum(exact.values(), Fraction(0))
    if whole <= 0 or min(exact.values()) < 0:
        raise InvalidInput(_("Nothing can be shared: the weights must be positive in sum."))
    shares = {key: fen * weight / whole for key, weight in exact.items()}
    parts = {key: share.numerator // share.denominator for key, share in shares.items()}
    left = fen.numerator - sum(parts.values())
    for key in sorted(shares, key=lambda key: (parts[key] - shares[key], key))[:left]:
        parts[key] += 1
    return {key: Decimal(part).scaleb(-2) + Decimal("0.00") for key, part in parts.items()}
