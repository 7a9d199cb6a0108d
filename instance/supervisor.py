"""./run: the web server, the worker and beat of one instance, until Ctrl-C or SIGTERM."""

import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from instance.django import Django
from instance.files import read_json, trim_log, write_json
from instance.layout import REPOSITORY
from instance.processes import (
    Identity,
    choose_port,
    die_with_parent,
    identity,
    port_is_free,
    stop_group,
)
from instance.screen import InstanceError, say, tail

DEFAULT_PORT = 8000
_WORKERS = "2"
_TICK = 0.5  # seconds
_LONGEST_PAUSE = 30.0
_WEB_ALONE = 30.0  # seconds
_STEADY_AFTER = 60.0  # seconds without a crash


@dataclass
class Child:
    """One process of the application and how it has fared."""

    name: str
    command: list[str]
    patience: float  # seconds it may take to end when asked
    log: Path
    own: dict[str, str] = field(default_factory=dict)
    """Environment variables of this child alone."""
    process: subprocess.Popen[bytes] | None = None
    who: Identity | None = None
    crashes: int = 0
    started_at: float = 0.0
    next_try: float = 0.0

    def start(self, variables: dict[str, str], now: float) -> None:
        trim_log(self.log)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=REPOSITORY,
                env={**variables, **self.own},
                start_new_session=True,  # Ctrl-C reaches the supervisor, which stops them in order
                preexec_fn=die_with_parent,
            )
        self.who, self.started_at = identity(self.process.pid), now

    def stop(self) -> None:
        if self.process and self.process.poll() is None and self.who:
            stop_group(self.who, signal.SIGTERM, self.patience)
            self.process.wait()
        self.process = self.who = None


class Supervisor:
    def __init__(self, django: Django, port: int | None) -> None:
        self.django, self.layout = django, django.layout
        self.port = self._choose(port)
        self.children = self._children()
        self._variables: dict[str, str] = {}
        self._ended = False

    @property
    def note(self) -> Path:
        """Tells a second ./run where this one is."""
        return self.layout.state / "run.json"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # -- start ----------------------------------------------------------------------------------
    def _choose(self, wanted: int | None) -> int:
        if wanted is not None:
            if not port_is_free(wanted):
                raise InstanceError(f"Port {wanted} is taken. Choose another: ./run --port N")
            return wanted
        remembered = self.layout.fact("port") or DEFAULT_PORT
        port = choose_port(int(str(remembered)))
        if port != remembered:
            say(f"Port {remembered} is taken, using {port}.")
        return port

    def _children(self) -> list[Child]:
        run, logs = self.django.command, self.layout.logs
        beat = self.layout.data / "beat"
        beat.mkdir(exist_ok=True)
        counts = self.layout.state / "metrics"  # where the web processes add up; begins at nothing
        shutil.rmtree(counts, ignore_errors=True)
        celery = ("-m", "celery", "-A", "config", "--quiet")
        return [
            Child(
                "web",
                run(
                    *("-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{self.port}"),
                    *("--workers", _WORKERS, "--preload", "--no-control-socket"),
                ),
                15.0,
                logs / "web.log",
                {"PROMETHEUS_MULTIPROC_DIR": str(counts)},
            ),
            Child(
                "worker",
                run(
                    *(*celery, "worker", "--concurrency", _WORKERS, "--loglevel", "INFO"),
                    *("--without-gossip", "--without-mingle", "-O", "fair"),
                ),
                75.0,  # a chunk takes at most a minute
                logs / "worker.log",
            ),
            Child(
                "beat",
                run(*(*celery, "beat", "--pidfile=", "--schedule", str(beat / "schedule"))),
                10.0,
                logs / "beat.log",
            ),
        ]

    def stop_left_over(self) -> None:
        """Ends what a supervisor killed by -9 has left running."""
        for name, noted in read_json(self.layout.state / "children.json").items():
            left = Identity(noted["pid"], noted["started"])
            if left.alive:
                say(f"Stopping the {name} process {left.pid} that an earlier run left behind.")
                stop_group(left, signal.SIGTERM, 10.0)

    def _note_children(self) -> None:
        noted = {c.name: vars(c.who) for c in self.children if c.who}
        write_json(self.layout.state / "children.json", noted)

    # -- life -----------------------------------------------------------------------------------
    def run(self, when_up: Callable[[], None]) -> None:
        """Returns after an orderly stop. `when_up` is called once, when the web server answers."""
        self.stop_left_over()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end)
        begun, up = time.monotonic(), False
        try:
            while not self._ended:
                now = time.monotonic()
                # The pages first: the others only slow their start down.
                self._tend(now, only_web=not up and now - begun < _WEB_ALONE)
                if not up and self._answers() and not self._ended:
                    up = True
                    when_up()
                time.sleep(_TICK)
            say("Stopping …")
        finally:
            for child in self.children:
                child.stop()
            self._note_children()

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._ended = True
        self.note.unlink(missing_ok=True)  # who starts now is to wait, not to be sent here

    def _tend(self, now: float, *, only_web: bool = False) -> None:
        session = self.django.session
        session.wake_keeper()
        if session.settled():
            variables = self.django.variables()
            if self._variables and variables != self._variables:
                say("A server has moved to another port: starting the processes again.")
                for child in self.children:
                    child.stop()
            self._variables = variables
        before = [child.who for child in self.children]
        for child in self.children[:1] if only_web else self.children:
            self._tend_child(child, now)
        if before != [child.who for child in self.children]:
            self._note_children()

    def _tend_child(self, child: Child, now: float) -> None:
        if child.process is not None:
            status = child.process.poll()
            if status is None:
                if child.crashes and now - child.started_at > _STEADY_AFTER:
                    child.crashes = 0
                return
            self._crashed(child, status, now)
        if now >= child.next_try and self._variables and not self._ended:
            child.start(self._variables, now)

    def _crashed(self, child: Child, status: int, now: float) -> None:
        pause = min(_LONGEST_PAUSE, 2.0**child.crashes) if child.crashes else 0.5
        child.crashes += 1
        child.next_try = now + pause
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        say(f"The {child.name} process ended ({how}); starting it again in {pause:g} s. Its log:")
        say(f"    {child.log}" if status < 0 else tail(child.log, 5))
        if child.who:
            stop_group(child.who, signal.SIGKILL, 1.0)
        child.process = child.who = None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=2) as answer:  # noqa: S310
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False
