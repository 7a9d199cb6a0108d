"""Proposed performance pay before and after, and what one decision would settle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from assessments.queries import evidence_hash
from assessments.rules.periods import parse
from core.models import User
from core.permissions import Allowed, Denied
from incentives import permissions
from incentives.models import Award, PerformancePay, Proposal
from incentives.queries.policies import version_on
from incentives.queries.proposal_pages import awards_of, pool_rows
from incentives.queries.reasons import pay_reason
from incentives.queries.unrecorded import unrecorded_words
from organization.models import Role
from organization.queries import users_with

State = Award.State


@dataclass(frozen=True)
class PayLine:
    row: PerformancePay
    before: Decimal | None
    reason: str

    @property
    def change(self) -> Decimal | None:
        return None if self.before is None else self.row.amount - self.before


def payments(proposal: Proposal, search: str) -> QuerySet[PerformancePay]:
    """The newest payment of each person of the proposal."""
    rows = (
        proposal.payments.select_related("employee__user")
        .order_by("employee__employee_no", "-version")
        .distinct("employee__employee_no")
    )
    if search:
        rows = rows.filter(
            Q(employee__name__icontains=search) | Q(employee__employee_no__icontains=search)
        )
    return rows


def pay_lines(rows: Sequence[PerformancePay], proposal: Proposal) -> list[PayLine]:
    """With what the same person got in the month before, in one query."""
    before = dict(
        PerformancePay.objects.filter(
            proposal__in=_previous(proposal), employee__in=[row.employee_id for row in rows]
        )
        .order_by("version")
        .values_list("employee", "amount")
    )
    return [PayLine(row, before.get(row.employee_id), pay_reason(row)) for row in rows]


def _previous(proposal: Proposal) -> QuerySet[Proposal]:
    key = parse(proposal.period.key).previous().key
    return Proposal.objects.filter(period__key=key).exclude(status=Proposal.Status.SUPERSEDED)


def pay_before(proposal: Proposal) -> Decimal | None:
    """The sum of the month before; None where nothing was proposed for it."""
    rows = PerformancePay.objects.filter(proposal__in=_previous(proposal)).exclude(
        state__in=[PerformancePay.State.REVERSED, PerformancePay.State.REJECTED]
    )
    found: Decimal | None = rows.aggregate(total=Sum("amount"))["total"]
    return found


# -- the decision -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deciding:
    """`hash` is what the decision confirms; `stale` when the basis has changed since."""

    hash: str
    stale: bool
    awards: int
    payments: int
    own: int
    open_singles: int
    allowed: Allowed | Denied
    who: list[User]

    @property
    def left(self) -> int:
        return self.awards + self.payments - self.own


def deciding(proposal: Proposal, user: User) -> Deciding:
    """What one click would decide, for this account; the service checks the same again."""
    shown = evidence_hash(proposal.period)
    decided = proposal.status == Proposal.Status.DECIDED
    stale = not decided and (
        shown != proposal.evidence_hash
        or version_on(proposal.period.first_day) != proposal.policy_version
    )
    waiting = proposal.awards.filter(state=State.RESERVED)
    pay = proposal.payments.filter(state=PerformancePay.State.PROPOSED)
    own = Q(employee__user=user)
    singles = proposal.awards.filter(
        Q(state=State.HELD) | Q(state=State.RANKED, reason_code="pool_exceeded")
    )
    awards = waiting.aggregate(all=Count("id"), own=Count("id", filter=own))
    paid = pay.aggregate(all=Count("id"), own=Count("id", filter=own))
    return Deciding(
        hash=shown if decided else proposal.evidence_hash,
        stale=stale,
        awards=awards["all"],
        payments=paid["all"],
        own=awards["own"] + paid["own"],
        open_singles=singles.count(),
        allowed=permissions.may_decide(user),
        who=list(users_with(Role.GROUP).select_related("employee")),
    )


def shown(proposal: Proposal, user: User) -> dict[str, Any]:
    """What the page and the inbox show of a proposal."""
    awards = awards_of(proposal, user)
    return {
        "proposal": proposal,
        "awards": awards,
        "singles": [
            (award.name, line)
            for award in awards
            for group in award.groups
            for line in group.rows
            if line.single or line.award.state == State.RESERVED
        ],
        "pool_rows": pool_rows(proposal),
        "pay": proposal.summary["performance_pay"],
        "pay_before": pay_before(proposal),
        "deciding": deciding(proposal, user),
        "with_pay": permissions.may_see_payroll(user),
        "may_propose": permissions.may_propose(user),
        "unrecorded": unrecorded_words(proposal.policy_version.spec) if awards else "",
    }
