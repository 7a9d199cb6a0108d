"""Scorecards and what they were computed with."""

from django.db.models import QuerySet

from assessments.models import IndicatorResult, Period, Scorecard, ScoringRun
from assessments.rules.peers import NOBODY, PeerGroup, from_json


def current_scorecards(period: Period) -> QuerySet[Scorecard]:
    """The valid version of everybody's scorecard, by employee number."""
    return (
        Scorecard.objects.current_in(period)
        .select_related("employee", "department", "position", "run")
        .order_by("employee__employee_no")
    )


def results_of(scorecard: Scorecard) -> QuerySet[IndicatorResult]:
    """Its indicators in the order of the scheme."""
    return (
        IndicatorResult.objects.filter(scorecard=scorecard)
        .select_related("scheme_version__scheme", "position")
        .order_by("placement_no", "id")
    )


def groups_of(run: ScoringRun) -> dict[str, PeerGroup]:
    """The peer groups a run froze, by position code."""
    return {code: from_json(stored) for code, stored in run.frozen.items()}


def group_of(scorecard: Scorecard) -> PeerGroup:
    """The frozen peer group the scorecard's headline was compared in (icc, tau2, m, msw, …)."""
    for group in groups_of(scorecard.run).values():
        if group.group == scorecard.peer_group:
            return group
    return NOBODY
