"""A real Celery worker beside the benchmark, on its database and messages of its own."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import redis
from celery import current_app
from django.conf import settings

PREFIX = "BROKER_KEY_PREFIX"  # what the benchmark sends, only its own worker receives
_READY = " ready."
_DONE = re.compile(r"Task (\S+)\[\S+\] succeeded in ([\d.e-]+)s")
_PATIENCE = 900.0  # seconds


class Worker:
    """What a worker has done so far, from its log."""

    def __init__(self, log: Path, process: subprocess.Popen[bytes]) -> None:
        self._log, self._process = log, process

    def done(self) -> list[tuple[str, float]]:
        """The tasks that have ended: name, seconds of work."""
        return [(name, float(taken)) for name, taken in _DONE.findall(self.text)]

    def times(self, name: str) -> int:
        """How often a task has ended."""
        return sum(name == each for each, _taken in self.done())

    @property
    def text(self) -> str:
        return self._log.read_text(errors="replace")

    def wait_for(self, name: str, times: int) -> None:
        """Until a task has ended so often."""
        self.wait_until(lambda: self.times(name) >= times)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """RuntimeError with the log's end when the worker dies or stops working."""
        end = time.monotonic() + _PATIENCE
        while not condition():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(self.text[-2000:])
            time.sleep(0.02)


@contextmanager
def working() -> Iterator[Worker]:
    """A worker with one process; ended, and what it left in the broker removed, at the end."""
    words = (
        *("-m", "celery", "-A", "config", "worker", "--concurrency", "1", "--loglevel", "INFO"),
        *("-O", "fair", "--without-gossip", "--without-mingle", "--without-heartbeat"),
    )
    with TemporaryDirectory() as folder:
        log = Path(folder) / "worker.log"
        with log.open("ab") as file:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, *words], env={**os.environ, "LOG_LEVEL": "INFO"},
                stdin=subprocess.DEVNULL, stdout=file, stderr=file,
            )  # fmt: skip
        try:
            worker = Worker(log, process)
            worker.wait_until(lambda: _READY in worker.text)
            yield worker
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(60)
            process.kill()
            process.wait()
            current_app.close()
            _forget(os.environ[PREFIX])


def _forget(prefix: str) -> None:
    client = redis.Redis.from_url(settings.REDIS_URL)
    for key in client.scan_iter(f"{prefix}*"):
        client.delete(key)
    client.close()
