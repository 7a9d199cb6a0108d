"""Jobs beside others: a held lock is waited for, and work nobody wants any more ends."""

import threading
from typing import Any

import pytest
from django.db import connection

from core import jobs
from core.errors import Busy
from core.models import Job, JobChunk, User
from tests.core.conftest import Recorder

pytestmark = pytest.mark.django_db(transaction=True)


def _job() -> Job:
    return jobs.create("test", chunks=[{"n": number} for number in (1, 2, 3)], actor=None)


def test_a_lock_somebody_holds_is_waited_for_and_no_failure(recorder: Recorder) -> None:
    waits = {"chunk": 5, "finish": 4}

    def held(where: str) -> None:
        if waits[where]:
            waits[where] -= 1
            raise Busy("Somebody else is working on this right now.")

    good = recorder.on_finish
    recorder.on_chunk = lambda job, chunk: held("chunk") or {"got": chunk["n"]}
    recorder.on_finish = lambda job: held("finish") or good(job)
    done = jobs.run_now(_job())
    assert (done.status, done.error, done.result) == ("done", "", {"sum": 6})
    assert (JobChunk.objects.get(number=1).failures, done.finish_failures) == (5, 4)
    assert (recorder.seen, recorder.finished) == ([1, 2, 3], 1)


def test_a_lock_that_is_never_let_go_fails_the_job_in_the_end(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MAX_BUSY", 4)
    tries = []

    def held(job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        tries.append(chunk["n"])
        raise Busy("Somebody else is working on this right now.")

    recorder.on_chunk = held
    with pytest.raises(jobs.JobFailed, match="Step 1 of 3: Somebody else is working"):
        jobs.run_now(_job())
    assert tries == [1, 1, 1, 1]


def test_a_job_nobody_wants_any_more_ends_and_its_step_is_rolled_back(recorder: Recorder) -> None:
    job = _job()

    def overtaken(_job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        User.objects.create(username="half done")
        other = threading.Thread(target=_give_up, args=[job])
        other.start()
        other.join()
        return {"got": chunk["n"]}

    recorder.on_chunk = overtaken
    done = jobs.run(job.pk)
    assert (done.status, done.error) == ("failed", "The data were locked anew.")
    assert (recorder.finished, User.objects.count()) == (0, 0)


def _give_up(job: Job) -> None:
    jobs.give_up(job, "The data were locked anew.")
    connection.close()


def test_a_step_that_waited_often_is_not_taken_for_one_that_kills_its_worker(
    recorder: Recorder,
) -> None:
    left = [jobs.MAX_CLAIMS + 2]

    def held(job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        if left[0]:
            left[0] -= 1
            raise Busy("Somebody else is working on this right now.")
        return {"got": chunk["n"]}

    recorder.on_chunk = held
    done = jobs.run_now(_job())
    assert (done.status, done.error, done.result) == ("done", "", {"sum": 6})
