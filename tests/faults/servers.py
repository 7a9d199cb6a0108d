"""A PostgreSQL server and a broker of a test's own, which it may kill -9 and start again.

They are the embedded ones, started as ./run starts them, with durable commits. The test's
database is copied into them, and the test and its worker are led there.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from django.db import OperationalError, connection, connections
from kombu import pools

from config.celery import app
from core import backup
from instance.accounts import open_home, server_account
from instance.broker import Broker
from instance.layout import Layout
from instance.postgres import Postgres
from tests.conftest_worker import eventually


class Server:
    """One of the two, with the process that this test started."""

    def __init__(self, adapter: Postgres | Broker) -> None:
        self.adapter = adapter
        self._process: subprocess.Popen[bytes] | None = None
        self.port: int | None = None

    def start(self) -> None:
        """Returns when it answers."""
        self._process = self.adapter.start(self.port)
        eventually(self._answers)
        self.port = self.adapter.port()

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.adapter.log.read_text(errors="replace")[-3000:]
        return self.adapter.ready()

    def kill(self) -> None:
        """kill -9 of the server and of every process it has started."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        pids = [self._process.pid, *(int(pid) for pid in children.read_text().split())]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        if self._process is not None:
            self.adapter.stop()
            self._process.wait()


class Servers:
    """Both, and the way of the test to them."""

    def __init__(self, folder: Path) -> None:
        layout, account = Layout.open(folder), server_account()
        open_home(layout, account)
        packages = Path(sysconfig.get_path("purelib"))
        self.layout = layout
        self.postgres = Server(Postgres(layout, account, packages))
        self.broker = Server(Broker(layout, account, packages))

    def start(self) -> None:
        self.postgres.start()
        self.broker.start()

    def stop(self) -> None:
        self.postgres.stop()
        self.broker.stop()
        if self.layout.home != self.layout.data:
            shutil.rmtree(self.layout.home)

    def lead_here(self, monkeypatch: pytest.MonkeyPatch, settings: Any, copy: Path) -> None:
        """Database and messages of this process and of those it starts are here from now on."""
        backup._run("pg_dump", "--format=custom", "--no-owner", f"--file={copy}")
        assert self.postgres.port is not None
        assert self.broker.port is not None
        there = urlsplit(self.postgres.adapter.url(self.postgres.port, owner=True))  # type: ignore[call-arg]
        connections.close_all()
        for key, value in {
            "HOST": there.hostname,
            "PORT": str(there.port),
            "USER": there.username,
            "PASSWORD": there.password,
            "NAME": there.path[1:],
        }.items():
            monkeypatch.setitem(connection.settings_dict, key, value)
        backup._run("pg_restore", "--no-owner", f"--dbname={there.path[1:]}", str(copy))
        url = self.broker.adapter.url(self.broker.port)
        settings.REDIS_URL = url
        monkeypatch.setattr(app.conf, "broker_url", url)
        forget_pools()

    def client(self) -> redis.Redis:
        assert self.broker.port is not None
        return redis.Redis.from_url(self.broker.adapter.url(self.broker.port))


def forget_pools() -> None:
    """Connections to a broker that is not the one any more."""
    pools.reset()
    app._pool = None
    app.amqp._producer_pool = None


def database_answers() -> bool:
    """Whether it lets this process in; a connection that was cut is dropped."""
    connections.close_all()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return False
    return True


@contextlib.contextmanager
def own_servers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Iterator[Servers]:
    found = Servers(tmp_path / "own")
    try:
        found.start()
        with monkeypatch.context() as patch:
            found.lead_here(patch, settings, tmp_path / "copy.dump")
            try:
                yield found
            finally:
                connections.close_all()
        forget_pools()
    finally:
        found.stop()
