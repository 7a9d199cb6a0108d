"""What a policy version would pay for a period: awards, pools, performance pay. Reads only.

The proposal stores a plan, the simulation sums it up; both come from here, so that a simulation
shows exactly what a proposal would.
"""

from collections import defaultdict
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from assessments.models import Period
from core.months import first_of, shift
from incentives.models import Award, PolicyVersion, Proposal
from incentives.queries.facts import MONTHS, Facts, load
from incentives.queries.pools import Pool, pool_on
from incentives.queries.unrecorded import RUN_KIND, unrecorded
from incentives.rules import chain
from incentives.rules.consider import Group, Outcome, consider, cost, over_budget
from incentives.rules.payments import Earner, Payment, payments

Groups = frozenset[str]


@dataclass(frozen=True)
class AwardPlan:
    """One award of the policy: `spec`, everybody considered, the groups, the pool it pays from.

    `fallback_of` is the shorter period it stands in for, `missing` the periods of that length
    without a proposal: whether a job fell back there is not known.
    """

    spec: dict[str, Any]
    outcomes: list[Outcome]
    groups: list[Group]
    pool: Pool
    fallback_of: str = ""
    missing: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        return str(self.spec["code"])


@dataclass(frozen=True)
class Plan:
    """Everything a version would pay for a period; `inputs_hash` covers all it was made from."""

    period: Period
    version: PolicyVersion
    facts: Facts
    awards: list[AwardPlan]
    not_run: list[str]
    payments: list[Payment]
    inputs_hash: str
    summary: dict[str, Any] = field(default_factory=dict)


def make_plan(
    version: PolicyVersion, period: Period, *, simulated: dict[str, Groups] | None = None
) -> Plan:
    """The plan of a period. `simulated` gives, by award code, the groups that fell back, where
    recorded proposals of the shorter periods must not be asked (a simulation).
    """
    facts = load(period)
    awards, inputs = [], []
    for award in version.spec["awards"]:
        if award["kind"] != RUN_KIND:
            continue
        groups, missing = _fallen_back(award, period, simulated)
        if award["period"] == period.kind:
            awards.append(_award_plan(award, version, period, facts, None, ()))
        elif groups is not None:
            awards.append(_award_plan(award, version, period, facts, groups, missing))
            inputs.append([award["code"], sorted(groups), list(missing)])
    awards = _within_budget(awards)
    paid = _payments(version, facts) if period.kind == Period.Kind.MONTH else []
    plan = Plan(
        period=period,
        version=version,
        facts=facts,
        awards=awards,
        not_run=[
            award["code"]
            for award in version.spec["awards"]
            if award["kind"] != RUN_KIND and award["period"] == period.kind
        ],
        payments=paid,
        inputs_hash=_inputs_hash(version, period, facts, inputs),
    )
    return replace(plan, summary=summary_of(plan))


def _fallen_back(
    award: dict[str, Any], period: Period, simulated: dict[str, Groups] | None
) -> tuple[Groups | None, tuple[str, ...]]:
    """Groups of a shorter period's award that this period decides; None: it has none to decide."""
    if award["selection"].get("fallback", {}).get("period") != period.kind:
        return None, ()
    if simulated is not None:
        return simulated.get(award["code"], frozenset()), ()
    proposals = (
        Proposal.objects.exclude(status=Proposal.Status.SUPERSEDED)
        .filter(
            period__kind=award["period"],
            period__first_day__gte=period.first_day,
            period__last_day__lte=period.last_day,
        )
        .select_related("period")
        .order_by("period__first_day")
    )
    found: set[str] = set()
    known = set()
    for proposal in proposals:
        known.add(proposal.period.key)
        groups = proposal.summary["awards"].get(award["code"], {}).get("groups", [])
        found |= {group["code"] for group in groups if group["decided"] == "fallback"}
    missing = [key for key in months_of(period) if key not in known]
    return frozenset(found), tuple(missing) if award["period"] == Period.Kind.MONTH else ()


def months_of(period: Period) -> list[str]:
    """The month keys of a period, "2025-10", "2025-11", "2025-12" for 2025-Q4."""
    count = MONTHS[period.kind]
    return [f"{shift(period.first_day, number):%Y-%m}" for number in range(count)]


def last_month(period: Period) -> date:
    """First day of the period's last month: the month its entries and its pool belong to."""
    return first_of(period.last_day)


def _award_plan(
    award: dict[str, Any],
    version: PolicyVersion,
    period: Period,
    facts: Facts,
    groups: Groups | None,
    missing: tuple[str, ...],
) -> AwardPlan:
    months = MONTHS[period.kind]
    outcomes, found = consider(award, facts.people, months=months, only_groups=groups)
    own = Proposal.objects.filter(period=period).values_list("pk", flat=True)
    pool = pool_on(version, award["pool"], last_month(period), outside=own)
    return AwardPlan(
        spec=award,
        outcomes=outcomes,
        groups=found,
        pool=pool,
        fallback_of="" if groups is None else award["period"],
        missing=missing,
    )


def _within_budget(awards: list[AwardPlan]) -> list[AwardPlan]:
    """Every award of a pool that cannot pay all its winners is left to a one-by-one decision."""
    costs: dict[str, Decimal] = defaultdict(Decimal)
    for award in awards:
        costs[award.pool.code] += cost(award.outcomes)
    return [
        replace(
            award,
            outcomes=over_budget(
                award.outcomes, total=costs[award.pool.code], room=award.pool.room
            ),
        )
        if costs[award.pool.code] > award.pool.room
        else award
        for award in awards
    ]


def _payments(version: PolicyVersion, facts: Facts) -> list[Payment]:
    earners = []
    for employee_id, card in facts.scorecards.items():
        month = facts.pay.get(employee_id)
        if month is None:
            continue
        earners.append(
            Earner(
                employee_id=employee_id,
                employee_no=card.employee.employee_no,
                position_code=card.position.code,
                status=card.status,
                grade=card.grade,
                composite=card.composite,
                coefficient=card.coefficient,
                cause=card.reason,
                segments=month.segments,
                present_days=month.present_days,
                working_days=month.working_days,
            )
        )
    return payments(version.spec["performance_pay"], earners)


def _inputs_hash(
    version: PolicyVersion, period: Period, facts: Facts, fallback: list[list[Any]]
) -> str:
    """Covers policy, scorecards, presence, pay and fallen-back groups; not what pools hold now."""
    people = [
        {**asdict(one), "exclusions": sorted(one.exclusions), "holds": sorted(one.holds)}
        for one in facts.people
    ]
    paid = {str(key): asdict(value) for key, value in facts.pay.items()}
    return chain.digest(
        {
            "policy": version.content_hash,
            "period": period.key,
            "people": people,
            "pay": paid,
            "fallback": fallback,
        }
    )


def summary_of(plan: Plan) -> dict[str, Any]:
    """Counts and amounts of a plan, as stored with the proposal; amounts are text."""
    return {
        "policy": str(plan.version),
        "period": plan.period.key,
        "people": len(plan.facts.people),
        "awards": {award.code: _award_summary(award) for award in plan.awards},
        "awards_not_run": plan.not_run,
        "pools": _pools(plan.awards),
        "performance_pay": _pay_summary(plan) if plan.period.kind == Period.Kind.MONTH else None,
        # A policy has no threshold of a low score: it leads to an improvement plan, never here.
        "penalties": {"threshold": None, "reported": []},
        "not_recorded": unrecorded(plan.version.spec),
    }


def _award_summary(award: AwardPlan) -> dict[str, Any]:
    states = [one.state for one in award.outcomes]
    return {
        "considered": len(states),
        "eligible": sum(group.eligible for group in award.groups),
        "winners": states.count(Award.State.RESERVED),
        "held": states.count(Award.State.HELD),
        "cost": str(cost(award.outcomes)),
        "groups": [group.as_data() for group in award.groups],
        "fallback_to": award.spec["selection"].get("fallback", {}).get("period", ""),
        "fallback_of": award.fallback_of,
        "missing": list(award.missing),
    }


def _pools(awards: list[AwardPlan]) -> list[dict[str, Any]]:
    totals: dict[str, Decimal] = defaultdict(Decimal)
    pools = {}
    for award in awards:
        pools[award.pool.code] = award.pool
        # Winners put back for want of money still say what they would have cost.
        totals[award.pool.code] += sum(
            (one.amount + one.prize for one in award.outcomes), Decimal("0.00")
        )
    return [pools[code].as_data(totals[code]) for code in sorted(pools)]


def _pay_summary(plan: Plan) -> dict[str, Any]:
    names = {card.employee_id: card.employee.employee_no for card in plan.facts.scorecards.values()}
    total = sum((one.amount for one in plan.payments), Decimal("0.00"))
    return {
        "mode": plan.version.spec["performance_pay"]["mode"],
        "people": len(plan.payments),
        "total": str(total),
        "not_assessed": sum(one.reason == "not_assessed" for one in plan.payments),
        "without_base": len(plan.facts.people) - len(plan.payments),
        "days_without_profile": sorted(
            names[key]
            for key, value in plan.facts.pay.items()
            if value.uncovered_days and key in names
        ),
    }
