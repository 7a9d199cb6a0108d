"""One process's use of an instance: it is registered, gets the servers it needs and their URLs."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from instance.accounts import open_home, server_account
from instance.broker import Broker
from instance.files import Claim, locked, read_json, write_json
from instance.keeper import live_users
from instance.layout import REPOSITORY, Layout
from instance.postgres import Postgres
from instance.processes import identity, wait_until
from instance.screen import InstanceError, say, tail


class Session:
    """A registered user of the instance. Servers named by DATABASE_URL and REDIS_URL from outside
    are used as they are; the others are embedded and kept by the keeper."""

    def __init__(self, layout: Layout, packages: Path, purpose: str) -> None:
        self.layout, self.packages, self._purpose = layout, packages, purpose
        self.needs = [
            name
            for name, variable in (("postgres", "DATABASE_URL"), ("broker", "REDIS_URL"))
            if not os.environ.get(variable)
        ]
        if os.environ.get("DATABASE_OWNER_URL") and "postgres" in self.needs:
            raise InstanceError("DATABASE_OWNER_URL is of use only together with DATABASE_URL.")
        self._claim = Claim(layout.state / "keeper.lock")
        self._files: list[Path] = []

    @contextmanager
    def open(self) -> Iterator["Session"]:
        """Registered from here to the end of the block; the last user waits until the servers
        have stopped, so that the folder is at rest when the command returns."""
        self.register(os.getpid())
        try:
            self.ensure_servers()
            yield self
        finally:
            self.leave()

    def register(self, pid: int) -> None:
        """Counts process `pid` as a user until it ends."""
        found = identity(pid)
        if found is None or not self.needs:
            return
        path = self.layout.state / "users" / f"{pid}.json"
        with locked(self.layout.state / "users.lock"):
            write_json(
                path,
                {"pid": pid, "started": found.started, "for": self._purpose, "needs": self.needs},
            )
        self._files.append(path)

    def leave(self) -> None:
        with locked(self.layout.state / "users.lock"):
            for path in self._files:
                path.unlink(missing_ok=True)
        if self.needs and not self._others():
            keeper = identity(self._state().get("keeper") or 0)
            wait_until(lambda: not self._claim.is_held() or self._others(), 90.0)
            if keeper and not self._others():
                wait_until(lambda: not keeper.alive, 5.0)

    def _others(self) -> bool:
        with locked(self.layout.state / "users.lock"):
            return bool(live_users(self.layout))

    # -- servers --------------------------------------------------------------------------------
    def ensure_servers(self) -> None:
        """Returns when every needed server answers. Raises InstanceError with the end of its log
        when one does not start."""
        if not self.needs:
            return
        started = told = time.monotonic()
        while True:
            self.wake_keeper()
            state = self._state()
            servers = state.get("servers", {})
            if state.get("error"):
                raise InstanceError(state["error"])
            if self.settled():
                return
            for name in self.needs:
                if not state.get("stopping", True) and servers[name]["status"] == "failed":
                    raise InstanceError(servers[name]["error"])
            if time.monotonic() - told > 10:
                told = time.monotonic()
                say(f"Still waiting for {' and '.join(self.needs)} ({told - started:.0f} s) …")
            time.sleep(0.05)

    def settled(self) -> bool:
        """Whether every needed server answers at the addresses that `urls` gives."""
        state = self._state()
        servers = state.get("servers", {})
        return not self.needs or (
            not state.get("stopping", True)
            and all(servers[name]["status"] == "ready" for name in self.needs)
        )

    def wake_keeper(self) -> None:
        """Starts the keeper when there is none."""
        if not self.needs or self._claim.is_held():
            return
        log = self.layout.logs / "keeper.log"
        with self._claim_to_start() as may:
            if not may:
                return
            open_home(self.layout, server_account())  # here, where the person can read what it says
            state_file = self.layout.state / "servers.json"
            write_json(state_file, {**read_json(state_file), "stopping": True, "error": ""})
            with log.open("ab") as stream:
                child = subprocess.Popen(  # noqa: S603
                    [
                        sys.executable,
                        REPOSITORY / "instance",
                        "keep",
                        self.layout.data,
                        self.packages,
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=stream,
                    cwd="/",
                    start_new_session=True,
                )
            up = wait_until(lambda: self._claim.is_held() or child.poll() is not None, 20.0, 0.02)
            if not up or (child.poll() and not self._state().get("error")):
                raise InstanceError(f"The keeper of the servers did not start:\n{tail(log)}")

    @contextmanager
    def _claim_to_start(self) -> Iterator[bool]:
        """One starter at a time; False when a keeper has come up meanwhile."""
        with locked(self.layout.state / "starter.lock"):
            yield not self._claim.is_held()

    def _state(self) -> dict[str, Any]:
        return read_json(self.layout.state / "servers.json")

    # -- addresses ------------------------------------------------------------------------------
    def urls(self) -> dict[str, str]:
        """DATABASE_URL (the application's), DATABASE_OWNER_URL (for migrations), REDIS_URL."""
        servers = self._state().get("servers", {})
        found = {}
        if "postgres" in self.needs:
            adapter = Postgres(self.layout, server_account(), self.packages)
            port = servers["postgres"]["port"]
            found["DATABASE_URL"] = adapter.url(port)
            found["DATABASE_OWNER_URL"] = adapter.url(port, owner=True)
        else:
            found["DATABASE_URL"] = os.environ["DATABASE_URL"]
            found["DATABASE_OWNER_URL"] = os.environ.get(
                "DATABASE_OWNER_URL", found["DATABASE_URL"]
            )
        if "broker" in self.needs:
            found["REDIS_URL"] = Broker(self.layout, server_account(), self.packages).url(
                servers["broker"]["port"]
            )
        else:
            found["REDIS_URL"] = os.environ["REDIS_URL"]
        return found
