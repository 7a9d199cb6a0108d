"""What an award pool may still pay: budget, appeal reserve, carry-over, and what is taken."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum

from incentives.models import Award, PolicyVersion, Proposal
from incentives.rules.pay import pool_room

State = Award.State
ZERO = Decimal("0.00")
# States in which an award takes, or may yet take, money of its pool.
TAKING = (
    State.RESERVED,
    State.HELD,
    State.APPROVED,
    State.ANNOUNCED,
    State.POSTED,
    State.PAID,
)


@dataclass(frozen=True)
class Pool:
    """A pool in the month it pays (CNY): `room` is the budget less the reserve, plus `carried`.

    `taken` is what live proposals of other periods hold of the same month's pool.
    """

    code: str
    month: date
    budget: Decimal
    reserve: Decimal
    carried: Decimal
    taken: Decimal

    @property
    def room(self) -> Decimal:
        """What an ordinary award may take now."""
        return self.budget - self.reserve + self.carried - self.taken

    @property
    def room_with_reserve(self) -> Decimal:
        """What a successful appeal or a released hold may take now."""
        return self.room + self.reserve

    def as_data(self, cost: Decimal) -> dict[str, Any]:
        return {
            "code": self.code,
            "month": f"{self.month:%Y-%m}",
            "budget": str(self.budget),
            "appeal_reserve": str(self.reserve),
            "carried_over": str(self.carried),
            "taken_elsewhere": str(self.taken),
            "cost": str(cost),
            "room": str(self.room),
            "exceeded": cost > self.room,
        }


def pool_on(version: PolicyVersion, code: str, month: date, *, outside: Iterable[int] = ()) -> Pool:
    """The pool of a month; awards of the proposals `outside` (ids) are not counted as taken."""
    spec = next(row for row in version.spec["pools"] if row["code"] == code)
    budget = Decimal(spec["budget"])
    room = pool_room(budget, Decimal(spec["appeal_reserve_percent"]))
    carried = _carried(version, spec, month, room) if spec["unused"] == "next_period" else ZERO
    return Pool(
        code=code,
        month=month,
        budget=budget,
        reserve=budget - room,
        carried=carried,
        taken=_taken(code, [month], outside=outside),
    )


def _taken(code: str, months: Iterable[date], *, outside: Iterable[int] = ()) -> Decimal:
    rows = (
        Award.objects.filter(pool_code=code, pool_month__in=list(months), state__in=TAKING)
        .exclude(proposal__status=Proposal.Status.SUPERSEDED)
        .exclude(proposal__in=list(outside))
    )
    total = rows.aggregate(total=Sum(F("amount") + F("prize_value")))["total"]
    return total or ZERO


def _carried(version: PolicyVersion, spec: dict[str, Any], month: date, room: Decimal) -> Decimal:
    """Unspent room of the same year's earlier, decided periods under the same policy version.

    A period that is not decided yet carries nothing: its money may still be needed.
    """
    if spec["period"] != "month":
        return ZERO
    months = Proposal.objects.filter(
        policy_version=version,
        status=Proposal.Status.DECIDED,
        period__kind=spec["period"],
        period__first_day__year=month.year,
        period__first_day__lt=month,
    ).values_list("period__first_day", flat=True)
    earlier = list(months)
    return max(ZERO, room * len(earlier) - _taken(spec["code"], earlier)) if earlier else ZERO
