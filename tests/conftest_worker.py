"""Fixtures for tests with real processes: a Celery worker and beat on the test database and
broker, which a test may kill -9 and start again.

    @pytest.mark.worker
    def test_something(worker):          # empties the database afterwards, like transaction=True
        worker.start()
        eventually(lambda: Job.objects.get().done > 3)
        worker.kill()                    # SIGKILL to the worker and its children

Every test process has its own keys in the broker, so tests run side by side.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import redis
from django.conf import settings
from django.db import connection

REPOSITORY = Path(__file__).resolve().parent.parent
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
KEY_PREFIX = f"test-{_RUN}-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}:"

# Before the first message: what the tests send, only their own worker receives.
settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = KEY_PREFIX


def eventually(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """The first true value of the condition; fails the test when it does not come in time."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            pytest.fail(f"nothing happened within {seconds:g} s", pytrace=True)
        time.sleep(0.05)
    return value


class RealProcess:
    """One process of the application beside the test."""

    def __init__(
        self,
        words: list[str],
        ready: str,
        log: Path,
        own: dict[str, str] | None = None,
        enter: Sequence[str] = (),
    ) -> None:
        self._words, self._ready, self.log, self._own = words, ready, log, own or {}
        self._enter = enter  # what starts a command in another place
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    def start(self, *more: str) -> None:
        """Returns when the process is at work. `more` are further options of its command."""
        assert self._process is None, "already started"
        seen = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._enter, sys.executable, "-m", "celery", "-A", "config", *self._words, *more],
                cwd=REPOSITORY,
                env={**os.environ, **addresses(), **self._own},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        eventually(lambda: self._is_ready(seen))

    def _is_ready(self, seen: int) -> bool:
        text = self.log.read_text(errors="replace")
        assert self._process is None or self._process.poll() is None, text
        return self._ready in text[seen:]

    def stop(self) -> None:
        """Politely; what it has begun, it finishes."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9 of the process and all its children."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        if self._process is None:
            return
        if number == signal.SIGTERM:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(60)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None


def addresses() -> dict[str, str]:
    """The environment that leads a process to this test's database and messages."""
    database = connection.settings_dict
    user = f"{quote(database['USER'])}:{quote(database['PASSWORD'])}"
    place = f"{quote(database['HOST'], safe='')}:{database['PORT']}/{quote(database['NAME'])}"
    return {
        "DATABASE_URL": f"postgres://{user}@{place}",
        "REDIS_URL": settings.REDIS_URL,
        "BROKER_KEY_PREFIX": KEY_PREFIX,
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
    }


def forget_messages() -> None:
    """As if the broker had lost everything."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    for key in client.scan_iter(f"{KEY_PREFIX}*"):
        client.delete(key)
    client.close()


WORKER = [
    *("worker", "--concurrency", "1", "--loglevel", "INFO", "-O", "fair"),
    *("--without-gossip", "--without-mingle", "--without-heartbeat"),
]


@pytest.fixture
def worker(transactional_db: Any, tmp_path: Path) -> Iterator[RealProcess]:
    """A Celery worker, not yet started; ended at the latest with the test."""
    forget_messages()
    process = RealProcess(WORKER, " ready.", tmp_path / "worker.log")
    yield process
    process.kill()
    forget_messages()


@pytest.fixture
def beat(transactional_db: Any, tmp_path: Path) -> Iterator[RealProcess]:
    """Celery beat with a schedule of its own, not yet started."""
    schedule = tmp_path / "schedule"
    words = ["beat", "--pidfile=", "--schedule", str(schedule), "--loglevel", "INFO"]
    process = RealProcess(words, "beat: Starting...", tmp_path / "beat.log")
    yield process
    process.kill()
