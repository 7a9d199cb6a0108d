"""Jobs in a real worker process: killed in the middle, its messages lost, two at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core import jobs
from core.locks import Lock, take
from core.models import Job, JobChunk, User
from core.tasks import run_job
from tests.conftest_worker import eventually, forget_messages
from tests.core import worker_jobs

pytestmark = pytest.mark.worker


def _job(count: int, gate: int | None = None) -> Job:
    chunks = [{"n": number, "gate": number == gate} for number in range(1, count + 1)]
    return jobs.create(worker_jobs.KIND, chunks=chunks, actor=None)


def _waits_at_the_gate() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


def _some_minutes_later() -> None:
    """As if nobody had touched the jobs for a while."""
    past = timezone.now() - timedelta(minutes=5)
    Job.objects.filter(status__in=["pending", "running"]).update(lease_until=past, queued_at=past)
    JobChunk.objects.filter(status="running").update(lease_until=past)


def _accounts() -> list[str]:
    return sorted(
        User.objects.filter(username__startswith="by ").values_list("username", flat=True)
    )


def _is_done(job: Job) -> bool:
    job.refresh_from_db()
    return job.status == "done"


WHOLE = ["by chunk 1", "by chunk 2", "by chunk 3", "by chunk 4", "by finish"]


def test_kill_9_in_the_middle_of_a_chunk_loses_nothing_and_does_nothing_twice(worker: Any) -> None:
    worker.start("--include", worker_jobs.__name__)
    job = _job(4, gate=3)
    with transaction.atomic():
        take(Lock.OPERATOR, "gate")
        run_job.delay(job.pk)
        eventually(_waits_at_the_gate)
        worker.kill()
    assert _accounts() == WHOLE[:2]
    job.refresh_from_db()
    assert (job.status, job.done) == ("running", 2)
    assert jobs.recover() == []  # the lease still stands
    _some_minutes_later()
    worker.start("--include", worker_jobs.__name__)
    assert jobs.recover() == [job.pk]
    eventually(lambda: _is_done(job))
    assert _accounts() == WHOLE
    assert job.result == {"made": WHOLE[:4]}
    assert [chunk.claims for chunk in JobChunk.objects.order_by("number")] == [1, 1, 2, 1]


def test_a_broker_that_lost_everything_loses_no_job(worker: Any) -> None:
    job = _job(4)
    jobs.enqueue(job)
    forget_messages()
    worker.start("--include", worker_jobs.__name__)
    _some_minutes_later()
    assert jobs.recover() == [job.pk]
    eventually(lambda: _is_done(job))
    assert _accounts() == WHOLE


def test_a_message_delivered_many_times_works_once(worker: Any) -> None:
    worker.start("--include", worker_jobs.__name__, "--concurrency", "2")
    job = _job(4)
    jobs.enqueue(job, copies=6)
    eventually(lambda: _is_done(job))
    assert _accounts() == WHOLE
