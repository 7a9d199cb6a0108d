"""Check that nobody changed a result behind the application's back."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assessments.models import IndicatorResult, Period, Scorecard, ScoringRun
from assessments.rules.content import CARD_FIELDS, content_hash, evidence_hash
from assessments.rules.engine import Result

BATCH = 1000
_STORED = tuple(name for name in CARD_FIELDS if name not in ("employee", "department", "position"))


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
        for row in cards.values(
            *_STORED,
            "id",
            "version",
            "content_hash",
            "period__key",
            "employee__employee_no",
            "department__code",
            "position__code",
        ):
            row["employee"] = row["employee__employee_no"]
            row["department"], row["position"] = row["department__code"], row["position__code"]
            if content_hash(row, results[row["id"]]) != row["content_hash"]:
                yield BrokenScorecard(
                    row["period__key"],
                    row["employee"],
                    row["version"],
                    "the row is not what was computed",
                )


def _results(batch: list[int]) -> dict[int, list[tuple[Any, ...]]]:
    """scorecard id -> its results as the engine gave them."""
    fields = [
        {"scheme": "scheme_version__content_hash", "position": "position__code"}.get(name, name)
        for name in Result._fields
    ]
    rows = IndicatorResult.objects.filter(scorecard__in=batch).values_list("scorecard", *fields)
    results: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for pk, *values in rows:
        results[pk].append(tuple(values))
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
