"""A worker scores while, one after another, everything it needs is killed -9: itself, a session of
the database, the whole database server, the broker with all it held. The score comes out the same,
once."""

import dbm
import os
import random
import shelve
import shutil
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from assessments import services
from assessments.models import IndicatorResult, Scorecard, ScoringRun
from assessments.services import scoring
from core import jobs
from core.models import Heartbeat, Job, JobChunk
from instance.processes import wait_until
from tests.assessments.test_scoring_job import computed_here
from tests.assessments.world import LATER, Company
from tests.conftest_worker import eventually
from tests.faults.killing import SEED
from tests.faults.servers import Servers, database_answers, forget_pools

pytestmark = pytest.mark.worker

CHUNKS = 12


def leases_run_out() -> None:
    """As if five minutes had passed."""
    past = timezone.now() - timedelta(minutes=5)
    Job.objects.filter(status__in=["pending", "running"]).update(lease_until=past, queued_at=past)
    JobChunk.objects.filter(status="running").update(lease_until=past)


def goes_on(condition: Callable[[], Any]) -> None:
    """Until the condition holds; the sweep comes by every three seconds instead of every thirty."""
    for _round in range(20):
        leases_run_out()
        jobs.recover()
        if wait_until(lambda: bool(condition()), 3.0):
            return
    pytest.fail("nothing happened within 60 s")


def slow_writes() -> None:
    """Every chunk takes its time, so that a worker can be met in the middle of one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION slow_write() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER slow AFTER INSERT ON assessments_scorecard"
            " FOR EACH STATEMENT EXECUTE FUNCTION slow_write()"
        )


def kill_a_session(_servers: Servers, _worker: Any) -> None:
    """The server then ends all other sessions too, and recovers from its log."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY pid"
        )
        sessions = [pid for (pid,) in cursor.fetchall()]
    os.kill(sessions[-1], signal.SIGKILL)


def kill_the_database(servers: Servers, _worker: Any) -> None:
    servers.postgres.kill()
    servers.postgres.start()


def kill_the_broker(servers: Servers, _worker: Any) -> None:
    servers.broker.kill()
    servers.broker.start()
    servers.client().flushall()  # and nothing of what waited is left
    forget_pools()


def kill_the_worker(_servers: Servers, worker: Any) -> None:
    worker.kill()
    worker.start()


def test_a_score_survives_the_death_of_everything(
    servers: Servers, worker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "SMALLEST", 1)
    monkeypatch.setattr(scoring, "CHUNKS", CHUNKS)
    company = Company()
    company.scheme()
    company.crowd(CHUNKS)
    job = services.begin_scoring("2025-11", actor=company.scorer, now=LATER).job
    worker.start()
    rng = random.Random(SEED)
    deaths: list[Callable[[Servers, Any], None]] = [
        kill_a_session, kill_the_database, kill_the_broker, kill_the_worker,
    ]  # fmt: skip
    rng.shuffle(deaths)
    slow_writes()
    jobs.ring(job.pk, 1)
    for death in deaths:
        more = Job.objects.get(pk=job.pk).done + rng.randint(1, 2)
        goes_on(lambda more=more: Job.objects.get(pk=job.pk).done >= more)
        before = Job.objects.get(pk=job.pk).done
        assert before < CHUNKS
        death(servers, worker)
        eventually(database_answers)
        assert Job.objects.get(pk=job.pk).done >= before  # what was committed is there
    goes_on(lambda: not Job.objects.get(pk=job.pk).is_live)
    done = Job.objects.get(pk=job.pk)
    assert (done.status, done.done, done.error) == ("done", CHUNKS, "")
    assert Scorecard.objects.current().count() == CHUNKS
    assert Scorecard.objects.count() == IndicatorResult.objects.count() == CHUNKS
    assert ScoringRun.objects.count() == 1
    assert company.period().scored_hash == computed_here(company.period())
    assert services.verify_scorecards() is None


def is_written(schedule: Path) -> bool:
    """Whether beat has put its entries down; read from a copy, since it holds the file itself."""
    copy = schedule.with_name("copied")
    for path in schedule.parent.glob("schedule*"):
        shutil.copy(path, path.with_name(path.name.replace("schedule", "copied", 1)))
    try:
        with shelve.open(str(copy), "r") as kept:
            return "entries" in kept and "__version__" in kept
    except dbm.error:
        return False


def minutes_pass_without_beat(schedule: Path) -> None:
    """Its file, which kill -9 left behind, says when each entry ran last."""
    with shelve.open(str(schedule)) as kept:
        entries = kept["entries"]
        for entry in entries.values():
            entry.last_run_at -= timedelta(minutes=5)
        kept["entries"] = entries


def test_a_broker_that_dies_takes_no_waiting_work_along_and_beat_goes_on(
    servers: Servers, worker: Any, beat: Any, tmp_path: Path
) -> None:
    company = Company()
    company.scheme()
    company.crowd(6)
    job = services.begin_scoring("2025-11", actor=company.scorer, now=LATER).job
    jobs.ring(job.pk, 3)
    beat.start()
    eventually(lambda: is_written(tmp_path / "schedule"))
    beat.kill()
    servers.broker.kill()
    jobs.ring(job.pk, 1)  # into nothing: logged, and no error
    servers.broker.start()
    servers.client().flushall()
    forget_pools()
    leases_run_out()
    minutes_pass_without_beat(tmp_path / "schedule")
    Heartbeat.objects.all().delete()
    worker.start()
    beat.start()  # what is overdue goes out at once, the sweep for waiting work among it
    eventually(lambda: not Job.objects.get(pk=job.pk).is_live)
    assert company.period().scored_hash == computed_here(company.period())
    assert Scorecard.objects.count() == 6
    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"beat", "worker"}
