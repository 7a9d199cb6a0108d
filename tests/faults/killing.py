"""A step of the application in a process of its own that is killed -9 at a chosen moment.

The moments of a step are its SQL statements and both sides of each commit, counted in an
undisturbed run; the process kills itself at the one it was told. So a test says "at moment 17 of
60" and gets exactly that, on a slow machine and on a fast one. The process is a fork of the test:
it knows what the test knows, and shares no connection with it.
"""

import os
import random
import signal
import traceback
from collections.abc import Callable
from typing import Any

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.conftest_worker import eventually

SEED = 20261126

Step = Callable[[], Any]


class _Moments:
    """Counts what the process does with the database, and ends it at the moment `last`."""

    def __init__(self, last: int | None) -> None:
        self.count, self.last = 0, last

    def passed(self) -> None:
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        self.passed()
        return execute(sql, params, many, context)

    def watch_commits(self) -> None:
        commit = BaseDatabaseWrapper._commit

        def _commit(wrapper: Any) -> None:
            self.passed()
            commit(wrapper)
            self.passed()

        BaseDatabaseWrapper._commit = _commit  # type: ignore[method-assign]


def _in_a_fork(step: Step, last: int | None) -> tuple[int, int, str]:
    """(signal that ended the process, moments it had, what it raised)."""
    connections.close_all()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(reading)
            moments = _Moments(last)
            moments.watch_commits()
            with connection.execute_wrapper(moments):
                step()
            os.write(writing, str(moments.count).encode())
            status = 0
        except BaseException:
            os.write(writing, traceback.format_exc().encode()[-4000:])
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    _pid, ended = os.waitpid(pid, 0)
    eventually(_nobody_else)
    number = os.WTERMSIG(ended) if os.WIFSIGNALED(ended) else 0
    return (number, int(said), "") if said.isdigit() else (number, 0, said)


def _nobody_else() -> bool:
    """Whether the server has noticed that the process is gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0] == 0


def undisturbed(step: Step) -> int:
    """Do the step in a process of its own; the number of its moments."""
    ended, moments, error = _in_a_fork(step, None)
    assert (ended, error) == (0, ""), error
    return moments


def killed(step: Step, moment: int) -> None:
    """Do the step until this moment, counted from 1, and not further."""
    ended, _moments, error = _in_a_fork(step, moment)
    assert error == "", error
    assert ended == signal.SIGKILL


def some_of(moments: int, count: int, name: str) -> list[int]:
    """`count` random moments, the same ones each time, and the two around the last commit."""
    drawn = random.Random(f"{SEED} {name}").sample(range(1, moments - 1), count)
    return [*sorted(drawn), moments - 1, moments]
