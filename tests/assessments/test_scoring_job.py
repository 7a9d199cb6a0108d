"""A scoring that is killed, failed, or done by several workers gives the same bytes."""

import json
from contextlib import contextmanager

import pytest
from django.db import connection

from assessments import services
from assessments.models import IndicatorResult, Scorecard, ScoringRun
from assessments.queries.facts import gather
from assessments.queries.schemes import parsed
from assessments.rules.content import evidence_hash, score_hash
from assessments.rules.engine import score
from assessments.rules.periods import parse
from assessments.services import job as scoring_job
from assessments.services import scoring
from core import jobs
from core.jobs import JobFailed
from core.models import Job, JobChunk
from tests.assessments.world import LATER, Company
from tests.conftest_worker import eventually


def small_chunks(monkeypatch):
    monkeypatch.setattr(scoring, "SMALLEST", 1)
    monkeypatch.setattr(scoring, "CHUNKS", 8)


def build():
    company = Company()
    company.scheme()
    company.crowd(8)
    return company


def test_a_failed_scoring_leaves_nothing_current_and_starts_clean(db, monkeypatch):
    company = build()
    small_chunks(monkeypatch)
    store, calls = scoring_job.Chunks.score, []

    def fail_later(self, facts):
        calls.append(facts)
        if len(calls) > 3:
            raise RuntimeError("disk full")
        return store(self, facts)

    monkeypatch.setattr(scoring_job.Chunks, "score", fail_later)
    with pytest.raises(JobFailed, match="disk full"):
        company.score()
    assert Scorecard.objects.current().count() == 0
    assert company.period().status == "data_locked"
    monkeypatch.setattr(scoring_job.Chunks, "score", store)
    run = company.score()
    assert company.period().current_run == run
    assert Scorecard.objects.current().count() == Scorecard.objects.count() == 8
    assert ScoringRun.objects.count() == 1
    assert IndicatorResult.objects.count() == 8


def test_chunks_are_at_most_fifty_and_cover_everybody():
    for people in (0, 1, 49, 800, 1128, 10_000, 100_000, 250_000):
        chunks = scoring._cut(list(range(people)))
        assert [x for chunk in chunks for x in chunk] == list(range(people))
        assert len(chunks) <= 50


def test_stored_facts_are_not_kept_twice(db):
    company = build()
    run = company.score()
    assert [c.params for c in JobChunk.objects.all()] == [{"run": run.pk}]
    assert Job.objects.get().result["people"] == 8


@contextmanager
def slow_writes():
    """Every chunk takes its time, so that a worker can be met in the middle of one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION slow_write() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER slow AFTER INSERT ON assessments_scorecard"
            " FOR EACH STATEMENT EXECUTE FUNCTION slow_write()"
        )
        try:
            yield
        finally:
            cursor.execute("DROP FUNCTION slow_write CASCADE")


def computed_here(period):
    """The period's hash computed in this process, in one go, from what counted at the cut-off."""
    gathered = gather(parse(period.key), as_of=period.cutoff_at)
    schemes = {key: parsed(row["id"], key) for key, row in gathered.rules["schemes"].items()}
    units = {code: row["unit"] for code, row in gathered.rules["indicators"].items()}
    scores = [score(json.loads(facts), schemes, gathered.groups, units) for facts in gathered.facts]
    cards = [(s.facts["employee"], score_hash(s)) for s in scores]
    frozen = {code: group.as_json() for code, group in gathered.groups.items()}
    return evidence_hash(period.key, frozen, cards)


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_worker_killed_in_the_middle_of_scoring_gives_the_same_result(worker, monkeypatch):
    company = build()
    small_chunks(monkeypatch)
    job = services.begin_scoring("2025-11", actor=company.scorer, now=LATER).job
    worker.start()
    with slow_writes():
        jobs.ring(job.pk, 1)
        eventually(lambda: Job.objects.get(pk=job.pk).done >= 3)
        worker.kill()
    done = Job.objects.get(pk=job.pk).done
    assert 3 <= done < 8
    assert Scorecard.objects.current().count() == 0
    assert company.period().status == "data_locked"
    # The dead worker's lease runs out.
    job.chunks.filter(status="running").update(lease_until="2020-01-01T00:00Z")
    worker.start()
    jobs.ring(job.pk, 1)
    eventually(lambda: not Job.objects.get(pk=job.pk).is_live)
    period = company.period()
    assert period.status == "scored"
    assert Scorecard.objects.current().count() == Scorecard.objects.count() == 8
    assert IndicatorResult.objects.count() == 8
    assert period.scored_hash == computed_here(period)
    assert services.verify_scorecards() is None


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_the_command_and_a_worker_score_side_by_side(worker, monkeypatch):
    company = build()
    small_chunks(monkeypatch)
    worker.start()
    job = services.begin_scoring("2025-11", actor=company.scorer, now=LATER).job
    with slow_writes():
        jobs.ring(job.pk, 1)
        eventually(lambda: Job.objects.get(pk=job.pk).done >= 1)
        run = company.score()  # joins the job that is under way
    assert run.job_id == job.pk
    assert company.period().scored_hash == computed_here(company.period())
    assert ScoringRun.objects.count() == 1
