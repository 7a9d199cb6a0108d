"""Check that nobody changed a result behind the application's back."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from assessments.models import IndicatorResult, Period, Scorecard, ScoringRun
from assessments.rules.canonical import dumps
from assessments.rules.content import (
    CARD,
    card_text,
    content_hash,
    evidence_hash,
    result_line,
    result_text,
    who_text,
)
from assessments.rules.engine import Result

BATCH = 1000
_BESIDE = (
    *("id", "version", "content_hash", "placements", "facts"),
    *("period__key", "employee__employee_no", "department__code", "position__code"),
)
_RESULT = tuple(
    {"scheme": "scheme_version__content_hash", "position": "position__code"}.get(name, name)
    for name in Result._fields
)


@dataclass(frozen=True)
class BrokenScorecard:
    """The first place where a result is not what was computed."""

    period: str
    employee_no: str
    version: int
    problem: str

    def __str__(self) -> str:
        return f"{self.period} {self.employee_no} v{self.version}: {self.problem}"


def verify_scorecards() -> BrokenScorecard | None:
    """Recompute every content hash from the stored rows, and every run's hash over them.

    Returns the first broken one by scorecard, None when all is as it was written. Bounded memory.
    """
    for broken in _broken_cards():
        return broken
    for broken in _broken_runs():
        return broken
    return None


def _broken_cards() -> Iterator[BrokenScorecard]:
    ids = list(
        Scorecard.objects.filter(run__finished_at__isnull=False)
        .order_by("id")
        .values_list("id", flat=True)
    )
    for at in range(0, len(ids), BATCH):
        batch = ids[at : at + BATCH]
        results = _results(batch)
        cards = Scorecard.objects.filter(pk__in=batch).order_by("id")
        for row in cards.values(*CARD, *_BESIDE):
            number = row["employee__employee_no"]
            found = content_hash(
                who_text(number, row["department__code"], row["position__code"]),
                card_text(row),
                dumps(row["placements"]),
                dumps(row["facts"]),
                results[row["id"]],
            )
            if found != row["content_hash"]:
                problem = "the row is not what was computed"
                yield BrokenScorecard(row["period__key"], number, row["version"], problem)


def _results(batch: list[int]) -> dict[int, list[str]]:
    """scorecard id -> the lines of its results as they were hashed."""
    rows = IndicatorResult.objects.filter(scorecard__in=batch).values_list("scorecard", *_RESULT)
    results: dict[int, list[str]] = defaultdict(list)
    for pk, number, indicator, scheme, position, *values in rows:
        line = result_line(number, indicator, scheme, position, result_text(values))
        results[pk].append(line)
    return results


def _broken_runs() -> Iterator[BrokenScorecard]:
    """A run's own scorecards still give its hash; so does what a reviewer confirmed."""
    for run in ScoringRun.objects.filter(finished_at__isnull=False).select_related("period"):
        cards = Scorecard.objects.filter(run=run, cause="").values_list(
            "employee__employee_no", "content_hash"
        )
        if evidence_hash(run.period.key, run.frozen, cards) != run.evidence_hash:
            yield BrokenScorecard(
                run.period.key, "*", run.number, "the run's scorecards do not give its hash"
            )
    for period in Period.objects.exclude(current_run=None).select_related("current_run"):
        if period.current_run and period.scored_hash != period.current_run.evidence_hash:
            yield BrokenScorecard(
                period.key, "*", period.current_run.number, "the period names another hash"
            )
