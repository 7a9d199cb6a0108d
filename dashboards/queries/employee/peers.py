"""Where a person stands among peers, without names, and how the own score went over time."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from django.utils.translation import gettext as _

from assessments.models import Scorecard
from assessments.models.scorecards import UNRELEASED, ScorecardQuerySet
from assessments.queries import group_of
from assessments.queries.scorecards import groups_of
from assessments.rules.floors import COMPARE_N, may_compare
from assessments.rules.periods import parse
from core import charts
from core.intervals import Z

MINIMUM = 5  # people; below that a dot is a person
MONTHS = 13


@dataclass(frozen=True)
class Place:
    """The strip and the words beside it. `level` says whether the interval lies around ("same"),
    above or below the group's mean; `alike` of `others` differ by less than chance."""

    chart: charts.Chart | None
    people: int
    level: str
    mean: float
    alike: int
    others: int
    group: str  # position, family, all
    hidden: str  # why there is no chart


def place_of(card: Scorecard, *, own: bool) -> Place | None:
    """The place among the peers of the period; None without a fair score or a group."""
    group = group_of(card)
    if (
        card.fair_score is None
        or card.fair_low is None
        or card.fair_high is None
        or group.m is None
    ):
        return None
    peers = (
        Scorecard.objects.current_in(card.period)
        .filter(
            peer_group=card.peer_group,
            fair_score__isnull=False,
            satisfaction_n__gte=COMPARE_N,
        )
        .exclude(employee_id=card.employee_id)
        .values_list("fair_score", "fair_low", "fair_high")
    )
    rows = [
        (fair, low, high)
        for fair, low, high in peers
        if fair is not None and low is not None and high is not None
    ]
    own_sd = (card.fair_high - card.fair_low) / (2 * Z)
    alike = sum(
        abs(fair - card.fair_score) <= Z * sqrt(own_sd**2 + ((high - low) / (2 * Z)) ** 2)
        for fair, low, high in rows
    )
    hidden = ""
    if not may_compare(card.satisfaction_n):
        hidden = "few"
    elif len(rows) + 1 < MINIMUM:
        hidden = "group"
    return Place(
        chart=None if hidden else _strip(card, [fair for fair, _low, _high in rows], own=own),
        people=len(rows) + 1,
        level=_level(card, group.m),
        mean=group.m,
        alike=alike,
        others=len(rows),
        group=group.level,
        hidden=hidden,
    )


def _level(card: Scorecard, mean: float) -> str:
    if card.fair_low is None or card.fair_high is None or card.fair_status == "no_difference":
        return "same"
    if card.fair_low > mean:
        return "above"
    return "below" if card.fair_high < mean else "same"


def _strip(card: Scorecard, values: list[float], *, own: bool) -> charts.Chart:
    label = _("you %(score)s") if own else _("own %(score)s")
    return charts.strip(
        values,
        own=card.fair_score,
        own_low=card.fair_low,
        own_high=card.fair_high,
        own_label=label % {"score": f"{card.fair_score:.2f}"},
        title=_("Fair score"),
        summary=_("Fair score %(score)s among %(n)d peers without names.")
        % {"score": f"{card.fair_score:.2f}", "n": len(values)},
    )


def trend_of(
    cards: ScorecardQuerySet, card: Scorecard, target: float | None
) -> tuple[charts.Chart | None, set[str]]:
    """Satisfaction of the last periods of this kind up to this one, the peers' mean in grey; and
    the keys of all these periods with the one after."""
    span = parse(card.period.key)
    found = list(
        cards.current()
        .filter(
            period__kind=card.period.kind,
            period__first_day__lte=span.next().first,
        )
        .exclude(state__in=UNRELEASED)
        .select_related("period", "run")
        .only(
            "satisfaction_n", "fair_score", "fair_low", "fair_high", "peer_group",
            "period__key", "period__first_day", "run__frozen",
        )
        .order_by("-period__first_day")[: MONTHS + 1]
    )[::-1]  # fmt: skip
    keys = {row.period.key for row in found}
    rows = [row for row in found if row.period.first_day <= span.first]
    if span.key not in keys:
        rows.append(card)
    return _trend(rows, target), keys


def _trend(rows: list[Scorecard], target: float | None) -> charts.Chart | None:
    if sum(row.fair_score is not None for row in rows) < 2:
        return None
    points = [
        charts.Point(
            row.period.key[2:], row.fair_score, row.fair_low, row.fair_high, row.satisfaction_n
        )
        for row in rows
    ]
    return charts.trend(
        points,
        target=target,
        target_label=_("target %(score)s") % {"score": f"{target:g}"} if target else "",
        reference=[_mean(row) for row in rows],
        reference_label=_("peers"),
        summary=_("Fair score of satisfaction over %(n)d periods, with the peers' mean.")
        % {"n": len(rows)},
    )


def _mean(card: Scorecard) -> float | None:
    for group in groups_of(card.run).values():
        if group.group == card.peer_group:
            return group.m
    return None
