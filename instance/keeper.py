"""The keeper: one background process per instance that owns the embedded servers.

It starts the servers its users want, starts a crashed one again, and stops them all when the last
user has ended. Users are files with live processes in state/users (session.py); the keeper holds
state/keeper.lock for as long as it lives. Killed by -9 it leaves the servers running, and the next
keeper adopts them.
"""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from instance.accounts import open_home, server_account
from instance.broker import Broker
from instance.files import Claim, locked, read_json, write_json
from instance.layout import Layout
from instance.postgres import Postgres
from instance.processes import Identity, identity, stop, wait_until
from instance.screen import InstanceError, tail

_TICK = 0.2  # seconds
_GIVE_UP_AFTER = 6  # failed starts in a row before the users are told
_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds before the next try


class Kept:
    """One server under the keeper's eye."""

    def __init__(self, server: Postgres | Broker, remembered_port: int | None) -> None:
        self.server = server
        self.port = remembered_port
        self.status, self.error = "starting", ""
        self._child: subprocess.Popen[bytes] | None = None
        self._failures, self._next_try = 0, 0.0

    def tend(self, now: float) -> None:
        """Brings the server one step nearer to running. `now` is monotonic seconds."""
        if self._child is not None and self._child.poll() is not None:
            self._child = None
        if self._child is not None or self.server.running():
            self._look(now)
        elif now >= self._next_try:
            self._start(now)

    def _look(self, now: float) -> None:
        if self.status == "ready":
            return
        try:
            is_ready = self.server.ready()
        except InstanceError as error:
            self.status, self.error = "failed", str(error)
            return
        if is_ready:
            self.status, self.error, self._failures = "ready", "", 0
            self.port = self.server.port()

    def _start(self, now: float) -> None:
        if self._failures or self.status == "ready":
            self._blame()
        try:
            self._child = self.server.start(self.port)
        except (InstanceError, OSError) as error:
            self.status, self.error, self._failures = "failed", str(error), _GIVE_UP_AFTER
        pause = _PAUSES[min(self._failures, len(_PAUSES) - 1)]
        self._failures += 1
        self._next_try = now + pause

    def _blame(self) -> None:
        """The last start ended before its time."""
        self.status = "starting" if self._failures < _GIVE_UP_AFTER else "failed"
        self.error = f"The {self.server.name} server ended, see {self.server.log}:\n" + tail(
            self.server.log
        )
        if self._failures == 3 and isinstance(self.server, Broker):
            self.server.repair()

    def stop(self) -> None:
        """Also when the data folder has vanished, and the server's own notes with it."""
        self.server.stop()
        found = identity(self._child.pid) if self._child else None
        if found:
            stop(found, signal.SIGINT)

    def shown(self) -> dict[str, Any]:
        return {"status": self.status, "port": self.port, "error": self.error}


def live_users(layout: Layout) -> list[dict[str, Any]]:
    """The processes that use the instance now; files of dead ones are removed."""
    found = []
    for path in (layout.state / "users").glob("*.json"):
        user = read_json(path)
        if user and Identity(user["pid"], user["started"]).alive:
            found.append(user)
        else:
            path.unlink(missing_ok=True)
    return found


class Keeper:
    def __init__(self, layout: Layout, packages: Path) -> None:
        self.layout = layout
        self._state_file = layout.state / "servers.json"
        account = server_account()
        open_home(layout, account)
        ports = {
            k: v.get("port") for k, v in read_json(self._state_file).get("servers", {}).items()
        }
        self._kept = {
            server.name: Kept(server, ports.get(server.name))
            for server in (Postgres(layout, account, packages), Broker(layout, account, packages))
        }
        self._wanted: set[str] = set()
        self._written: dict[str, Any] = {}
        self._ended = False

    def run(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "_ended", True))
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            while self._goes_on():
                for name in sorted(self._wanted):
                    self._kept[name].tend(time.monotonic())
                self._write()
                time.sleep(_TICK)
        finally:
            for kept in self._kept.values():
                kept.stop()

    def _goes_on(self) -> bool:
        """False, and the users told, when nobody uses the instance any more."""
        with locked(self.layout.state / "users.lock"):
            users = live_users(self.layout)
            self._wanted |= {need for user in users for need in user["needs"]}
            if self._ended or not users:
                self._write(stopping=True)
                return False
        return True

    def _write(self, *, stopping: bool = False) -> None:
        """Tells the users; `stopping` servers are not to be used any more."""
        shown = {
            "keeper": os.getpid(),
            "stopping": stopping,
            "servers": {name: kept.shown() for name, kept in self._kept.items()},
        }
        if shown != self._written:
            write_json(self._state_file, shown)
            self._written = shown


def keep(layout: Layout, packages: Path) -> int:
    """Runs the keeper of the instance; ends at once when there is one already."""
    claim = Claim(layout.state / "keeper.lock")
    # Others look whether the lock is held by taking it for a moment, hence more than one try.
    if not wait_until(claim.take, 1.0):
        return 0
    try:
        Keeper(layout, packages).run()
    except InstanceError as error:
        write_json(
            layout.state / "servers.json",
            {**read_json(layout.state / "servers.json"), "stopping": False, "error": str(error)},
        )
        return 1
    return 0
