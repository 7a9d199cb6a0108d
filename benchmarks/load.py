"""Customers on loopback: a site under gunicorn, and clients that open a page and send it."""

from __future__ import annotations

import http.client
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlencode

WORKERS, CLIENTS = 2, 8
_HIDDEN = re.compile(r'<input type="hidden"\s+name="(\w+)"\s+value="([^"]*)"')


@contextmanager
def served(application: str, environment: Mapping[str, str]) -> Iterator[int]:
    """The port at which gunicorn serves it with two sync workers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ("-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--workers",
             str(WORKERS), "--no-control-socket", "--log-level", "warning")  # fmt: skip
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, *words], env=dict(environment), stdout=log, stderr=log
        )
        try:
            _wait(process, port, log)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _wait(process: subprocess.Popen[bytes], port: int, log: IO[bytes]) -> None:
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        try:
            _call(port, "GET", "/", {}, "")
        except OSError:
            time.sleep(0.05)
        else:
            return
    log.seek(0)
    raise RuntimeError(log.read().decode(errors="replace")[-2000:])


@dataclass(frozen=True)
class Load:
    """How many answers were sent, in how many seconds, and how long each POST took."""

    answers: int
    wall: float
    posts: Sequence[float]
    page_bytes: int

    @property
    def p95(self) -> float:
        """Seconds within which 95 of 100 POSTs were answered."""
        return statistics.quantiles(self.posts, n=20)[-1]


def answered(port: int, tokens: Sequence[str], fields: Mapping[str, str]) -> Load:
    """Every token's page opened and sent once, by CLIENTS at a time."""

    def one(numbered: tuple[int, str]) -> tuple[float, int]:
        number, token = numbered
        # As a proxy passes a customer's own address on: one address may not send all of them.
        passed = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
        page = _call(port, "GET", f"/s/{token}/", passed, "")
        if page.status != 200:
            raise RuntimeError(f"the page was answered with {page.status}")
        sent = {**dict(_HIDDEN.findall(page.text)), **fields}
        body = urlencode(sent)
        began = time.perf_counter()
        done = _call(port, "POST", f"/s/{token}/", {**passed, "Cookie": page.cookie}, body)
        took = time.perf_counter() - began
        if done.status != 302:
            raise RuntimeError(f"the answer was answered with {done.status}")
        return took, len(page.text.encode())

    return _at_once(tokens, one)


def _at_once(tokens: Sequence[str], one: Callable[[tuple[int, str]], tuple[float, int]]) -> Load:
    with ThreadPoolExecutor(CLIENTS) as pool:
        began = time.perf_counter()
        done = list(pool.map(one, enumerate(tokens)))
        wall = time.perf_counter() - began
    return Load(len(done), wall, [took for took, _size in done], max(size for _took, size in done))


@dataclass(frozen=True)
class _Answer:
    status: int
    text: str
    cookie: str


def _call(port: int, method: str, path: str, headers: Mapping[str, str], body: str) -> _Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    given = {**headers, "Accept-Language": "en"}
    if method == "POST":
        given["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, body, given)
    answer = connection.getresponse()
    text = answer.read().decode()
    cookies = [one.split(";")[0] for one in answer.headers.get_all("Set-Cookie") or []]
    connection.close()
    return _Answer(answer.status, text, "; ".join(cookies))
