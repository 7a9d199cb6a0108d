"""One process against two at the same job: how much of it they can share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from multiprocessing import get_context

from django.db import connection, connections
from django.utils import timezone

from assessments.services.scoring import begin_scoring
from benchmarks.company import Company
from benchmarks.harness import Row, measured
from benchmarks.rows.answers import answers_of
from core import jobs
from core.models import Job
from surveys.cleaning.services import start_cleaning
from surveys.models import Survey

SIZE = 10_000
ANSWERS = 3  # of each person
MOST = 1 / 1.7


def run(size: int, runs: int) -> Iterator[Row]:
    company = Company()
    company.hire(size)
    months = [company.measure(number + 1) for number in range(2 * runs)]

    def scoring(number: int) -> Job:
        job = begin_scoring(months[number], actor=company.scorer).job
        if job is None:
            raise RuntimeError("nothing to score")
        return job

    yield _shared("scoring", size, scoring, runs)
    codes = [f"W{number}" for number in range(2 * runs)]
    for number, code in enumerate(codes):
        company.open_survey(code)
        answers_of(company, code, ANSWERS * size, number)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    def cleaning(number: int) -> Job:
        survey = Survey.objects.get(code=codes[number])
        return start_cleaning(survey, actor=company.operator, now=timezone.now())

    yield _shared("cleaning", ANSWERS * size, cleaning, runs)


def _shared(name: str, size: int, prepared: Callable[[int], Job], runs: int) -> Row:
    """What is prepared by one is not part of it: the chunks and the end of the job are."""
    ids = [prepared(number).pk for number in range(2 * runs)]
    connections.close_all()
    alone = measured(f"{name} by one process", size, lambda number: _work(ids[number], 1),
                     runs=runs)  # fmt: skip
    shared = measured(f"{name} by two processes", size, lambda number: _work(ids[runs + number], 2),
                      runs=runs)  # fmt: skip
    return Row(shared, alone, MOST)


def _work(job: int, processes: int) -> None:
    fork = get_context("fork")
    helpers = [fork.Process(target=_help, args=(job,)) for _one in range(processes - 1)]
    for helper in helpers:
        helper.start()
    jobs.run(job, wait=True)
    for helper in helpers:
        helper.join()
    if Job.objects.get(pk=job).status != "done":
        raise RuntimeError(Job.objects.get(pk=job).error)


def _help(job: int) -> None:
    """A second worker: it leaves when nothing is left to claim."""
    connections.close_all()
    jobs.run(job)
    os._exit(0)
