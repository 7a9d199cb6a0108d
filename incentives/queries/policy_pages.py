"""A policy as people read it, its simulations, and what its activation still needs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from assessments.models import Period, Scorecard
from core.badges import look
from core.models import User
from core.templatetags.ui import name, period_name
from incentives.models import PolicyVersion, Simulation
from incentives.permissions import may_see_drafts
from organization.models import Position

Status = PolicyVersion.Status
MAX_PERIODS = 18  # offered for a simulation


def visible_to(user: User) -> QuerySet[PolicyVersion]:
    """What is in force for everybody, drafts and old ones for who prepares them."""
    rows = PolicyVersion.objects.select_related("policy", "activated_by__employee", "imported_by")
    if not may_see_drafts(user):
        rows = rows.filter(status=Status.ACTIVE)
    return rows.order_by("policy__code", "-number")


def badge_of(version: PolicyVersion) -> dict[str, str]:
    tone, glyph = look(version.status)
    return {"tone": tone, "glyph": glyph, "label": version.get_status_display()}


def shown(version: PolicyVersion) -> dict[str, Any]:
    """The content in sections; amounts as Decimal, positions by name."""
    spec = version.spec
    codes = {code for award in spec["awards"] for code in award["eligibility"]["position_codes"]}
    names = {one.code: name(one) for one in Position.objects.filter(code__in=codes)}
    pools = {pool["code"]: pool for pool in spec["pools"]}
    return {
        "awards": [_award(one, names, pools) for one in spec["awards"]],
        "pools": spec["pools"],
        "pay": spec["performance_pay"],
        "pay_mode": _mode(spec["performance_pay"]["mode"]),
        "appeals": spec["appeals"],
        "appeal_days": _appeal_days(spec["appeals"]),
        "clauses": spec["clauses"],
        "ladder": spec["penalty_ladder"],
        "principles": spec["principles"],
    }


def _award(
    award: dict[str, Any], names: dict[str, str], pools: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    rule = award["eligibility"]
    return {
        **award,
        "jobs": [names.get(code, code) for code in rule["position_codes"]],
        "amounts": _amounts(award),
        "pool_name": name(pools[award["pool"]]) if award["pool"] in pools else award["pool"],
        "runs": award["kind"] == "rank_share",
        "period_name": {"month": _("month"), "quarter": _("quarter"), "year": _("year")}[
            award["period"]
        ],
    }


def _amounts(award: dict[str, Any]) -> list[Decimal]:
    """What one winner gets: one amount, or the lowest and the highest of its tiers."""
    tiers = [Decimal(tier["each"]) for tier in award["selection"].get("tiers", [])]
    return [min(tiers), max(tiers)] if tiers else [Decimal(award["amount"]["each"])]


def _mode(code: str) -> str:
    return {
        "banded": _("by grade"),
        "proportional": _("in proportion to the score"),
        "pool_share": _("shares of a pool"),
    }.get(code, code)


def _appeal_days(rules: dict[str, Any]) -> list[tuple[str, int]]:
    labels = {
        "file_wd": _("to file after the notice"),
        "admissibility_wd": _("to say whether it is heard"),
        "information_wd": _("to give information asked for"),
        "investigation_wd": _("to investigate"),
        "extension_wd": _("more, once"),
        "decision_wd": _("to decide"),
        "execution_wd": _("to carry it out"),
    }
    return [(label, rules[key]) for key, label in labels.items() if key in rules]


def simulations(version: PolicyVersion) -> list[Simulation]:
    """Simulations of this content, the latest first."""
    rows = Simulation.objects.filter(content_hash=version.content_hash)
    return list(rows.select_related("created_by__employee").order_by("-id")[:10])


def periods_to_try() -> list[tuple[str, str]]:
    """Periods with scorecards, the latest first, as choices of a form."""
    scored = Scorecard.objects.current().values("period")
    rows = Period.objects.filter(pk__in=scored).order_by("-last_day", "-first_day")
    return [(one.key, period_name(one.key)) for one in rows[:MAX_PERIODS]]
