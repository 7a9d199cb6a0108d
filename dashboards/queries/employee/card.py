"""The explanation page of one scorecard, put together: the sentence first, then the evidence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import IndicatorResult, Period, SchemeVersion, Scorecard
from assessments.models.scorecards import UNRELEASED
from assessments.queries import results_of
from assessments.queries.recompute import what_if_of
from assessments.queries.schemes import parsed
from assessments.rules.floors import may_compare, may_show
from assessments.rules.periods import Span, parse, span_of
from assessments.rules.scheme import SATISFACTION, Grade, SchemeSpec
from core.templatetags.ui import name as name_of
from dashboards.queries.employee import history, indicators, pay, peers
from dashboards.queries.employee.access import Sight
from dashboards.queries.employee.filing import window_of
from dashboards.queries.employee.whatif import options
from incentives.queries.reasons import cause_name
from organization.models import Department, Position

State = Scorecard.State
TONES: dict[str, tuple[str, str]] = {
    State.COMPUTED: ("", "hourglass"),
    State.REVIEWED: ("", "hourglass"),
    State.APPROVED: ("", "hourglass"),
    State.RELEASED: ("a", "bell"),
    State.ACKNOWLEDGED: ("g", "check"),
    State.ACK_TIMEOUT: ("", "clock"),
    State.FINAL: ("g", "lock"),
    State.UNDER_APPEAL: ("w", "scale"),
    State.UPHELD: ("g", "scale"),
    State.REVISED: ("", "history"),
}


@dataclass(frozen=True)
class Qualitative:
    """One group of raters; `score` None where it is too small and left out."""

    name: str
    raters: int
    minimum: int
    score: Decimal | None


@dataclass(frozen=True)
class Say:
    """What the sentence is made of. `gap` points to the next better grade; `pulled` the rows that
    cost most."""

    next_grade: str
    gap: Decimal | None
    pulled: list[indicators.Row]
    level: str  # same, above, below the peers; "" not comparable
    few: bool
    hidden: bool  # under 5 counted responses
    cause: str  # why not assessed


def versions_of(sight: Sight, key: str) -> list[Scorecard]:
    """The versions of a period this account may see, the valid one first."""
    rows = (
        sight.cards()
        .filter(period__key=key)
        .select_related("period__current_run", "run", "employee__user", "department", "position")
        .order_by("-version")
    )
    return sorted(rows, key=lambda card: not card.is_current)


def key_is_known(span: Span) -> bool:
    """Whether there may ever be a result: something is assessed in these days, or it is now."""
    today = timezone.localdate()
    if span.first <= today <= span.last:
        return True
    return Period.objects.filter(first_day__lte=span.last, last_day__gte=span.first).exists()


def switch(span: Span, known: Collection[str]) -> dict[str, Any]:
    """Keys of the same days as month, quarter, year, and of the periods before and after, as far
    as they are among the known ones."""
    last = min(span.last, max(span.first, timezone.localdate()))
    labels = (("month", _("Month")), ("quarter", _("Quarter")), ("year", _("Year")))
    before, after = span.previous().key, span.next().key
    return {
        "kinds": [
            (kind, span.key if kind == span.kind else span_of(kind, last).key, label)
            for kind, label in labels
        ],
        "kind": span.kind,
        "key": span.key,
        "previous": before if before in known else "",
        "next": after if after in known else "",
    }


def neighbours_of(span: Span) -> set[str]:
    """Which of the periods beside this one there are."""
    keys = [span.previous().key, span.next().key]
    return set(Period.objects.filter(key__in=keys).values_list("key", flat=True))


def page_of(sight: Sight, versions: Sequence[Scorecard], card: Scorecard) -> dict[str, Any]:
    """Context of the explanation of one version."""
    words = indicators.definitions()
    results = list(results_of(card))
    rows = indicators.rows_of(card, results, words)
    scheme_version, scheme = _scheme(results)
    places = _places(card) if len(card.placements) > 1 else [""]
    place = peers.place_of(card, own=sight.own)
    satisfaction = next((row for row in rows if row.code == SATISFACTION), None)
    target = float(satisfaction.target) if satisfaction else None
    effect = pay.effect_of(card) if sight.pay else None
    settled = card.status != Scorecard.Status.NOT_ASSESSED
    assessed = sum((row.weight for row in rows if row.points is not None), Decimal(0))
    trend, neighbours = peers.trend_of(sight.cards(), card, target)
    return {
        "card": card,
        "switch": switch(parse(card.period.key), neighbours),
        "period": card.period,
        "sight": sight,
        "versions": versions,
        "valid": versions[0] if versions else card,
        "state": badge_of(card, own=sight.own),
        "scheme": scheme_version,
        "scheme_name": name_of(scheme_version.spec) if scheme_version else "",
        "say": _say(card, rows, scheme, place),
        "weights": (scheme.quantitative_weight, scheme.qualitative_weight) if scheme else None,
        "qualitative": _qualitative(card, scheme),
        "pay": effect,
        "parts": indicators.parts_of(card, rows, places),
        "rows": rows,
        "assessed_weight": assessed,
        "all_weight": sum((row.weight for row in rows), Decimal(0)),
        "rolls_into": indicators.rolls_into(card.period.key),
        "place": place,
        "trend": trend,
        "what_if": options(what_if_of(card), rows) if settled else [],
        "steps": history.steps_of(card, effect),
        "appeal": window_of(sight, card, timezone.localdate()),
    }


def badge_of(card: Scorecard, *, own: bool) -> dict[str, str]:
    """Tone, icon and words of the state; what is not final yet says so."""
    tone, glyph = TONES[State(card.state)]
    label = str(card.get_state_display())
    if card.run.provisional:
        tone, glyph, label = "w", "hourglass", _("provisional")
    elif card.state in UNRELEASED:
        label = _("not released yet (%(state)s)") % {"state": label}
    elif card.state == State.RELEASED:
        label = _("released, waits for your look") if own else _("released, not seen yet")
    elif not card.is_current:
        tone, glyph, label = "", "history", _("replaced")
    return {"tone": tone, "glyph": glyph, "label": label}


def _scheme(
    results: Sequence[IndicatorResult],
) -> tuple[SchemeVersion | None, SchemeSpec | None]:
    """The scheme of the last placement that has one: it gives grade and coefficient."""
    versions = [one.scheme_version for one in results if one.scheme_version is not None]
    if not versions:
        return None, None
    return versions[-1], parsed(versions[-1].pk, versions[-1].content_hash)


def _places(card: Scorecard) -> list[str]:
    """The placements in words."""
    departments = {row.code: name_of(row) for row in Department.objects.filter(
        code__in=[one["department"] for one in card.placements])}  # fmt: skip
    positions = {row.code: name_of(row) for row in Position.objects.filter(
        code__in=[one["position"] for one in card.placements])}  # fmt: skip
    return [
        _("%(position)s, %(department)s (%(days)s working days)")
        % {
            "position": positions.get(one["position"], one["position"]),
            "department": departments.get(one["department"], one["department"]),
            "days": one["days"],
        }
        for one in card.placements
    ]


def _say(
    card: Scorecard,
    rows: Sequence[indicators.Row],
    scheme: SchemeSpec | None,
    place: peers.Place | None,
) -> Say:
    next_grade, gap = "", None
    if scheme is not None and card.composite is not None:
        better = _next(scheme.grades, card.grade)
        if better is not None and better.start > card.composite:
            next_grade, gap = better.grade, better.start - card.composite
    costly = sorted((row for row in rows if row.lost), key=lambda row: (-row.lost, row.code))
    return Say(
        next_grade=next_grade,
        gap=gap,
        pulled=costly[:2],
        level=place.level if place and may_compare(card.satisfaction_n) else "",
        few=may_show(card.satisfaction_n) and not may_compare(card.satisfaction_n),
        hidden=card.satisfaction_n > 0 and not may_show(card.satisfaction_n),
        cause=cause_name(card.reason) if card.status == Scorecard.Status.NOT_ASSESSED else "",
    )


def _next(grades: Sequence[Grade], grade: str) -> Grade | None:
    names = [one.grade for one in grades]
    place = names.index(grade) if grade in names else 0
    return grades[place - 1] if place else None


def _qualitative(card: Scorecard, scheme: SchemeSpec | None) -> list[Qualitative]:
    """Groups of raters of the last placement; a small one is left out and shows no figure."""
    if scheme is None or not scheme.opinions:
        return []
    names = {"customer": _("Customers"), "peer": _("Colleagues"), "superior": _("Superiors")}
    given = card.facts["placements"][-1].get("opinions", {})
    found = []
    for group in scheme.opinions:
        ratings = [Decimal(one) for one in given.get(group.group, ())]
        enough = bool(ratings) and len(ratings) >= group.min_raters
        mean = sum(ratings, Decimal(0)) / len(ratings) if enough else None
        label = names.get(group.group, group.group)
        found.append(Qualitative(label, len(ratings), group.min_raters, mean))
    return found


def nothing_yet(span: Span) -> dict[str, Any]:
    """Why there is no result to show: not over yet, or on its way through the steps."""
    period = Period.objects.filter(key=span.key).first()
    return {
        "switch": switch(span, neighbours_of(span)),
        "period": period,
        "span": span,
        "running": timezone.localdate() <= span.last,
        "due": timezone.localdate(span.due_at(timezone.get_current_timezone())),
    }
