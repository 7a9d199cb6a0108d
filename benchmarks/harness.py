"""Measuring: each run in a process of its own, so that its memory is its own; medians, a table."""

from __future__ import annotations

import os
import pickle
import platform
import resource
import statistics
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, connections

MIB = 1024  # ru_maxrss counts in KiB


@dataclass(frozen=True)
class Run:
    """Seconds by the clock and of processor time (without the database's), and the most memory in
    MiB: in all, and beyond what the process had when it began."""

    wall: float
    cpu: float
    peak: float
    grown: float


@dataclass(frozen=True)
class Job:
    """The median of several runs of something done `size` times."""

    name: str
    size: int
    runs: Sequence[Run]

    def _median(self, name: str) -> float:
        return statistics.median(getattr(run, name) for run in self.runs)

    @property
    def wall(self) -> float:
        return self._median("wall")

    @property
    def cpu(self) -> float:
        return self._median("cpu")

    @property
    def grown(self) -> float:
        return self._median("grown")

    @property
    def peak(self) -> float:
        return self._median("peak")


@dataclass(frozen=True)
class Row:
    """A job beside its yardstick. `most`: how many times as long it may take; `memory`: MiB it may
    grow by; `p95`: seconds within which 95 of 100 parts were done, `latest` what these may be;
    `count`: of statements or messages, `most_of_them` how many these may be; None: no bar."""

    job: Job
    yardstick: Job
    most: float | None = None
    memory: float | None = None
    p95: float | None = None
    latest: float | None = None
    count: int | None = None
    most_of_them: int | None = None

    @property
    def ratio(self) -> float:
        return self.job.wall / self.yardstick.wall

    @property
    def met(self) -> str:
        bars = (
            (self.ratio, self.most), (self.job.grown, self.memory), (self.p95, self.latest),
            (self.count, self.most_of_them),
        )  # fmt: skip
        held = [value is not None and value <= most for value, most in bars if most is not None]
        if not held:
            return ""
        return "met" if all(held) else "NOT MET"


def measured(name: str, size: int, work: Callable[[int], Any], *, runs: int) -> Job:
    """`work(0)`, `work(1)`, … each in a fork that ends with it. Raises RuntimeError with what a
    fork said that failed."""
    return Job(name, size, [_forked(work, number) for number in range(runs)])


def _forked(work: Callable[[int], Any], number: int) -> Run:
    connections.close_all()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        said: Run | str
        try:
            said = _timed(work, number)
        except BaseException:  # whatever it was, the parent has to hear of it
            said = traceback.format_exc()
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(said, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        found = pickle.load(pipe)  # noqa: S301 - our own child wrote it
    os.waitpid(child, 0)
    if isinstance(found, str):
        raise RuntimeError(found)
    return found  # type: ignore[no-any-return]


def _timed(work: Callable[[int], Any], number: int) -> Run:
    before, began, used = _resident(), time.perf_counter(), time.process_time()
    work(number)
    wall, cpu = time.perf_counter() - began, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB
    return Run(wall, cpu, peak, max(0.0, peak - before))


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / MIB / 1024


# --- what is printed -----------------------------------------------------------------------------


def machine() -> str:
    """Processor, cores, memory, versions, and how busy it was."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('fsync')")
        server, fsync = cursor.fetchone()
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    python = platform.python_version()
    return (
        f"{model}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB; Python"
        f" {python}, PostgreSQL {server} (fsync {fsync}); load at the start {load}"
    )


HEAD = (
    "| Job | size | wall s | CPU s | yardstick | wall s | ratio | bar | grown MiB | bar | p95 ms |"
    " bar | count | bar | |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
)


def line(row: Row) -> str:
    """The row as a line of a table in Markdown."""
    job, bare = row.job, row.yardstick
    here = bool(job.peak)  # done by other processes, neither is known
    cpu, grown = (f"{job.cpu:.2f}", f"{job.grown:.0f}") if here else ("", "")
    cells = (
        job.name, f"{job.size:,}", f"{job.wall:.2f}", cpu, bare.name,
        f"{bare.wall:.2f}", f"{row.ratio:.2f}", _bar(row.most, "{:.2f}"), grown,
        _bar(row.memory, "{:.0f}"), "" if row.p95 is None else f"{1000 * row.p95:.0f}",
        _bar(None if row.latest is None else 1000 * row.latest, "{:.0f}"),
        "" if row.count is None else str(row.count), _bar(row.most_of_them, "{:.0f}"), row.met,
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _bar(value: float | None, shape: str) -> str:
    return "" if value is None else "≤ " + shape.format(value)


def show(rows: Iterable[Row]) -> int:
    """Print the rows as they come; the number of bars that were missed."""
    missed = 0
    sys.stdout.write("\n".join(HEAD) + "\n")
    for row in rows:
        sys.stdout.write(line(row) + "\n")
        sys.stdout.flush()
        missed += row.met == "NOT MET"
    return missed
