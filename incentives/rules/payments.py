"""The coefficient that pays and the amounts of a month, for each mode of a policy.

banded: the grade's coefficient; proportional: composite / 100 up to the cap; pool_share: the full
performance pay of everybody in the same position, less the appeal reserve, shared by days present *
coefficient. Who is not assessed, whatever the cause, is paid by the policy's own coefficient.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from incentives.rules import pay

Spec = Mapping[str, Any]
FOUR = Decimal("0.0001")


@dataclass(frozen=True)
class Earner:
    """One person's month: scorecard figures (None when not assessed), days, pay profiles."""

    employee_id: int
    employee_no: str
    position_code: str
    status: str
    grade: str
    composite: Decimal | None
    coefficient: Decimal | None
    cause: str
    segments: Sequence[pay.Segment]
    present_days: Decimal
    working_days: Decimal


@dataclass(frozen=True)
class Payment:
    """`base` is the month's full performance pay, `amount` what is paid, in CNY."""

    employee_id: int
    base: Decimal
    coefficient: Decimal
    amount: Decimal
    reason: str
    data: dict[str, str]


class Graded(Protocol):
    """The figures of a result that give a coefficient."""

    @property
    def status(self) -> str: ...
    @property
    def grade(self) -> str: ...
    @property
    def composite(self) -> Decimal | None: ...
    @property
    def coefficient(self) -> Decimal | None: ...
    @property
    def cause(self) -> str: ...


def coefficient_of(rule: Spec, earner: Graded) -> tuple[Decimal, str, dict[str, str]]:
    """The coefficient that pays this person, with the reason and its figures."""
    if earner.status == "not_assessed" or earner.coefficient is None or earner.composite is None:
        fixed = Decimal(rule["not_assessed_coefficient"]).quantize(FOUR)
        return fixed, "not_assessed", {"cause": earner.cause}
    figures = {"grade": earner.grade, "composite": str(earner.composite)}
    if rule["mode"] == "proportional":
        cap = Decimal(rule["proportional"]["cap_percent"])
        return pay.proportional_coefficient(earner.composite, cap), "by_composite", figures
    return earner.coefficient.quantize(FOUR), "by_grade", figures


def payments(rule: Spec, earners: Iterable[Earner]) -> list[Payment]:
    """Payments of everybody whose base is over 0, by employee number; no amount is negative.

    Raises core.errors.InvalidInput when a position's pool has nobody to share it.
    """
    rows = []
    paid = [
        (one, base)
        for one in sorted(earners, key=lambda one: one.employee_no)
        if (base := pay.monthly_base(one.segments))
    ]
    shares = _shares(rule, paid) if rule["mode"] == "pool_share" else {}
    for one, base in paid:
        coefficient, reason, data = coefficient_of(rule, one)
        amount = shares.get(one.employee_no)
        if amount is None:
            amount = pay.amount(one.segments, coefficient, one.present_days, one.working_days)
        rows.append(Payment(one.employee_id, base, coefficient, amount, reason, data))
    return rows


def _shares(rule: Spec, paid: Sequence[tuple[Earner, Decimal]]) -> dict[str, Decimal]:
    pools: dict[str, Decimal] = defaultdict(Decimal)
    weights: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for one, base in paid:
        coefficient, _reason, _data = coefficient_of(rule, one)
        pools[one.position_code] += base
        weights[one.position_code][one.employee_no] = one.present_days * coefficient
    reserve = Decimal(rule["pool_share"]["appeal_reserve_percent"])
    shares: dict[str, Decimal] = {}
    for position, pool in pools.items():
        shares |= pay.pool_share(pool, reserve, weights[position])
    return shares
