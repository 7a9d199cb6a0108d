"""Score a period: create it, lock its data when it is over, gather, and run the chunks."""

import datetime
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Period, ResultSheet, Scorecard, ScoringRun
from assessments.permissions import may_score
from assessments.queries.facts import Gathered, gather
from assessments.rules.periods import Span, parse
from assessments.services.job import KIND, belongs_to, chunk_of
from assessments.services.periods import create_period, move
from core import audit, jobs
from core.errors import Conflict, InvalidInput, InvalidTransition
from core.locks import Lock, take
from core.models import Job, User
from core.permissions import require
from core.workdays import SHANGHAI
from surveys.services import lock_data

CHUNKS = 8  # enough for several workers and a moving progress bar; each costs a durable commit
SMALLEST, LARGEST = 50, 2500  # people in a chunk

OnProgress = Callable[[int, int], None]
_S = Period.Status


@dataclass(frozen=True)
class Started:
    """A scoring under way (`job`), or the run that already holds (no job)."""

    run: ScoringRun
    job: Job | None


def span_of(key: str) -> Span:
    """The period of a key such as 2026-03, 2026-Q1, 2026; InvalidInput when it is none."""
    try:
        return parse(key)
    except ValueError as error:
        raise InvalidInput(
            _("%(key)s is no period: write 2026-03, 2026-Q1 or 2026.") % {"key": repr(key)}
        ) from error


def score_period(
    key: str,
    *,
    actor: User,
    now: datetime.datetime | None = None,
    on_progress: OnProgress | None = None,
) -> ScoringRun:
    """Score a period to the end in this process (workers may help); returns its current run.

    An unfinished period is scored provisionally: nothing is locked. Equal inputs change nothing.
    """
    started = begin_scoring(key, actor=actor, now=now)
    if started.job is not None:
        jobs.run_now(started.job, on_progress=on_progress)
        started.run.refresh_from_db()
    return started.run


def begin_scoring(key: str, *, actor: User, now: datetime.datetime | None = None) -> Started:
    """Prepare a scoring; the caller runs or enqueues the job."""
    require(may_score(actor))
    return begin(span_of(key), actor=actor, now=now or timezone.now())


def begin(span: Span, *, actor: User, now: datetime.datetime) -> Started:
    """As begin_scoring, for callers that have checked already (the schedule)."""
    _lock_when_finished(span, actor=actor, now=now)
    _give_up_stale(span)
    return _prepare(span, actor=actor, now=now)


@transaction.atomic
def _lock_when_finished(span: Span, *, actor: User, now: datetime.datetime) -> None:
    """Its own transaction: judging waits for the cut-off only, not for the gathering."""
    take(Lock.PERIOD, span.key, wait_ms=60_000)
    period = Period.objects.select_for_update().filter(key=span.key).first()
    if period is None:
        period = create_period(span, actor=actor, now=now)
    if period.status in (_S.IN_REVIEW, _S.APPROVED):
        raise InvalidTransition(
            _("%(key)s is %(status)s: send it back first.")
            % {"key": span.key, "status": period.get_status_display()}
        )
    if period.status in (_S.RELEASED, _S.CLOSED):
        raise InvalidTransition(
            _("%(key)s is %(status)s; corrections are made by appeal.")
            % {"key": span.key, "status": period.get_status_display()}
        )
    for state in (_S.PLANNED, _S.COLLECTING):
        if state in Period.TRANSITIONS[_S(period.status)]:
            move(period, state, actor=actor, now=now)
    if period.cutoff_at is not None or now < span.due_at(SHANGHAI):
        return
    # Whoever takes measurements holds this lock: none slips in beside the cut-off.
    take(Lock.MEASUREMENTS, wait_ms=60_000)
    lock = lock_data(span.key, span.first, span.last, actor=actor, now=now)
    period.cutoff_at = lock.cutoff_at
    period.save(update_fields=["cutoff_at"])
    if period.status == _S.COLLECTING:
        move(period, _S.DATA_LOCKED, actor=actor, now=now)


def _give_up_stale(span: Span) -> None:
    """A live run of another cut-off ends. Its own transaction: a step under way holds the run and
    waits for the job, so whoever held the job and waited for the run would never get it."""
    period = Period.objects.get(key=span.key)
    run = period.runs.filter(finished_at=None).select_related("job").first()
    if run is not None and run.job is not None and run.job.is_live and not belongs_to(run, period):
        jobs.give_up(run.job, _("The data of %(key)s were locked anew.") % {"key": span.key})


@transaction.atomic
def _prepare(span: Span, *, actor: User, now: datetime.datetime) -> Started:
    take(Lock.PERIOD, span.key, wait_ms=60_000)
    period = Period.objects.select_for_update(of=("self",)).get(key=span.key)
    if period.status in (_S.IN_REVIEW, _S.APPROVED, _S.RELEASED, _S.CLOSED):
        raise InvalidTransition(_("Somebody has moved %(key)s on.") % {"key": span.key})
    unfinished = period.runs.filter(finished_at=None).select_related("job").first()
    if unfinished is not None and unfinished.job is not None and unfinished.job.is_live:
        return Started(unfinished, unfinished.job)
    if unfinished is not None:
        _discard(unfinished)
    provisional = period.cutoff_at is None
    gathered = gather(span, as_of=period.cutoff_at)
    inputs = gathered.inputs_hash(span, provisional=provisional)
    current = period.current_run
    if current is not None and current.inputs_hash == inputs:
        return Started(current, None)
    run = _new_run(period, gathered, inputs, actor=actor, now=now)
    chunks = [chunk_of(run, facts) for facts in _cut(gathered.facts)]
    run.job = jobs.create(
        KIND,
        params={"run": run.pk},
        chunks=chunks,
        actor=actor,
        key=f"{KIND}:{span.key}",
        at_once=1,  # each has the facts of up to thousands of people
    )
    if run.job.params["run"] != run.pk:  # the job of a discarded run, opened again meanwhile
        raise Conflict(_("%(key)s is being scored; try again in a moment.") % {"key": span.key})
    run.save(update_fields=["job"])
    return Started(run, run.job)


def _new_run(
    period: Period, gathered: Gathered, inputs: str, *, actor: User, now: datetime.datetime
) -> ScoringRun:
    last = period.runs.order_by("-number").values_list("number", flat=True).first()
    return ScoringRun.objects.create(
        period=period,
        number=(last or 0) + 1,
        provisional=period.cutoff_at is None,
        inputs_hash=inputs,
        cutoff_at=period.cutoff_at or now,
        frozen={code: group.as_json() for code, group in sorted(gathered.groups.items())},
        rules=gathered.rules,
        warnings=gathered.warnings,
        scored_by=actor,
        started_at=now,
    )


def _cut(facts: list[bytes]) -> list[list[bytes]]:
    size = min(max(SMALLEST, math.ceil(len(facts) / CHUNKS)), LARGEST)
    size = max(size, math.ceil(len(facts) / 50))
    return [facts[at : at + size] for at in range(0, len(facts), size)]


def _discard(run: ScoringRun) -> None:
    """Remove what a failed run wrote; only an unfinished run can be removed."""
    cards = Scorecard.objects.filter(period=run.period_id, run=run)
    ResultSheet.objects.filter(scorecard__in=cards).delete()
    cards.delete()
    audit.record(None, "scoring.discarded", run, run=run.number)
    run.delete()


def scoring_state(period: Period) -> dict[str, Any]:
    """For pages: whether a scoring is under way, and how far."""
    run = period.runs.filter(finished_at=None).select_related("job").first()
    job = run.job if run is not None else None
    return {"running": bool(job and job.is_live), "percent": job.percent if job else None}
