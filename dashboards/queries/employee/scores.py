"""All results of a person, the newest first, and the last one for the home page."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Period, Scorecard
from assessments.models.scorecards import UNRELEASED
from assessments.rules.periods import span_of
from core import charts
from core.templatetags.ui import period_name
from dashboards.queries.employee.access import Sight
from dashboards.queries.employee.card import badge_of
from dashboards.queries.employee.filing import Window, window_of
from dashboards.queries.employee.pay import payments_of
from incentives.models import PerformancePay

KINDS = ("month", "quarter", "year")
MONTHS = 13


@dataclass(frozen=True)
class Result:
    """One period's valid result; `change` in points against the period of the kind before it."""

    card: Scorecard
    change: Decimal | None
    state: dict[str, str]
    pay: PerformancePay | None


def results_of(sight: Sight) -> list[Result]:
    """The valid results of all periods this account may see, the newest first."""
    cards = list(
        sight.cards()
        .current()
        .select_related("period", "run", "employee")
        .defer("facts", "placements", "run__frozen", "run__rules", "run__warnings")
        .order_by("-period__last_day", "period__first_day")
    )
    by_key = {card.period.key: card for card in cards}
    paid = payments_of(sight.employee) if sight.pay else {}
    results = []
    for card in cards:
        span = span_of(card.period.kind, card.period.first_day)
        before = by_key.get(span.previous().key)
        change = None
        if before and card.composite is not None and before.composite is not None:
            change = card.composite - before.composite
        results.append(
            Result(card, change, badge_of(card, own=sight.own), paid.get(card.period.key))
        )
    return results


def page_of(sight: Sight, kind: str) -> dict[str, Any]:
    """Context of the list of results, of one kind of period."""
    everything = results_of(sight)
    kind = kind if kind in KINDS else KINDS[0]
    rows = [row for row in everything if row.card.period.kind == kind]
    names = {"month": _("By month"), "quarter": _("By quarter"), "year": _("By year")}
    counts = {one: sum(row.card.period.kind == one for row in everything) for one in KINDS}
    return {
        "rows": rows,
        "kind": kind,
        "kinds": [(one, names[one], counts[one]) for one in KINDS],
        "trend": composite_trend([row.card for row in rows]),
        "pending": pending_of(sight, {row.card.period.key for row in everything}),
        "sight": sight,
    }


def composite_trend(cards: list[Scorecard]) -> charts.Chart | None:
    """The composite over the periods, oldest first; None for fewer than two results."""
    shown = [card for card in cards if card.state not in UNRELEASED][:MONTHS][::-1]
    if sum(card.composite is not None for card in shown) < 2:
        return None
    points = [
        charts.Point(
            card.period.key[2:],
            None if card.composite is None else float(card.composite),
            None,
            None,
            card.satisfaction_n,
        )
        for card in shown
    ]
    return charts.trend(
        points,
        digits=2,
        height=180,
        summary=_("Composite score of the last %(n)d periods; hollow: under 30 responses.")
        % {"n": len(points)},
    )


def pending_of(sight: Sight, known: set[str]) -> list[Period]:
    """Periods the person worked in whose result is on its way: scored, not released."""
    if not sight.own:
        return []
    waiting = (
        Scorecard.objects.current()
        .filter(employee=sight.employee, state__in=UNRELEASED)
        .values("period")
    )
    return list(Period.objects.filter(pk__in=waiting).exclude(key__in=known).order_by("-last_day"))


@dataclass(frozen=True)
class Latest:
    """The home page's card: the last month, the change, pay, and the days left to appeal."""

    result: Result
    trend: charts.Chart | None
    window: Window
    name: str


def latest_of(sight: Sight) -> Latest | None:
    """The newest month released to the person; None before the first."""
    months = [row for row in results_of(sight) if row.card.period.kind == "month"]
    if not months:
        return None
    window = window_of(sight, months[0].card, timezone.localdate())
    chart = composite_trend([row.card for row in months])
    return Latest(months[0], chart, window, period_name(months[0].card.period.key))
