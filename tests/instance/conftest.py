"""Instances of the product in folders of their own, driven through ./run like a person does.

A copy of the source tree stands in for a clone; packages are the ones the tests run with.
"""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from instance.layout import SYSTEM_HOME
from instance.processes import Identity, command_line, identity
from tests.conftest_worker import eventually

REPOSITORY = Path(__file__).resolve().parents[2]
_OF_THE_TESTS = {
    *("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "DEBUG", "DEMO_MODE"),
    *("STATIC_ROOT", "MEDIA_ROOT", "DJANGO_SETTINGS_MODULE", "BROKER_KEY_PREFIX", "HTTPS"),
}


class Instance:
    """One data folder and what runs in it."""

    def __init__(self, clone: Path, data: Path, *, user: str | None = None, **more: str) -> None:
        self.clone, self.data, self._user = clone, data, user
        self._more = more
        self._run: subprocess.Popen[str] | None = None
        self._starts = 0
        self.address = ""

    # -- commands -------------------------------------------------------------------------------
    def command(self, *words: str) -> list[str]:
        run = [str(self.clone / "run"), *words]
        if self._user is None:
            return run
        # An ordinary user who may read the tests' packages wherever they are, and write nothing.
        account = pwd.getpwnam(self._user)
        identity_words = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}"]
        reading = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
        return ["setpriv", *identity_words, "--clear-groups", *reading, *run]

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k not in _OF_THE_TESTS}
        packages = {"HENGPING_VENV": os.environ.get("HENGPING_VENV", sys.prefix)}
        modules = {"NODE_MODULES": os.environ.get("NODE_MODULES", str(self.clone / "none"))}
        return {**kept, **packages, **modules, "HENGPING_DATA": str(self.data), **self._more}

    def popen(self, *words: str, **more: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*words),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        process = self.popen(*words)
        out, err = process.communicate(timeout=300)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def manage(self, *words: str) -> str:
        """Standard output of a management command that must succeed."""
        done = self.call("manage", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def sql(self, text: str) -> str:
        """The first value of a query, by the application's role."""
        code = (
            "from django.db import connection\n"
            "with connection.cursor() as c:\n"
            f"    c.execute({text!r})\n"
            "    print(c.fetchone()[0] if c.description else c.rowcount)\n"
        )
        return self.manage("shell", "--no-imports", "-c", code).strip()

    # -- ./run ----------------------------------------------------------------------------------
    def start(self, *words: str) -> None:
        """./run, until it has printed its address."""
        self._starts += 1
        screen = self._screen_file()
        with screen.open("w") as out:
            self._run = subprocess.Popen(
                self.command("--no-demo", *words),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

        def address() -> str | None:
            assert self._run is not None
            text = screen.read_text()
            assert self._run.poll() is None, text
            ready = [line for line in text.splitlines() if line.startswith("Hengping is ready")]
            return ready[0].split(": ")[1] if ready else None

        self.address = eventually(address, 180.0)

    def _screen_file(self) -> Path:
        return self.data.parent / f"{self.data.name}-{self._starts}.screen"

    def screen(self) -> str:
        """What the last ./run has said so far."""
        return self._screen_file().read_text()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends ./run by a signal and returns its exit status."""
        assert self._run is not None
        self._run.send_signal(number)
        status = self._run.wait(120)
        self._run = None
        return status

    def get(self, path: str) -> tuple[int, str]:
        """Status and body; status 0 when nobody answers."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()
        except OSError:
            return 0, ""

    def is_ready(self) -> bool:
        return self.get("/readyz")[0] == 200

    # -- what runs ------------------------------------------------------------------------------
    @property
    def id(self) -> str:
        return str(json.loads((self.data / "instance.json").read_text())["id"])

    @property
    def home(self) -> Path:
        as_root = os.geteuid() == 0 and self._user is None
        return SYSTEM_HOME / self.id if as_root else self.data

    def state(self, name: str) -> dict[str, Any]:
        return json.loads((self.data / "state" / name).read_text())

    def process(self, name: str) -> Identity | None:
        """The live process of that part of the instance."""
        try:
            if name == "postgres":
                pid = int((self.home / "postgres/postmaster.pid").read_text().split()[0])
            elif name == "broker":
                pid = int((self.home / "broker/valkey.pid").read_text())
            elif name == "keeper":
                pid = self.state("servers.json")["keeper"]
            elif name == "supervisor":
                pid = self.state("run.json")["pid"]
            else:
                noted = Identity(**self.state("children.json")[name])
                return noted if noted.alive else None
        except (FileNotFoundError, KeyError, IndexError, ValueError):
            return None
        place = {"postgres": self.home, "broker": self.home, "keeper": self.data}
        mine = str(place.get(name, self.clone)) in command_line(pid)
        return identity(pid) if mine else None

    def processes(self) -> dict[str, Identity]:
        names = ("postgres", "broker", "keeper", "supervisor", "web", "worker", "beat")
        found = {name: self.process(name) for name in names}
        return {name: process for name, process in found.items() if process}

    def wait_for_rest(self) -> None:
        """Until nothing of the instance runs any more."""
        eventually(lambda: not self.processes(), 90.0)

    def clear(self) -> None:
        if self._run is not None and self._run.poll() is None:
            self.stop()
        if (self.data / "instance.json").exists():
            self.wait_for_rest()
            if self.home != self.data and self.home.exists():
                shutil.rmtree(self.home)


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source tree, in a folder with a space in its name that everybody may read."""
    base = tmp_path_factory.mktemp("source")
    # What pytest made for this run: one folder more where xdist gives each worker its own.
    for folder in (base, *base.parents):
        if Path(tempfile.gettempdir()) in folder.parents:
            folder.chmod(folder.stat().st_mode | 0o711)
    place = base / "a clone"
    unwanted = (".git", ".data", "node_modules", "__pycache__", ".*_cache", "tests", ".venv")
    shutil.copytree(REPOSITORY, place, ignore=shutil.ignore_patterns(*unwanted))
    for path in [place, *place.rglob("*")]:
        path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o644))
    return place


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


@pytest.fixture(scope="session")
def open_packages(clone: Path) -> Path:
    """The tests' packages in a folder everybody may enter.

    The ambient right to read any folder is enough for Python, not for initdb: it asks access(),
    which looks at the user alone."""
    place = clone.parent / "packages"
    given = os.environ.get("HENGPING_VENV", sys.prefix)
    shutil.copytree(given, place, symlinks=True, copy_function=_link_or_copy)
    return place


@pytest.fixture(scope="module")
def new_instance(
    clone: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Instance]]:
    """Makes instances in new folders; all are stopped and removed at the end of the module."""
    made: list[Instance] = []

    def make(name: str = "my data", *, user: str | None = None, **more: str) -> Instance:
        base = tmp_path_factory.mktemp("instance")
        if user is not None:
            os.chown(base, pwd.getpwnam(user).pw_uid, -1)
            more = {"HENGPING_VENV": str(request.getfixturevalue("open_packages")), **more}
        made.append(Instance(clone, base / name, user=user, **more))
        return made[-1]

    yield make
    for instance in made:
        instance.clear()
