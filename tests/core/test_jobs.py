"""Jobs: done once by however many workers, and nothing lost when one dies."""

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core import audit, jobs
from core.errors import Conflict, InvalidInput
from core.models import AuditEntry, Heartbeat, Job, JobChunk, User
from tests.core.conftest import Recorder, race

pytestmark = pytest.mark.django_db(transaction=True)


def _job(count: int = 3, **more: Any) -> Job:
    chunks = [{"n": number} for number in range(1, count + 1)]
    return jobs.create("test", chunks=chunks, actor=None, **more)


def test_a_job_does_its_chunks_in_order_and_finishes(recorder: Recorder) -> None:
    told: list[tuple[int, int]] = []
    job = _job(params={"month": "2026-03"})
    done = jobs.run_now(job, on_progress=lambda done, total: told.append((done, total)))
    assert recorder.seen == [1, 2, 3]
    assert (done.status, done.done, done.total, done.percent) == ("done", 3, 3, 100)
    assert done.result == {"sum": 6}
    assert done.params == {"month": "2026-03"}
    assert (done.error, done.lease_until, done.is_live) == ("", None, False)
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3), (3, 3)]
    assert not Heartbeat.objects.exists()  # a command at work says nothing about the worker


def test_a_job_without_chunks_still_finishes(recorder: Recorder) -> None:
    assert jobs.run_now(_job(0)).result == {"sum": 0}


def test_a_finished_job_returns_quietly(recorder: Recorder) -> None:
    job = _job()
    jobs.run_now(job)
    assert jobs.run(job.pk).status == "done"
    assert (recorder.seen, recorder.finished) == ([1, 2, 3], 1)


def test_an_unknown_kind_is_a_bug(recorder: Recorder) -> None:
    with pytest.raises(ValueError, match="No handler"):
        jobs.create("unknown", chunks=[], actor=None)


def test_the_same_live_key_gives_the_same_job(recorder: Recorder) -> None:
    first = _job(key="score 2026-03")
    assert _job(key="score 2026-03") == first
    assert _job(key="score 2026-04") != first
    jobs.run_now(first)
    assert _job(key="score 2026-03") != first


def test_racers_with_one_key_create_one_job(recorder: Recorder) -> None:
    outcomes = race(8, lambda number: _job(key="same").pk)
    assert len(set(outcomes)) == 1
    assert JobChunk.objects.count() == 3


def test_workers_at_once_share_the_chunks_and_finish_once(recorder: Recorder) -> None:
    meeting = threading.Barrier(3)

    def meet(job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        if chunk["n"] <= 3:
            meeting.wait(10)  # passes only when three workers hold a chunk at the same time
        return {"got": chunk["n"]}

    recorder.on_chunk = meet
    job = _job(12)
    race(3, lambda number: jobs.run(job.pk).status)
    job.refresh_from_db()
    assert sorted(recorder.seen) == list(range(1, 13))
    assert (job.status, job.done, recorder.finished) == ("done", 12, 1)
    assert job.result == {"sum": 78}


def test_finishing_at_the_same_moment_happens_once(recorder: Recorder) -> None:
    job = _job(0)
    race(6, lambda number: jobs.run(job.pk).status)
    assert recorder.finished == 1


def test_a_chunk_and_its_progress_stand_or_fall_together(recorder: Recorder) -> None:
    tries: Counter[int] = Counter()

    def stumble(job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        tries[chunk["n"]] += 1
        User.objects.create(username=f"by chunk {chunk['n']}")
        if chunk["n"] == 2 and tries[2] < 3:
            raise OSError("the disk is full")
        return {"got": 0}

    recorder.on_chunk = stumble
    done = jobs.run_now(_job())
    assert (done.status, done.error) == ("done", "")
    assert tries == {1: 1, 2: 3, 3: 1}
    assert User.objects.count() == 3  # the two failed attempts left nothing


def test_the_third_failure_fails_the_job_and_retry_makes_it_whole(recorder: Recorder) -> None:
    ill = True

    def fail(job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        if ill and chunk["n"] == 2:
            raise OSError("the disk is full")
        return {"got": chunk["n"]}

    recorder.on_chunk = fail
    job = _job(key="k")
    with pytest.raises(jobs.JobFailed, match="the disk is full"):
        jobs.run_now(job)
    job.refresh_from_db()
    assert (job.status, job.done) == ("failed", 1)
    assert job.error == "Step 2 of 3: OSError: the disk is full"
    assert JobChunk.objects.get(number=2).failures == 3
    assert jobs.run(job.pk).status == "failed"
    ill = False
    job = jobs.retry(job, actor=None)
    assert AuditEntry.objects.filter(verb="job.retried").count() == 1
    done = jobs.run_now(job)
    assert (done.status, done.done, done.result) == ("done", 3, {"sum": 6})
    assert recorder.seen == [1, 2, 3]
    with pytest.raises(Conflict):
        jobs.retry(done, actor=None)


def test_a_refusal_is_final_at_once(recorder: Recorder) -> None:
    def refuse(job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        recorder.seen.append(chunk["n"])
        raise InvalidInput("The period is closed.")

    recorder.on_chunk = refuse
    with pytest.raises(jobs.JobFailed, match="Step 1 of 3: The period is closed"):
        jobs.run_now(_job())
    assert recorder.seen == [1]


def test_a_failing_last_step_fails_the_job_and_can_be_run_again(recorder: Recorder) -> None:
    good, recorder.on_finish = recorder.on_finish, lambda job: 1 / 0
    job = _job()
    with pytest.raises(jobs.JobFailed, match="ZeroDivisionError"):
        jobs.run_now(job)
    recorder.on_finish = good
    assert jobs.run_now(jobs.retry(job, actor=None)).result == {"sum": 6}
    assert recorder.seen == [1, 2, 3]


def test_retry_is_refused_while_the_same_work_lives_elsewhere(recorder: Recorder) -> None:
    old = _job(key="k")
    Job.objects.filter(pk=old.pk).update(status="failed")
    _job(key="k")
    with pytest.raises(Conflict, match="started again"):
        jobs.retry(old, actor=None)


def _die(job: Job) -> JobChunk:
    """What is left when a worker is killed between its claim and its commit."""
    chunk = jobs._claim(Job.objects.get(pk=job.pk))
    assert chunk is not None
    JobChunk.objects.filter(pk=chunk.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    return chunk


def test_a_dead_workers_chunk_is_taken_over(recorder: Recorder) -> None:
    job = _job()
    _die(job)
    assert jobs.run_now(job).result == {"sum": 6}
    assert recorder.seen == [1, 2, 3]


def test_a_worker_believed_dead_cannot_commit(recorder: Recorder) -> None:
    job = _job()
    slow_job = Job.objects.get(pk=job.pk)
    slow_chunk = _die(job)
    jobs.run_now(job)
    before = list(recorder.seen)

    def late(job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        User.objects.create(username="late")
        return {"got": 1000}

    recorder.on_chunk = late
    jobs._do_chunk(slow_job, slow_chunk)
    job.refresh_from_db()
    assert (job.done, job.result) == (3, {"sum": 6})
    assert not User.objects.exists()
    assert recorder.seen == before


def test_a_fence_raised_during_the_work_rolls_the_work_back(recorder: Recorder) -> None:
    """The fence is read inside the commit, not only before the work."""
    job = _job(1)

    def overtaken(job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        User.objects.create(username="overtaken")
        JobChunk.objects.filter(job=job).update(fence=99)
        return {"got": 1}

    recorder.on_chunk = overtaken
    assert jobs.run(job.pk).status == "running"
    assert not User.objects.exists()
    assert JobChunk.objects.get().status == "running"


def test_a_slow_worker_is_not_overtaken_while_it_holds_its_chunk(recorder: Recorder) -> None:
    working, looked = threading.Event(), threading.Event()

    def slow(job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        working.set()
        assert looked.wait(10)
        return {"got": chunk["n"]}

    recorder.on_chunk = slow
    job = _job(1)

    def act(number: int) -> str:
        if number == 0:
            return jobs.run(job.pk).status
        assert working.wait(10)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE core_job SET lease_until = now() - interval '1 hour'")
        later = timezone.now() + timedelta(hours=1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(timezone, "now", lambda: later)
            claimed = jobs._claim(Job.objects.get(pk=job.pk))
        looked.set()
        return "nothing" if claimed is None else "overtaken"

    assert race(2, act) == ["done", "nothing"]
    assert recorder.seen == [1]


def test_a_chunk_that_kills_its_worker_every_time_fails_the_job(recorder: Recorder) -> None:
    job = _job(1)
    for _turn in range(jobs.MAX_CLAIMS):
        _die(job)
    with pytest.raises(jobs.JobFailed, match="died 10 times"):
        jobs.run_now(job)
    assert recorder.seen == []


def test_ctrl_c_gives_the_chunk_back_at_once(recorder: Recorder) -> None:
    def interrupt(job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        raise KeyboardInterrupt

    good, recorder.on_chunk = recorder.on_chunk, interrupt
    job = _job()
    with pytest.raises(KeyboardInterrupt):
        jobs.run_now(job)
    recorder.on_chunk = good
    assert JobChunk.objects.filter(status="pending").count() == 3
    assert jobs.run_now(job).result == {"sum": 6}


def test_a_failed_job_stops_the_other_workers(recorder: Recorder) -> None:
    def fail_meanwhile(job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        Job.objects.filter(pk=job.pk).update(status="failed")
        User.objects.create(username="too late")
        return {"got": 1}

    recorder.on_chunk = fail_meanwhile
    # The update stands in the chunk's own transaction and goes with it; the fence of the job
    # sees a failure committed by somebody else the same way.
    job = _job(1)
    jobs.run(job.pk)
    assert not User.objects.exists()


class Bell:
    """Counts the messages instead of sending them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from core.tasks import run_job

        self.rung: list[int] = []
        monkeypatch.setattr(run_job, "apply_async", lambda args, **more: self.rung.append(args[0]))


@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch) -> Bell:
    return Bell(monkeypatch)


def test_messages_are_sent_after_commit_one_per_copy(recorder: Recorder, bell: Bell) -> None:
    with transaction.atomic():
        job = _job()
        jobs.enqueue(job, copies=2)
        assert bell.rung == []
    assert bell.rung == [job.pk, job.pk]
    with transaction.atomic():
        jobs.enqueue(job)
        transaction.set_rollback(True)
    assert len(bell.rung) == 2


def test_a_dead_broker_loses_nothing(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    from kombu.exceptions import OperationalError

    from core.tasks import run_job

    def dead(args: Any, **more: Any) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(run_job, "apply_async", dead)
    job = _job()
    jobs.enqueue(job)
    bell = Bell(monkeypatch)
    assert jobs.recover() == []  # rung a moment ago: perhaps it is only a long queue
    Job.objects.update(queued_at=timezone.now() - jobs.LEASE - timedelta(seconds=1))
    assert jobs.recover() == [job.pk]
    assert bell.rung == [job.pk]
    assert jobs.recover() == []


def test_beat_rings_for_expired_leases_only(recorder: Recorder, bell: Bell) -> None:
    old = timezone.now() - timedelta(minutes=5)
    held, dropped, finished, forgotten = (_job() for _number in range(4))
    Job.objects.update(queued_at=old)
    soon = timezone.now() + timedelta(seconds=30)
    Job.objects.filter(pk=held.pk).update(status="running", lease_until=soon)
    Job.objects.filter(pk=dropped.pk).update(status="running", lease_until=old, copies=2)
    Job.objects.filter(pk=finished.pk).update(status="done", lease_until=None)
    Job.objects.filter(pk=forgotten.pk).update(queued_at=None, created_at=old)
    assert jobs.recover() == [dropped.pk, forgotten.pk]
    assert bell.rung == [dropped.pk, dropped.pk, forgotten.pk]


def test_a_worker_makes_room_after_its_slice_and_rings_again(
    recorder: Recorder, bell: Bell
) -> None:
    job = _job()
    assert jobs.run(job.pk, seconds=-1).status == "pending"
    assert bell.rung == [job.pk]


def test_the_workers_rows_say_system(recorder: Recorder) -> None:
    from core.tasks import run_job

    recorder.on_chunk = lambda job, chunk: {"got": audit.record(None, "x", job).pk}
    run_job(_job(1).pk)
    assert AuditEntry.objects.get(verb="x").channel == "system"


@pytest.mark.parametrize(
    ("ago", "written"), [(0, False), (4, False), (6, True), (3600, True), (-3600, True)]
)
def test_a_sign_of_life_is_written_once_in_a_while(ago: int, written: bool) -> None:
    """One of the future, from before the clock was put back, says nothing about now."""
    jobs.beat_heart("worker")
    before = timezone.now() - timedelta(seconds=ago)
    Heartbeat.objects.update(at=before)
    jobs.beat_heart("worker")
    now = Heartbeat.objects.get(name="worker").at
    assert (now != before) is written
    assert timezone.now() - now < timedelta(seconds=6)
    assert now <= timezone.now()
