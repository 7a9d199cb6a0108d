"""Consider everybody for one rank_share award: who is eligible, ranked, a winner, and why not.

Plain data in and out. Reasons are codes with the figures they rest on; the sentence is made where
it is read, in the reader's language.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from incentives.rules import star

Spec = Mapping[str, Any]
ZERO = Decimal("0.00")
COMPANY = "*"
WINNING = ("reserved", "held")


@dataclass(frozen=True)
class Person:
    """One scorecard as awards see it. `fair_low` in points, half-up to 2 places; days as counted.

    `fair_status` is ok, no_peer_group or no_difference; `exclusions` and `holds` are the codes of
    the policy that apply to the person in the period.
    """

    employee_id: int
    employee_no: str
    scorecard_id: int
    scorecard_hash: str
    position_code: str
    n: int
    fair_low: Decimal | None
    fair_status: str
    status: str
    grade: str
    present_days: Decimal
    exclusions: frozenset[str] = frozenset()
    holds: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """What became of one person: `state` of the award row and the reason with its figures."""

    person: Person
    group: str
    state: str
    reason: str
    data: dict[str, Any] = field(default_factory=dict)
    rank: int | None = None
    places: int | None = None
    amount: Decimal = ZERO
    prize: Decimal = ZERO


@dataclass(frozen=True)
class Group:
    """One group of equal jobs: how many were considered, eligible, took a place, and how it ended.

    `decided` is here, fallback (decided by the longer period), too_small or nobody.
    """

    code: str
    considered: int
    eligible: int
    places: int
    winners: int
    decided: str
    tied_out: int = 0

    def as_data(self) -> dict[str, Any]:
        return dict(self.__dict__)


def consider(
    award: Spec,
    people: Iterable[Person],
    *,
    months: int,
    only_groups: frozenset[str] | None = None,
) -> tuple[list[Outcome], list[Group]]:
    """Every person of the award's positions with an outcome, and the groups by code.

    `months` is the length of the period: presence is asked per month. `only_groups` limits a
    fallback period to the groups that fell back; there the smallest group size is not asked again.
    """
    grouped: dict[str, list[Person]] = {}
    positions = set(award["eligibility"]["position_codes"])
    by_company = award["selection"]["group_by"] == "company"
    for person in people:
        if positions and person.position_code not in positions:
            continue
        code = COMPANY if by_company else person.position_code
        if only_groups is None or code in only_groups:
            grouped.setdefault(code, []).append(person)
    outcomes: list[Outcome] = []
    groups: list[Group] = []
    for code in sorted(grouped):
        members = sorted(grouped[code], key=lambda one: one.employee_no)
        rows, group = _one_group(award, code, members, months, is_fallback=only_groups is not None)
        outcomes += rows
        groups.append(group)
    return outcomes, groups


def _one_group(
    award: Spec, code: str, members: Sequence[Person], months: int, *, is_fallback: bool
) -> tuple[list[Outcome], Group]:
    rule = award["selection"]
    barred = {one.employee_id: bar(award["eligibility"], one, months) for one in members}
    eligible = [one for one in members if barred[one.employee_id] is None]
    rejected = [
        Outcome(one, code, "rejected", *found)
        for one in members
        if (found := barred[one.employee_id]) is not None
    ]
    size, smallest = len(eligible), int(rule["min_group_size"])
    later = None if is_fallback else rule.get("fallback", {}).get("period")
    # A job whose people never reach the answers in a month has a Star all the same: by the quarter.
    if not size and not later:
        return rejected, Group(code, len(members), 0, 0, 0, "nobody")
    if size < smallest and not is_fallback:
        data = {"eligible": size, "needed": smallest, "period": later}
        state, reason = ("eligible", "fallback") if later else ("rejected", "group_too_small")
        waiting = [Outcome(one, code, state, reason, data) for one in eligible]
        decided = "fallback" if later else "too_small"
        return rejected + waiting, Group(code, len(members), size, 0, 0, decided)
    ranked, group = _rank(award, code, eligible, considered=len(members))
    return rejected + ranked, group


def bar(rule: Spec, person: Person, months: int) -> tuple[str, dict[str, Any]] | None:
    """The first reason why a person is not eligible, with its figures; None when eligible."""
    needed_days = int(rule["min_working_days"]) * months
    minimum = rule["min_grade"]
    if person.n < rule["min_n"]:
        return "too_few_answers", {"n": person.n, "needed": rule["min_n"]}
    if person.fair_status != "ok" or person.fair_low is None:
        return (
            "no_difference" if person.fair_status == "no_difference" else "no_fair_score",
            {"n": person.n},
        )
    if person.present_days < needed_days:
        return "too_few_days", {"days": str(person.present_days), "needed": needed_days}
    if minimum and person.status == "not_assessed":
        return "not_assessed", {"needed": minimum}
    if minimum and not star.grade_at_least(person.grade, minimum):
        return "grade_too_low", {"grade": person.grade, "needed": minimum}
    for code in rule["exclusions"]:
        if code in person.exclusions:
            return "excluded", {"what": code}
    return None


def _rank(
    award: Spec, code: str, eligible: Sequence[Person], *, considered: int
) -> tuple[list[Outcome], Group]:
    rule = award["selection"]
    k = star.places(len(eligible), Decimal(rule["share_percent"]), int(rule["minimum_winners"]))
    # A policy without a limit of its own gets the usual one and a half times the places.
    factor = Decimal(rule.get("max_winners_factor", star.DEFAULT_FACTOR))
    candidates = [
        star.Candidate(one.employee_id, one.fair_low, one.n)
        for one in eligible
        if one.fair_low is not None
    ]
    chosen = star.select(candidates, k, factor=factor, edge_tie=rule["edge_tie"])
    winners, edge = set(chosen.winners), set(chosen.edge)
    rows = []
    for person in sorted(
        eligible, key=lambda one: (chosen.ranks[one.employee_id], one.employee_no)
    ):
        figures = {
            "rank": chosen.ranks[person.employee_id],
            "places": k,
            "eligible": len(eligible),
            "fair_low": str(person.fair_low),
            "n": person.n,
        }
        state, reason = "ranked", "below_line"
        if person.employee_id in winners:
            held = sorted(person.holds & set(award["eligibility"]["hold_if"]))
            state, reason = ("held", "held") if held else ("reserved", "won")
            figures |= {"holds": held} if held else {}
            figures |= {"tied": len(edge)} if person.employee_id in edge else {}
        elif person.employee_id in edge:
            reason = "tied_out"
            figures |= {"tied": len(edge), "factor": str(factor)}
        rows.append(
            Outcome(
                person,
                code,
                state,
                reason,
                figures,
                rank=chosen.ranks[person.employee_id],
                places=k,
                amount=Decimal(award["amount"]["each"]) if state in WINNING else ZERO,
                prize=Decimal(award["amount"]["prize_value"]) if state in WINNING else ZERO,
            )
        )
    tied_out = 0 if chosen.edge_in else len(edge)
    group = Group(code, considered, len(eligible), k, len(winners), "here", tied_out)
    return rows, group


def cost(outcomes: Iterable[Outcome]) -> Decimal:
    """What the winners would take of the pool in CNY, prizes included."""
    return sum((one.amount + one.prize for one in outcomes if one.state in WINNING), ZERO)


def over_budget(outcomes: Iterable[Outcome], *, total: Decimal, room: Decimal) -> list[Outcome]:
    """The same outcomes with every winner put back to ranked: the pool cannot pay them all.

    Nobody is dropped by the order of groups, which would be arbitrary: a named human decides them
    one by one. The amounts stay, so that the decision has them before it.
    """
    figures = {"total": str(total), "room": str(room)}
    return [
        replace(one, state="ranked", reason="pool_exceeded", data=one.data | figures)
        if one.state in WINNING
        else one
        for one in outcomes
    ]
