"""A second host: a network namespace of its own where the kernel allows one, which has no way out
but a pair of virtual wires; elsewhere (no root, no `ip`) an address of its own on the loopback."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True)
class Host:
    """`address`: where the first host listens for it; `enter`: what starts a command there."""

    kind: str
    address: str
    enter: tuple[str, ...] = ()

    @property
    def is_apart(self) -> bool:
        """Whether it has a network of its own."""
        return bool(self.enter)


LOOPBACK = Host("an address of its own on the loopback", "127.0.0.2")


@contextmanager
def second_host() -> Iterator[Host]:
    """The host, as long as the block runs."""
    ip = shutil.which("ip")
    name = f"hengping{os.getpid()}"
    if ip is None or not _done(ip, "netns", "add", name):
        yield LOOPBACK
        return
    try:
        yield _wired(ip, name)
    finally:
        _done(ip, "netns", "delete", name)  # and the wires, which end in it


def _wired(ip: str, name: str) -> Host:
    """Lay the wires; the loopback where that is not allowed."""
    number = os.getpid() % 0x4000 * 4  # four addresses each, of those set aside for benchmarks
    here, there = (f"198.18.{number >> 8}.{(number & 255) + end}" for end in (1, 2))
    near, far = (f"hp{os.getpid()}{end}" for end in "ab")
    laid = (
        _done(ip, "link", "add", near, "type", "veth", "peer", "name", far, "netns", name)
        and _done(ip, "address", "add", f"{here}/30", "dev", near)
        and _done(ip, "link", "set", near, "up")
        and _done(ip, "-n", name, "address", "add", f"{there}/30", "dev", far)
        and _done(ip, "-n", name, "link", "set", far, "up")
    )
    if not laid:
        return LOOPBACK
    return Host("a network namespace of its own", here, (ip, "netns", "exec", name))


def _done(*words: str) -> bool:
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


class Road:
    """A way from another host to a server; `passed` counts a word in what goes there."""

    def __init__(self, url: str, address: str, word: bytes = b"") -> None:
        place = urlsplit(url)
        self._target = (place.hostname or "", place.port or 0)
        self._word, self.passed = word, 0
        self._listener = socket.create_server((address, 0))
        name = f"{place.netloc.rpartition('@')[0]}@{address}:{self._listener.getsockname()[1]}"
        self.url = urlunsplit(place._replace(netloc=name))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(self._target)
            for one, other, counted in ((near, far, True), (far, near, False)):
                way = threading.Thread(target=self._carry, args=(one, other, counted), daemon=True)
                way.start()

    def _carry(self, one: socket.socket, other: socket.socket, counted: bool) -> None:
        try:
            while data := one.recv(65_536):
                if counted and self._word:
                    self.passed += data.count(self._word)
                other.sendall(data)
        except OSError:  # the other side is gone
            return
        finally:
            for end in (one, other):
                end.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):  # closed before
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits there
        self._listener.close()
