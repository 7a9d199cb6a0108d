"""Processes told apart by number AND start time, so that a recycled number fools nobody."""

import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Identity:
    pid: int
    started: str

    @property
    def alive(self) -> bool:
        return identity(self.pid) == self


def identity(pid: int) -> Identity | None:
    """The process that has this number now; None when there is none (or only its zombie)."""
    if (_PROC / "self" / "stat").exists():
        return _linux_identity(pid)
    shown = _ps(pid, "stat=,lstart=")
    if not shown or shown.startswith("Z"):
        return None
    return Identity(pid, " ".join(shown.split()[1:]))


def _linux_identity(pid: int) -> Identity | None:
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    if fields[0] in {"Z", "X"}:
        return None
    return Identity(pid, f"{boot}/{fields[19]}")


def command_line(pid: int) -> str:
    """The command line the process was started with; empty when it is gone."""
    try:
        return (
            (_PROC / str(pid) / "cmdline")
            .read_bytes()
            .replace(b"\0", b" ")
            .decode("utf-8", "replace")
        )
    except (FileNotFoundError, ProcessLookupError):
        return "" if (_PROC / "self").exists() else _ps(pid, "command=")


def _ps(pid: int, columns: str) -> str:
    found = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", columns, "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return found.stdout.strip()


def wait_until(condition: Callable[[], bool], seconds: float, every: float = 0.05) -> bool:
    """Polls until the condition holds; False when the time is over."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(every)
    return True


def stop(target: Identity, polite: int = signal.SIGTERM, patience: float = 20.0) -> None:
    """Asks the process to end, insists after `patience` seconds."""
    for number, seconds in ((polite, patience), (signal.SIGKILL, 5.0)):
        if not target.alive:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(target.pid, number)
        wait_until(lambda: not target.alive, seconds)


def stop_group(target: Identity, polite: int = signal.SIGTERM, patience: float = 20.0) -> None:
    """Stops a process started by `spawn(group=True)`, then whatever is left of its group."""
    stop(target, polite, patience)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(target.pid, signal.SIGKILL)


def die_with_parent() -> None:
    """In a new child: have the kernel send SIGTERM when the supervisor dies, even by kill -9.
    Linux only; elsewhere the next start stops what was left (supervisor.py)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def port_is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port(remembered: int | None) -> int:
    """The remembered port while it is free, else a free one below the range from which the system
    takes the ports of outgoing connections."""
    if remembered and port_is_free(remembered):
        return remembered
    for _attempt in range(200):
        port = random.randint(20_000, 31_999)  # noqa: S311  not a secret
        if port_is_free(port):
            return port
    raise OSError("no free port between 20000 and 31999")
