"""What a reviewer sees before confirming: the hash of the scored facts and a summary of them."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from assessments.models import Period, PeriodAction, Scorecard, ScoringRun
from assessments.queries.verdicts import VerdictCounts, verdict_counts
from assessments.rules import content
from surveys.queries import late_responses


@dataclass(frozen=True)
class Evidence:
    """`hash` covers the scored facts only; everything else here is read beside them."""

    hash: str
    period: Period
    run: ScoringRun | None
    statuses: Counter[str]
    grades: Counter[str]
    reasons: Counter[str]
    groups: list[dict[str, Any]]
    schemes: list[dict[str, Any]]
    verdicts: VerdictCounts
    late: int
    actions: list[PeriodAction]


def evidence_hash(period: Period) -> str:
    """SHA-256 of the current scored facts; the same through review, approval and release."""
    run = period.current_run
    cards = Scorecard.objects.current_in(period).values_list(
        "employee__employee_no", "content_hash"
    )
    return content.evidence_hash(period.key, run.frozen if run is not None else {}, cards)


def evidence(period: Period) -> Evidence:
    """The summary of a period's current results."""
    run = period.current_run
    rows = Scorecard.objects.current_in(period).values_list("status", "grade", "reason")
    statuses, grades, reasons = Counter[str](), Counter[str](), Counter[str]()
    for status, grade, reason in rows:
        statuses[status] += 1
        if grade:
            grades[grade] += 1
        if reason:
            reasons[reason] += 1
    span = (period.first_day, period.last_day)
    cutoff = period.cutoff_at
    return Evidence(
        hash=evidence_hash(period),
        period=period,
        run=run,
        statuses=statuses,
        grades=grades,
        reasons=reasons,
        groups=_groups(run),
        schemes=sorted(run.rules["schemes"].values(), key=lambda s: s["code"]) if run else [],
        verdicts=verdict_counts(*span, as_of=cutoff),
        late=_left_out(period),
        actions=list(period.actions.select_related("actor__employee").order_by("id")),
    )


def _left_out(period: Period) -> int:
    """Answers that came after the data were locked. What came before, late for a shorter period or
    for an earlier cut-off, is in the result; while nothing is locked, everything is."""
    if period.cutoff_at is None:
        return 0
    rows = late_responses(period.first_day, period.last_day)
    return sum(row["received_at"] > period.cutoff_at for row in rows)


def _groups(run: ScoringRun | None) -> list[dict[str, Any]]:
    """Each frozen group once, with the positions that are compared in it."""
    groups: dict[str, dict[str, Any]] = {}
    for code, stored in sorted((run.frozen if run else {}).items()):
        name = stored["group"] or "none"
        groups.setdefault(name, {**stored, "group": name, "positions": []})
        groups[name]["positions"].append(code)
    return [groups[name] for name in sorted(groups)]
