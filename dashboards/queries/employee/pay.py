"""What a result did to pay: decided performance pay of a month, and against the month before."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Subquery

from assessments.models import Scorecard
from assessments.rules.periods import parse
from incentives.models import LedgerEntry, PayrollLine, PerformancePay
from organization.models import Employee

_DECIDED = (PerformancePay.State.APPROVED, PerformancePay.State.POSTED)


@dataclass(frozen=True)
class Effect:
    """Performance pay in CNY: `base` times `coefficient` times `present` of `working` days."""

    base: Decimal
    coefficient: Decimal
    present: Decimal
    working: Decimal
    amount: Decimal
    before: Decimal | None
    batch: str  # where it is in the payroll, "" before
    line: int | None
    batch_state: str

    @property
    def whole_month(self) -> bool:
        return self.present == self.working

    @property
    def difference(self) -> Decimal | None:
        """Against the month before; None where nothing was decided then."""
        return None if self.before is None else self.amount - self.before


def payments_of(employee: Employee) -> dict[str, PerformancePay]:
    """Period key -> the decided payment that stands, newest version."""
    rows = (
        PerformancePay.objects.filter(employee=employee, state__in=_DECIDED)
        .select_related("proposal__period")
        .order_by("version")
    )
    return {row.proposal.period.key: row for row in rows}


def effect_of(card: Scorecard) -> Effect | None:
    """What the card's month paid; None while nothing is decided, or for a longer period.

    A corrected card shows the payment of its own version where there is one.
    """
    span = parse(card.period.key)
    if span.kind != "month":
        return None
    rows = PerformancePay.objects.filter(
        employee_id=card.employee_id,
        proposal__period__key__in=(card.period.key, span.previous().key),
    ).exclude(state__in=(PerformancePay.State.PROPOSED, PerformancePay.State.REJECTED))
    now: Any = None
    standing: Any = None
    before: PerformancePay | None = None
    # The payment's own line: its reversal rides in another batch, and a batch and a line number
    # taken from two of them name the line of somebody else.
    line = PayrollLine.objects.filter(
        live=True,
        entry__performance_pay=OuterRef("pk"),
        entry__source_type=LedgerEntry.Source.PERFORMANCE_PAY,
    ).order_by("-pk")
    rows = rows.select_related("proposal__period").annotate(
        batch_no=Subquery(line.values("batch__batch_no")[:1]),
        line_no=Subquery(line.values("line_no")[:1]),
        batch_state=Subquery(line.values("batch__state")[:1]),
    )
    for row in rows.order_by("version"):
        if row.proposal.period.key != card.period.key:
            before = row if row.state in _DECIDED else before
        else:
            now = row if row.scorecard_id == card.pk else now
            standing = row if row.state in _DECIDED else standing
    if now is None and card.is_current:
        now = standing  # corrected without an effect on pay
    if now is None:
        return None
    return Effect(
        now.performance_pay,
        now.coefficient,
        now.present_days,
        now.working_days,
        now.amount,
        before.amount if before else None,
        now.batch_no or "",
        now.line_no,
        now.batch_state or "",
    )
