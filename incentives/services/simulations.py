"""Simulate a policy on past periods: what it would cost, whom it helps and whom it hurts.

The only trace is the stored simulation, the evidence an activation names.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.models import Period, Scorecard
from core import audit
from core.errors import InvalidInput
from core.models import User
from core.permissions import require
from incentives import permissions
from incentives.models import PolicyVersion, Simulation
from incentives.queries import policies
from incentives.queries.facts import MONTHS, load
from incentives.queries.plan import RUN_KIND, Groups, Plan, make_plan, months_of
from incentives.rules import pay
from incentives.rules.consider import consider, cost
from incentives.services.proposals import get_period

ZERO = Decimal("0.00")


@transaction.atomic
def simulate_policy(code: str, keys: Sequence[str], *, actor: User) -> Simulation:
    """Work out the newest version of a policy for the periods and keep the result.

    Losers are paid less than under the policy in force then or, where none was, than with
    coefficient 1.00; gainers more. Raises InvalidInput for a period without scorecards.
    """
    require(permissions.may_propose(actor))
    version = policies.newest(code)
    keys = sorted(set(keys))
    if not keys:
        raise InvalidInput(_("Name at least one period to simulate."))
    results = {key: _one_period(version, get_period(key)) for key in keys}
    simulation = Simulation.objects.create(
        policy_version=version,
        content_hash=version.content_hash,
        periods=keys,
        result={"periods": results, **_totals(results)},
        created_by=actor,
    )
    audit.record(actor, "policy.simulated", simulation, policy=str(version), periods=keys)
    return simulation


def _one_period(version: PolicyVersion, period: Period) -> dict[str, Any]:
    if not Scorecard.objects.current().filter(period=period).exists():
        raise InvalidInput(_("%(period)s has no scorecards yet.") % {"period": period.key})
    plan = make_plan(version, period, simulated=_fallback_groups(version, period))
    before = _baseline(version, period, plan)
    after = {one.employee_id: one.amount for one in plan.payments}
    people = plan.facts.scorecards
    numbers = {key: card.employee.employee_no for key, card in people.items()}
    changes = {key: after[key] - before.get(key, ZERO) for key in after}
    awards_cost = sum((cost(award.outcomes) for award in plan.awards), ZERO)
    return {
        "summary": plan.summary,
        "awards_cost": str(awards_cost),
        "performance_pay": str(sum(after.values(), ZERO)),
        "baseline": _baseline_name(version, period),
        "baseline_pay": str(sum(before.values(), ZERO)),
        "winners": sorted(
            one.person.employee_no
            for award in plan.awards
            for one in award.outcomes
            if one.state in ("reserved", "held")
        ),
        "gainers": {numbers[key]: str(value) for key, value in changes.items() if value > 0},
        "losers": {numbers[key]: str(value) for key, value in changes.items() if value < 0},
        "small_groups": _small_groups(version, plan),
    }


def _fallback_groups(version: PolicyVersion, period: Period) -> dict[str, Groups]:
    """By award, the groups that would fall back in a month of the period, where it is scored."""
    found: dict[str, set[str]] = defaultdict(set)
    if period.kind == Period.Kind.MONTH:
        return {}
    for month in Period.objects.filter(key__in=months_of(period), kind=Period.Kind.MONTH):
        people = load(month).people
        for award in version.spec["awards"]:
            if award["kind"] != RUN_KIND or award["period"] != Period.Kind.MONTH:
                continue
            _outcomes, groups = consider(award, people, months=MONTHS[month.kind])
            found[award["code"]] |= {one.code for one in groups if one.decided == "fallback"}
    return {code: frozenset(groups) for code, groups in found.items()}


def _baseline(version: PolicyVersion, period: Period, plan: Plan) -> dict[int, Decimal]:
    """What each person was or would have been paid without the simulated version."""
    if period.kind != Period.Kind.MONTH:
        return {}
    active = policies.version_on(period.first_day)
    if active is not None and active != version:
        return {one.employee_id: one.amount for one in make_plan(active, period).payments}
    facts = plan.facts.pay
    return {
        one.employee_id: pay.amount(
            facts[one.employee_id].segments,
            Decimal(1),
            facts[one.employee_id].present_days,
            facts[one.employee_id].working_days,
        )
        for one in plan.payments
    }


def _baseline_name(version: PolicyVersion, period: Period) -> str:
    active = policies.version_on(period.first_day)
    return str(active) if active is not None and active != version else "coefficient 1.00"


def _small_groups(version: PolicyVersion, plan: Plan) -> list[dict[str, Any]]:
    """Groups with fewer eligible people than the award asks for, and what becomes of them."""
    rows = []
    for award in plan.awards:
        needed = award.spec["selection"]["min_group_size"]
        rows += [
            {"award": award.code, "needed": needed, **group.as_data()}
            for group in award.groups
            if group.eligible < needed
        ]
    return rows


def _totals(results: dict[str, dict[str, Any]]) -> dict[str, Any]:
    awards = sum((Decimal(row["awards_cost"]) for row in results.values()), ZERO)
    paid = sum((Decimal(row["performance_pay"]) for row in results.values()), ZERO)
    before = sum((Decimal(row["baseline_pay"]) for row in results.values()), ZERO)
    winners: Counter[str] = Counter()
    for row in results.values():
        winners.update(row["winners"])
    return {
        "awards_cost": str(awards),
        "performance_pay": str(paid),
        "cost": str(awards + paid),
        "difference": str(awards + paid - before),
        "winners": len(winners),
        "gainers": len({no for row in results.values() for no in row["gainers"]}),
        "losers": len({no for row in results.values() for no in row["losers"]}),
        "small_groups": sum(len(row["small_groups"]) for row in results.values()),
    }
