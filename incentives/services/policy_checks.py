"""Check a policy: the shipped schema first, then what a schema cannot say."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.money import yuan

Spec = dict[str, Any]
Fault = tuple[str, str]

CONTENT = Path(__file__).parents[1] / "content"
# What no activation may do without; a policy may ask for more evidence, never for less.
EVIDENCE = (
    "consultation_record",
    "publication_date",
    "acknowledgements_or_exceptions",
    "impact_assessment_id",
    "simulation",
    "management_group_approval",
)
EXCLUSIONS = {
    "complaint_upheld_in_period",
    "gate_event_in_period",
    "gate_event_in_team",
    "safety_deadline_missed_in_team",
}
PENALTY_EXCLUSION = re.compile(r"penalty_in_effect_level_([1-9]\d*)_or_above")
HOLDS = {"score_held", "case_open", "appeal_open"}
METRICS = {"department_composite"}
INDICATORS = {
    "courtesy_rate",
    "patience",
    "proactive",
    "response_time",
    "handling_time",
    "first_owner_rate",
    "resolution_rate",
    "satisfaction",
    "error_rate",
    "analysis_accuracy",
    "coordination",
    "emergency",
}
PERIOD_LENGTH = {"month": 1, "quarter": 3, "year": 12}


class BadPolicy(InvalidInput):
    """A policy file with faults, one a line; nothing of it was taken."""

    code = "bad_policy"

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(f"{where}: {what}" for where, what in faults))


def check(spec: Any) -> None:
    """Raise BadPolicy with every fault of the schema or, when it holds, of the cross checks."""
    errors = sorted(_validator().iter_errors(spec), key=lambda error: list(map(str, error.path)))
    faults = [(_where(error), error.message[:300]) for error in errors]
    if not faults:
        faults = [fault for rule in CROSS_CHECKS for fault in rule(spec)]
    if faults:
        raise BadPolicy(faults)


@cache
def _validator() -> Any:
    schema = json.loads((CONTENT / "policy.schema.json").read_text(encoding="utf-8"))
    base = jsonschema.Draft202012Validator
    types = base.TYPE_CHECKER.redefine(
        "number", lambda _checker, value: isinstance(value, int | Decimal) and value is not True
    )
    return jsonschema.validators.extend(base, type_checker=types)(schema)


def _where(error: Any) -> str:
    return "/".join(map(str, error.absolute_path)) or "policy"


def _repeated(spec: Spec) -> Iterator[Fault]:
    for part in ("events", "awards", "pools", "career", "penalty_ladder", "clauses"):
        codes = [row["code"] for row in spec[part]]
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            yield part, _("the code %(code)s stands twice") % {"code": code}
    items = [award["pay_item_code"] for award in spec["awards"]]
    for item in sorted({item for item in items if items.count(item) > 1}):
        yield "awards", _("the pay item %(code)s stands twice") % {"code": item}


def _dates(spec: Spec) -> Iterator[Fault]:
    try:
        date.fromisoformat(spec["effective_from"])
    except ValueError:
        yield "effective_from", _("%(value)s is not a date") % {"value": spec["effective_from"]}
    for city in spec["jurisdictions"]:
        try:
            date.fromisoformat(city["effective_from"] or "2000-01-01")
        except ValueError:
            yield (
                f"jurisdictions/{city['city_en']}/effective_from",
                _("%(value)s is not a date") % {"value": city["effective_from"]},
            )


def _activation(spec: Spec) -> Iterator[Fault]:
    for key in EVIDENCE:
        if key not in spec["activation"]["required"]:
            yield "activation/required", _("%(key)s cannot be left out") % {"key": key}


def _pools(spec: Spec) -> Iterator[Fault]:
    for pool in spec["pools"]:
        if Decimal(pool["appeal_reserve_percent"]) > 100:
            yield f"pools/{pool['code']}", _("the appeal reserve is over 100 percent")
    pools = {pool["code"]: pool for pool in spec["pools"]}
    for award in spec["awards"]:
        where = f"awards/{award['code']}/pool"
        if award["pool"] not in pools:
            yield where, _("there is no pool %(code)s") % {"code": award["pool"]}
        elif pools[award["pool"]]["period"] != award["period"]:
            yield (
                where,
                _("the pool is by %(pool)s, the award by %(award)s")
                % {"pool": pools[award["pool"]]["period"], "award": award["period"]},
            )


def _eligibility(spec: Spec) -> Iterator[Fault]:
    levels = {row["level"] for row in spec["penalty_ladder"]}
    for award in spec["awards"]:
        where, rule = f"awards/{award['code']}/eligibility", award["eligibility"]
        if rule["metric"] not in INDICATORS | METRICS | {None}:
            yield where, _("there is no indicator %(code)s") % {"code": rule["metric"]}
        for row in rule.get("criteria", []):
            if row["indicator"] not in INDICATORS:
                yield where, _("there is no indicator %(code)s") % {"code": row["indicator"]}
        for name in rule["exclusions"]:
            level = PENALTY_EXCLUSION.fullmatch(name)
            if name not in EXCLUSIONS and not (level and int(level[1]) in levels):
                yield where, _("unknown exclusion %(code)s") % {"code": name}
        for name in rule["hold_if"]:
            if name not in HOLDS:
                yield where, _("unknown reason to hold %(code)s") % {"code": name}


def _selection(spec: Spec) -> Iterator[Fault]:
    for award in spec["awards"]:
        where, rule = f"awards/{award['code']}/selection", award["selection"]
        later = rule.get("fallback", {}).get("period")
        if later and PERIOD_LENGTH[later] <= PERIOD_LENGTH[award["period"]]:
            yield where, _("the fallback period must be longer than the award's own")
        if Decimal(rule.get("max_winners_factor", "1.00")) < 1:
            yield where, _("max_winners_factor is under 1")
        if not 0 < Decimal(rule.get("share_percent", "1.00")) <= 100:
            yield where, _("share_percent must be over 0 and at most 100")
        if award["kind"] == "rank_share":
            yield from _rank_share(award, where)


def _rank_share(award: Spec, where: str) -> Iterator[Fault]:
    """What the engine can rank: one metric, a share of a group, a fixed amount for each winner."""
    rule = award["selection"]
    expected: list[tuple[bool, str]] = [
        (rule["method"] == "top_share", _("a rank_share award needs the method top_share")),
        (rule["order"] == ["fair_low", "n"], _("a rank_share award is ordered by fair_low, n")),
        (
            rule["edge_tie"] in ("all_in", "all_out"),
            _("a tie of a rank_share award is all_in or all_out"),
        ),
        (
            rule["group_by"] in ("peer_group", "company"),
            _("a rank_share award is grouped by peer_group or company"),
        ),
        (award["beneficiary"] == "employee", _("a rank_share award goes to employees")),
        (
            award["eligibility"]["metric"] == "satisfaction",
            _("a rank_share award ranks by satisfaction"),
        ),
        (award["amount"]["split"] == "per_person", _("a rank_share award pays per person")),
        (
            Decimal(award["amount"]["leader_extra"]) == 0,
            _("a rank_share award has no extra for a leader"),
        ),
        (rule["minimum_winners"] >= 1, _("a rank_share award has at least one winner")),
    ]
    yield from ((where, message) for holds, message in expected if not holds)


def _ladder(spec: Spec) -> Iterator[Fault]:
    levels = [row["level"] for row in spec["penalty_ladder"]]
    if levels != list(range(1, len(levels) + 1)):
        yield "penalty_ladder", _("the levels must run 1, 2, 3 … in order")
    events = {event["code"] for event in spec["events"]}
    for clause in spec["clauses"]:
        where, later = f"clauses/{clause['code']}", clause["repeat"]["next_level"]
        for code in clause["events"]:
            if code not in events:
                yield where, _("there is no event %(code)s") % {"code": code}
        for level in (clause["first_level"], later):
            if level not in {0, *levels}:
                yield where, _("there is no level %(level)d") % {"level": level}
        if later < clause["first_level"]:
            yield where, _("the level for a repeated act is lower than the first one")


def _career(spec: Spec) -> Iterator[Fault]:
    awards = {award["code"] for award in spec["awards"]}
    for row in spec["career"]:
        award = row["condition"].get("award")
        if award is not None and award not in awards:
            yield f"career/{row['code']}", _("there is no award %(code)s") % {"code": award}


def _pay(spec: Spec) -> Iterator[Fault]:
    pay = spec["performance_pay"]
    if pay["mode"] not in pay["modes_available"]:
        yield "performance_pay/mode", _("%(mode)s is not available") % {"mode": pay["mode"]}
    if Decimal(pay["pool_share"]["appeal_reserve_percent"]) > 100:
        yield "performance_pay/pool_share", _("the appeal reserve is over 100 percent")
    for number, row in enumerate(pay["examples"]):
        parts = [Decimal(row[key]) for key in ("performance_pay", "attendance", "coefficient")]
        paid = yuan(parts[0] * parts[1] * parts[2])
        if paid != Decimal(row["pays"]):
            yield f"performance_pay/examples/{number}", _("pays %(amount)s") % {"amount": paid}


def _kinds(spec: Spec) -> Iterator[Fault]:
    codes = sorted(row["code"] for row in spec["wage_guard"]["kinds"])
    if codes != ["A", "B", "C", "D", "E"]:
        yield "wage_guard/kinds", _("the kinds are A, B, C, D and E, once each")


CROSS_CHECKS: tuple[Callable[[Spec], Iterator[Fault]], ...] = (
    _repeated,
    _dates,
    _activation,
    _pools,
    _eligibility,
    _selection,
    _ladder,
    _career,
    _pay,
    _kinds,
)
