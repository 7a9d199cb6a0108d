"""The words of ./run and ./test on the command line."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from instance import keeper, node_env, python_env
from instance.checks import run_checks
from instance.demo import Demo
from instance.django import Django
from instance.files import Claim, read_json, write_json
from instance.layout import REPOSITORY, Layout, data_folder
from instance.locking import write_locks
from instance.processes import wait_until
from instance.screen import InstanceError, say
from instance.session import Session
from instance.supervisor import Supervisor

_USAGE = """\
./run [--port N] [--no-demo]    start Hengping here and print its address; Ctrl-C stops it
./run manage COMMAND …          run a management command (./run manage help lists them)
./run benchmark [NAME …]        measure the speed on a database of its own (benchmarks/README.md)
./run lock                      make the lock files anew (CONTRIBUTING.md)
./run urls                      print the addresses of the instance's servers, passwords included

The instance lives in .data, or where HENGPING_DATA says. DATABASE_URL (with DATABASE_OWNER_URL
for migrations, when the application's role owns no tables) and REDIS_URL replace the embedded
servers."""


def main(words: list[str]) -> int:
    signal.signal(signal.SIGTERM, _as_exit)
    try:
        if words[:1] == ["keep"]:
            return keeper.keep(Layout.open(Path(words[1])), Path(words[2]))
        if words[:1] == ["test"]:
            return run_checks(words[1:])
        if words[1:2] == ["manage"]:
            return _manage(words[2:])
        if words[1:2] == ["benchmark"]:
            return _benchmark(words[2:])
        if words[1:2] == ["lock"]:
            write_locks(Layout.open(data_folder()))
            return 0
        return _run(words[1:])
    except InstanceError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 130


def _as_exit(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _run(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./run", usage=_USAGE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", nargs="?", choices=["urls"], help=argparse.SUPPRESS)
    parser.add_argument("--port", type=_port, metavar="N", help="of the web server (default 8000)")
    parser.add_argument("--no-demo", action="store_true", help="without the demo company")
    options = parser.parse_args(words)
    layout = Layout.open(data_folder())
    if options.action == "urls":
        return _with_django(layout, "urls", _print_urls)
    claim = Claim(layout.state / "run.lock")
    note = layout.state / "run.json"
    # The note goes before the lock does: held without a note means that a run is just stopping.
    wait_until(lambda: claim.take() or "pid" in read_json(note), 180.0)
    if not claim.held:
        running = read_json(note)
        say(f"This instance already runs: {running.get('address', 'it is just starting')}")
        say(f"It is process {running.get('pid', '?')}; its data is in {layout.data}.")
        return 0
    write_json(note, {"pid": os.getpid()})
    return _with_django(layout, "run", lambda django: _serve(django, options))


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def _with_django(layout: Layout, purpose: str, action: Callable[[Django], int]) -> int:
    """Everything `action` needs: packages, servers."""
    environment = python_env.virtual_environment(layout)
    modules = node_env.node_modules(layout, environment)
    with Session(layout, python_env.packages_of(environment), purpose).open() as session:
        return action(Django(session, environment, modules))


def _print_urls(django: Django) -> int:
    for name, url in django.session.urls().items():
        sys.stdout.write(f"{name}={url}\n")
    sys.stdout.flush()
    if not Claim(django.layout.state / "run.lock").is_held():
        say(
            "Nothing else uses the instance now: its embedded servers stop again with this command."
        )
    return 0


# -- ./run ------------------------------------------------------------


def _serve(django: Django, options: argparse.Namespace) -> int:
    supervisor = Supervisor(django, options.port)
    # What others may have done to a database from outside since the last start, nobody knows.
    django.prepare(always="postgres" not in django.session.needs)
    demo = Demo(django)
    demo.offer(wanted=not options.no_demo)
    layout = django.layout
    layout.remember(port=supervisor.port)
    python_env.forget_older(layout, django.environment, django.node_modules)

    def announce() -> None:
        write_json(supervisor.note, {"pid": os.getpid(), "address": supervisor.address})
        accounts = demo.accounts()
        text = f"\nHengping is ready: {supervisor.address}\n{accounts}Stop it with Ctrl-C.\n"
        sys.stdout.write(text)
        sys.stdout.flush()

    try:
        supervisor.run(announce)
    finally:
        supervisor.note.unlink(missing_ok=True)
    return 0


# -- ./run manage ------------------------------------------------------------


def _manage(words: list[str]) -> int:
    layout = Layout.open(data_folder())

    def command(django: Django) -> int:
        django.prepare()
        return _run_command(django, words or ["help"])

    return _with_django(layout, " ".join(["manage", *words[:1]]), command)


def _benchmark(words: list[str]) -> int:
    """As the owner: it makes a database of its own, and drops it. Its pages need static files."""

    def measure(django: Django) -> int:
        django.prepare()
        return subprocess.run(  # noqa: S603
            django.command("-m", "benchmarks", *words),
            cwd=REPOSITORY,
            env=django.variables(owner=True),
            check=False,
        ).returncode

    return _with_django(Layout.open(data_folder()), "benchmark", measure)


def _run_command(django: Django, words: list[str]) -> int:
    """The command, with our own standard input, output and terminal; its exit status."""
    child = subprocess.Popen(  # noqa: S603
        django.manage(*words), cwd=os.getcwd(), env=django.variables_for(words)
    )
    django.session.register(child.pid)

    def forward(number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGINT or not _terminal_tells_both():
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, forward)
    while True:
        if wait_until(lambda: child.poll() is not None, 1.0, 0.02):
            break
        django.session.wake_keeper()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the servers are to stop in peace
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _terminal_tells_both() -> bool:
    """Whether Ctrl-C reaches the command by itself, being in the terminal's own group."""
    try:
        return os.tcgetpgrp(sys.stderr.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False
