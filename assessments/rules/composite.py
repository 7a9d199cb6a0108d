"""From points to composite, grade and coefficient; Decimal throughout, rounded once at the end."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from assessments.rules.scheme import Gate, Grade, OpinionGroup
from core.rounding import half_up

HUNDRED = Decimal(100)
ZERO = Decimal(0)


def quantitative(
    items: Iterable[tuple[Decimal, Decimal | None]], min_assessed_weight: Decimal
) -> Decimal | None:
    """Q = sum(w*S) / sum(w) over the assessed items only.

    `items` are (weight, points or None when not assessed). None when the assessed weight is under
    `min_assessed_weight` percent of all weight: missing is never zero.
    """
    total = weight = earned = ZERO
    for w, points in items:
        total += w
        if points is not None:
            weight += w
            earned += w * points
    if not weight or weight * HUNDRED < min_assessed_weight * total:
        return None
    return earned / weight


def qualitative(
    groups: Sequence[OpinionGroup], ratings: Mapping[str, Sequence[Decimal]]
) -> Decimal | None:
    """Mean inside each group first, then by the groups' weights.

    A group under its minimum of raters is suppressed and its weight shared out among the others;
    None when no group is left.
    """
    kept: list[tuple[Decimal, Decimal]] = []
    for group in groups:
        given = ratings.get(group.group, ())
        if given and len(given) >= group.min_raters and group.weight:
            kept.append((group.weight, sum(given, ZERO) / len(given)))
    if not kept:
        return None
    return sum((w * x for w, x in kept), ZERO) / sum((w for w, _ in kept), ZERO)


def combine(
    q: Decimal, opinion: Decimal | None, q_weight: Decimal, opinion_weight: Decimal
) -> Decimal:
    """Composite of both parts; when the qualitative part is missing its weight goes to Q."""
    if opinion is None or not opinion_weight:
        return q
    return (q_weight * q + opinion_weight * opinion) / (q_weight + opinion_weight)


def settle(
    composite: Decimal,
    *,
    penalty_points: Decimal = ZERO,
    deduction_cap: Decimal | None = None,
    cap: Decimal | None = None,
    calibration: Decimal = ZERO,
) -> Decimal:
    """What follows the weighting, in this order: penalty points off (at most `deduction_cap`,
    never below 0), gate cap, calibration, rounding half-up to 2 places."""
    off = penalty_points if deduction_cap is None else min(penalty_points, deduction_cap)
    value = max(ZERO, composite - off)
    if cap is not None:
        value = min(value, cap)
    return half_up(max(ZERO, value + calibration))


def composite_cap(gates: Iterable[Gate], events: Collection[str]) -> Decimal | None:
    """The lowest cap that a confirmed event puts on the composite, None without one."""
    caps = [Decimal(g.value) for g in gates if g.cap == "composite" and g.event in events]
    return min(caps, default=None)


def item_cap(gates: Iterable[Gate], events: Collection[str], indicator: str) -> Decimal | None:
    """The lowest cap that a confirmed event puts on one item's points, None without one."""
    caps = [
        Decimal(g.value)
        for g in gates
        if g.cap == "item" and g.indicator == indicator and g.event in events
    ]
    return min(caps, default=None)


def grade_of(
    rounded: Decimal,
    grades: Sequence[Grade],
    gates: Iterable[Gate] = (),
    events: Collection[str] = (),
) -> Grade:
    """The grade of a rounded composite: read from the number the employee sees.

    `grades` from the best down, the last from 0. A grade gate allows nothing better than its value.
    """
    earned = 0
    while earned < len(grades) - 1 and rounded < grades[earned].start:
        earned += 1
    for gate in gates:
        if gate.cap == "grade" and gate.event in events:
            names = [grade.grade for grade in grades]
            earned = max(earned, names.index(gate.value))
    return grades[earned]
