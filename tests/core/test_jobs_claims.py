"""The transaction that stores a chunk claims the next: one durable commit a chunk."""

from typing import Any

import pytest

from core import jobs
from core.models import Job, JobChunk
from tests.core.conftest import Recorder

pytestmark = pytest.mark.django_db(transaction=True)


def _job() -> Job:
    chunks = [{"n": number} for number in range(1, 4)]
    return jobs.create("test", chunks=chunks, actor=None)


def _recorded_claims(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many chunks were claimed in a transaction of their own."""
    claim, claimed = jobs._claim, []

    def by_itself(job: Job) -> JobChunk | None:
        if (chunk := claim(job)) is not None:
            claimed.append(chunk.number)
        return chunk

    monkeypatch.setattr(jobs, "_claim", by_itself)
    return claimed


def test_what_stores_a_chunk_claims_the_next(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    claimed = _recorded_claims(monkeypatch)
    states: list[list[tuple[str, int]]] = []

    def look(job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        rows = JobChunk.objects.order_by("number").values_list("status", "claims")
        states.append(list(rows))
        return {"got": chunk["n"]}

    recorder.on_chunk = look
    assert jobs.run_now(_job()).result == {"sum": 6}
    assert claimed == [1]
    done, running, pending = ("done", 1), ("running", 1), ("pending", 0)
    assert states == [[running, pending, pending], [done, running, pending], [done, done, running]]


def test_a_chunk_that_is_rolled_back_claims_nothing(recorder: Recorder) -> None:
    job = _job()

    def overtaken(job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        JobChunk.objects.filter(job=job, number=1).update(fence=99)
        return {"got": 1}

    recorder.on_chunk = overtaken
    first = jobs._claim(Job.objects.get(pk=job.pk))
    assert first is not None
    assert jobs._do_chunk(Job.objects.get(pk=job.pk), first) is None
    states = JobChunk.objects.order_by("number").values_list("status", "claims", "fence")
    assert list(states) == [("running", 1, 1), ("pending", 0, 0), ("pending", 0, 0)]


def test_a_worker_whose_time_is_up_claims_no_more(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(jobs, "ring", lambda job_id, copies: rung.append(job_id))
    clock = [0.0]
    monkeypatch.setattr(jobs.time, "monotonic", lambda: clock[0])

    def long(job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        clock[0] += 15
        return {"got": chunk["n"]}

    recorder.on_chunk = long
    job = _job()
    assert (jobs.run(job.pk, seconds=20).done, rung) == (2, [job.pk])
    assert list(JobChunk.objects.order_by("number").values_list("status", "claims")) == [
        ("done", 1), ("done", 1), ("pending", 0),
    ]  # fmt: skip


def test_a_step_that_killed_its_worker_ten_times_is_not_claimed_beside_another(
    recorder: Recorder,
) -> None:
    job = _job()
    JobChunk.objects.filter(number=2).update(claims=jobs.MAX_CLAIMS)
    with pytest.raises(jobs.JobFailed, match="Step 2 of 3: The worker died 10 times"):
        jobs.run_now(job)
    assert recorder.seen == [1]
    assert list(JobChunk.objects.order_by("number").values_list("status", "claims")) == [
        ("done", 1), ("failed", 10), ("pending", 0),
    ]  # fmt: skip


def test_stopped_between_two_chunks_the_claimed_one_is_given_back(recorder: Recorder) -> None:
    def stop(done: int, total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    job = _job()
    with pytest.raises(KeyboardInterrupt):
        jobs.run_now(job, on_progress=stop)
    assert list(JobChunk.objects.order_by("number").values_list("status", "lease_until")) == [
        ("done", None), ("pending", None), ("pending", None),
    ]  # fmt: skip
    assert jobs.run_now(job).result == {"sum": 6}
    assert recorder.seen == [1, 2, 3]
