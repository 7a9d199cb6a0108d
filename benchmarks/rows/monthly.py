"""The messages of a monthly run, and what Celery takes of it: cleaning as the desk starts it, and
each entry of beat's schedule once, which finds the month due and scores it."""

from __future__ import annotations

import time
from collections.abc import Iterator

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from assessments.services import span_of
from assessments.services.periods import create_period
from benchmarks.company import Company
from benchmarks.harness import Job, Row, Run
from benchmarks.rows.answers import answers_of
from benchmarks.worker import Worker, working
from core import jobs
from core.models import Job as StoredJob
from core.models.jobs import LIVE
from surveys.cleaning.services import start_cleaning
from surveys.models import Survey

SIZE = 10_000  # people
ANSWERS = 3  # of each
EMPTY = 500  # tasks that do nothing
TASKS, SHARE = 50, 0.05
_NOTHING = "celery.accumulate"


def run(size: int, runs: int) -> Iterator[Row]:
    company = Company()
    company.hire(size)
    months = [company.measure(number + 1) for number in range(runs)]
    for number in range(runs):
        company.open_survey(f"M{number}")
        answers_of(company, f"M{number}", ANSWERS * size, number)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with working() as worker:
        each = _empty(worker)
        found = [_month(worker, company, months[number], f"M{number}") for number in range(runs)]
    count = max(tasks for tasks, _seconds in found)
    ours = Job("messages of a monthly run", size, [_run(tasks * each) for tasks, _seconds in found])
    work = Job(f"the run itself; {1000 * each:.1f} ms a message", size,
               [_run(seconds) for _tasks, seconds in found])  # fmt: skip
    yield Row(ours, work, SHARE, count=count, most_of_them=TASKS)


def _run(seconds: float) -> Run:
    return Run(seconds, 0.0, 0.0, 0.0)


def _empty(worker: Worker) -> float:
    """Seconds from a message to the end of a task that does nothing, one after another."""
    began = time.perf_counter()
    for _each in range(EMPTY):
        current_app.send_task(_NOTHING)
    worker.wait_for(_NOTHING, EMPTY)
    return (time.perf_counter() - began) / EMPTY


def _month(worker: Worker, company: Company, key: str, code: str) -> tuple[int, float]:
    """How many tasks cleaning and scoring took, and their seconds of work."""
    before, beat = len(worker.done()), settings.CELERY_BEAT_SCHEDULE.values()
    last = str([entry["task"] for entry in beat][-1])
    ends, nothings = worker.times(last) + 1, worker.times(_NOTHING) + 1
    with transaction.atomic():
        create_period(span_of(key), actor=company.scorer, now=timezone.now())
        cleaning = start_cleaning(
            Survey.objects.get(code=code), actor=company.operator, now=timezone.now()
        )
        jobs.enqueue(cleaning)
    worker.wait_until(_idle)
    for entry in beat:
        current_app.send_task(entry["task"])
    worker.wait_for(last, ends)
    worker.wait_until(_idle)
    current_app.send_task(_NOTHING)  # the last in the queue: when it has ended, so have all
    worker.wait_for(_NOTHING, nothings)
    done = [each for each in worker.done()[before:] if each[0] != _NOTHING]
    return len(done), sum(taken for _name, taken in done)


def _idle() -> bool:
    """Whether no job is under way; RuntimeError where one has failed."""
    if failed := StoredJob.objects.filter(status="failed").first():
        raise RuntimeError(failed.error)
    return not StoredJob.objects.filter(status__in=LIVE).exists()
