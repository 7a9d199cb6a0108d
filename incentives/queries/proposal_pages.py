"""Proposed awards and pay as the decider reads them: the order, the line, why and why not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet
from django.utils.translation import gettext as _

from assessments.models import Period
from core.charts import Chart, dotplot
from core.charts.dotplot import Row as Dot
from core.models import User
from core.permissions import Allowed, Denied
from core.templatetags.ui import name, period_name
from incentives import permissions
from incentives.models import Award, PolicyVersion, Proposal
from incentives.queries.reasons import award_reason
from organization.models import Position

State = Award.State
COMPANY = "*"
BEHIND = 2  # people shown behind the last place of a group
SHOWN = 40  # lines of one award on the page of the proposal; the rest stands on its own page
BADGES = {
    State.RESERVED: ("g", "award"),
    State.HELD: ("w", "hourglass"),
    State.POSTED: ("g", "check"),
    State.PAID: ("g", "check"),
    State.APPROVED: ("g", "check"),
    State.ANNOUNCED: ("g", "check"),
    State.RANKED: ("", "list-numbers"),
    State.ELIGIBLE: ("", "clock"),
    State.REJECTED: ("", "x"),
    State.REVERSED: ("r", "arrow-back-up"),
}


def proposals(keys: Iterable[str] | None = None) -> QuerySet[Proposal]:
    """Live proposals, the latest period first."""
    rows = (
        Proposal.objects.exclude(status=Proposal.Status.SUPERSEDED)
        .select_related("period", "policy_version__policy", "decided_by__employee")
        .order_by("-period__last_day", "-period__first_day")
    )
    return rows if keys is None else rows.filter(period__key__in=keys)


def periods_without() -> list[Period]:
    """Released and closed periods under a policy that nobody has proposed anything for, the latest
    first."""
    policies = PolicyVersion.objects.filter(status=PolicyVersion.Status.ACTIVE)
    start = policies.aggregate(first=Min("effective_from"))["first"]
    if start is None:
        return []
    rows = Period.objects.filter(
        status__in=(Period.Status.RELEASED, Period.Status.CLOSED), first_day__gte=start
    )
    live = Proposal.objects.exclude(status=Proposal.Status.SUPERSEDED).values("period")
    return list(rows.exclude(pk__in=live).order_by("-last_day", "-first_day")[:24])


@dataclass(frozen=True)
class Line:
    """One person considered: figures for the eye, the reason in words."""

    award: Award
    reason: str
    badge: tuple[str, str]
    own: bool
    may: Allowed | Denied

    @property
    def wins(self) -> bool:
        return self.award.state in (State.RESERVED, State.HELD, State.POSTED, State.PAID)

    @property
    def single(self) -> bool:
        """Whether it is left open and decided one by one."""
        return self.award.state == State.HELD or (
            self.award.state == State.RANKED and self.award.reason_code == "pool_exceeded"
        )


@dataclass(frozen=True)
class GroupShown:
    """One group of equal jobs and how it was decided, in words."""

    code: str
    name: str
    considered: int
    eligible: int
    places: int
    winners: int
    words: str
    line: Decimal | None
    rows: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class AwardShown:
    code: str
    name: str
    text: str
    considered: int
    winners: int
    cost: Decimal
    each: Decimal
    min_n: int
    groups: list[GroupShown]
    reasons: list[tuple[str, int]]
    chart: Chart | None
    missing: Sequence[str]


def awards_of(proposal: Proposal, user: User) -> list[AwardShown]:
    """Every award of the proposal: winners, who comes next, and how many are out for which reason.

    Constant number of queries: everybody near the line, then counts.
    """
    specs = {row["code"]: row for row in proposal.policy_version.spec["awards"]}
    may = permissions.may_decide(user)
    near = (
        proposal.awards.filter(
            Q(rank__lte=F("places") + BEHIND) | Q(state__in=[State.HELD, State.RESERVED])
        )
        .select_related("employee__user", "scorecard__department")
        .defer("scorecard__facts", "scorecard__placements")
        .order_by("award_code", "group_code", "rank", "-n", "id")
    )
    lines: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for award in near:
        award.proposal = proposal
        lines[award.award_code, award.group_code].append(_line(award, user, may))
    codes = {
        group["code"] for row in proposal.summary["awards"].values() for group in row["groups"]
    }
    names = {one.code: name(one) for one in Position.objects.filter(code__in=codes)}
    out = _reasons(proposal)
    return [
        _award_shown(proposal, code, row, specs.get(code, {}), lines, names, out.get(code, []))
        for code, row in proposal.summary["awards"].items()
    ]


def _line(award: Award, user: User, may: Allowed | Denied) -> Line:
    own = permissions.is_own(user, award)
    answer: Allowed | Denied = may
    if own and may:
        answer = Denied(_("You cannot decide on your own award or pay."))
    tone, glyph = BADGES.get(State(award.state), ("", "circle-dot"))
    return Line(award, award_reason(award), (tone, glyph), own, answer)


def _reasons(proposal: Proposal) -> dict[str, list[tuple[str, int]]]:
    """award code -> [(why not eligible, people)], the most frequent first."""
    rows = (
        proposal.awards.filter(rank=None)
        .values_list("award_code", "reason_code")
        .annotate(number=Count("id"))
        .order_by("-number", "reason_code")
    )
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for award, reason, number in rows:
        found[award].append((reason_name(reason), number))
    return found


def reason_name(code: str) -> str:
    """A reason as the heading of a count."""
    return {
        "too_few_answers": _("too few counted answers"),
        "no_fair_score": _("no fair score: too few people to compare with"),
        "no_difference": _("the scores show no difference between people"),
        "too_few_days": _("too few working days present"),
        "not_assessed": _("not assessed"),
        "grade_too_low": _("grade too low"),
        "excluded": _("excluded by an event"),
        "fallback": _("decided by the longer period"),
        "group_too_small": _("too few eligible in this job"),
    }.get(code, code)


def _award_shown(
    proposal: Proposal,
    code: str,
    row: dict[str, Any],
    spec: dict[str, Any],
    lines: dict[tuple[str, str], list[Line]],
    names: dict[str, str],
    reasons: list[tuple[str, int]],
) -> AwardShown:
    groups = [
        _group(group, lines.get((code, group["code"]), []), names, row) for group in row["groups"]
    ]
    groups.sort(key=lambda one: (-len(one.rows), one.name))
    award_name = name(spec) if spec else code
    shown = [line for group in groups for line in group.rows][:SHOWN]
    return AwardShown(
        code=code,
        name=award_name,
        text=name({"name_zh": spec.get("text_zh", ""), "name_en": spec.get("text_en", "")}),
        considered=row["considered"],
        winners=row["winners"],
        cost=Decimal(row["cost"]),
        each=Decimal(spec["amount"]["each"]) if spec else Decimal(0),
        min_n=spec["eligibility"]["min_n"] if spec else 0,
        groups=groups,
        reasons=reasons,
        chart=_chart(shown, award_name, proposal),
        missing=row["missing"],
    )


def _group(
    group: dict[str, Any], rows: list[Line], names: dict[str, str], row: dict[str, Any]
) -> GroupShown:
    winning = [line.award.fair_low for line in rows if line.wins and line.award.fair_low]
    longer = {"quarter": _("quarter"), "year": _("year")}.get(row["fallback_to"], "")
    words = {
        "here": _("decided here"),
        "fallback": _("too few eligible: decided by the %(period)s") % {"period": longer},
        "too_small": _("too few eligible: no award"),
        "nobody": _("nobody is eligible: no award"),
    }[group["decided"]]
    if group["tied_out"]:
        words += _("; %(tied)s tied at the edge are out") % {"tied": group["tied_out"]}
    title = _("whole company") if group["code"] == COMPANY else group["code"]
    return GroupShown(
        code=group["code"],
        name=names.get(group["code"], title),
        considered=group["considered"],
        eligible=group["eligible"],
        places=group["places"],
        winners=group["winners"],
        words=words,
        line=min(winning) if winning else None,
        rows=rows,
    )


def _chart(lines: Sequence[Line], title: str, proposal: Proposal) -> Chart | None:
    """Fair scores with intervals, winners in indigo; None where nobody is ranked."""
    rows = [
        Dot(
            line.award.employee.name,
            line.award.scorecard.fair_score,
            line.award.scorecard.fair_low,
            line.award.scorecard.fair_high,
            line.award.n,
            subject=line.wins,
        )
        for line in lines[:14]
    ]
    if not rows:
        return None
    summary = _("%(award)s, %(period)s: fair scores with their 95 %% intervals.") % {
        "award": title,
        "period": period_name(proposal.period.key),
    }
    return dotplot(rows, summary=summary, title=_("Person"))


def everybody(proposal: Proposal, code: str, user: User, search: str) -> QuerySet[Award]:
    """All considered for an award: the ranked first, then by number."""
    rows = (
        proposal.awards.filter(award_code=code)
        .select_related("employee__user", "scorecard__department")
        .defer("scorecard__facts", "scorecard__placements")
        .order_by(F("rank").asc(nulls_last=True), "group_code", "employee__employee_no")
    )
    if search:
        rows = rows.filter(
            Q(employee__name__icontains=search) | Q(employee__employee_no__icontains=search)
        )
    return rows


def lines_of(awards: Iterable[Award], proposal: Proposal, user: User) -> list[Line]:
    may = permissions.may_decide(user)
    lines = []
    for award in awards:
        award.proposal = proposal
        lines.append(_line(award, user, may))
    return lines


def pool_rows(proposal: Proposal) -> list[dict[str, Any]]:
    """What each pool has left before and after the awards of the proposal (CNY)."""
    names = {row["code"]: name(row) for row in proposal.policy_version.spec["pools"]}
    rows = []
    for pool in proposal.summary["pools"]:
        room, cost = Decimal(pool["room"]), Decimal(pool["cost"])
        rows.append(
            {
                "name": names.get(pool["code"], pool["code"]),
                "now": room,
                "after": room if pool["exceeded"] else room - cost,
                "reserve": Decimal(pool["appeal_reserve"]),
            }
        )
    return rows
