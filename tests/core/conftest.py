"""Races with real connections, and job handlers that only tests need."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import translation

from core import jobs
from core.models import Job


def race(count: int, act: Callable[[int], Any]) -> list[Any]:
    """Run act(0) … act(count-1) at the same moment, each with its own connection.

    Gives what each returned or raised, in order.
    """
    start = threading.Barrier(count)
    outcomes: list[Any] = [None] * count

    def runner(number: int) -> None:
        try:
            start.wait(30)
            with translation.override("en"):  # a thread starts in the site's language
                outcomes[number] = act(number)
        except Exception as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=runner, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return outcomes


class Recorder:
    """A job handler that does what the test tells it and remembers what it did."""

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.finished = 0
        self.on_chunk: Callable[[Job, dict[str, Any]], Any] = lambda job, chunk: {"got": chunk["n"]}
        self.on_finish: Callable[[Job], Any] = lambda job: {
            "sum": sum(result["got"] for _params, result in job.chunk_results() if result)
        }

    def chunk(self, job: Job, chunk: dict[str, Any]) -> Any:
        result = self.on_chunk(job, chunk)
        self.seen.append(chunk["n"])
        return result

    def finish(self, job: Job) -> Any:
        result = self.on_finish(job)
        self.finished += 1
        return result


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    handler = Recorder()
    jobs.register("test", handler)
    yield handler
    del jobs._handlers["test"]
