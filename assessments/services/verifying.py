"""Check that nobody changed a result behind the application's back."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from assessments.models import IndicatorResult, Period, SchemeVersion, Scorecard, ScoringRun
from assessments.models.scorecards import UNRELEASED
from assessments.rules.canonical import digest, dumps
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
    """Recompute every content hash from the stored rows, and every run's hash over them; check
    which versions are valid, what is released, and the schemes.

    Returns the first broken one by scorecard, None when all is as it was written. Bounded memory.
    """
    checks = (_broken_cards, _broken_runs, _broken_states, _broken_schemes)
    return next((broken for check in checks for broken in check()), None)


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
        cards = Scorecard.objects.filter(period=run.period, run=run, cause="").values_list(
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


def _broken_states() -> Iterator[BrokenScorecard]:
    """The last version of everybody in the current run is the valid one, no other is, and it is
    released exactly when its period is."""
    for period in Period.objects.exclude(current_run=None):
        cards = Scorecard.objects.filter(period=period, run__finished_at__isnull=False)
        rows = cards.order_by("employee_id", "-version").values_list(
            "employee__employee_no", "version", "run", "corrected", "state"
        )
        seen = set()
        for number, version, run, corrected, state in rows.iterator():
            last = number not in seen and run == period.current_run_id
            is_current = run == period.current_run_id and not corrected
            seen.add(number)
            if is_current != last:
                problem = "it is valid and should not be, or the other way round"
                yield BrokenScorecard(period.key, number, version, problem)
            open_to_all = period.status in (Period.Status.RELEASED, Period.Status.CLOSED)
            if is_current and (state in UNRELEASED) == open_to_all:
                problem = f"its state {state} does not fit a period that is {period.status}"
                yield BrokenScorecard(period.key, number, version, problem)


def _broken_schemes() -> Iterator[BrokenScorecard]:
    """Every scheme still says what was approved."""
    for row in SchemeVersion.objects.select_related("scheme").order_by("pk"):
        if digest(row.spec) != row.content_hash:
            yield BrokenScorecard(row.scheme.code, "*", row.number, "the scheme was changed")
