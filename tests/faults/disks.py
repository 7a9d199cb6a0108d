"""A folder on a disk that is really full: a tmpfs of a few pages where root may mount one,
otherwise a limit on the size of files, which fails the same calls with another number."""

import contextlib
import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOM = 64 * 1024  # bytes


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """`folder` takes ROOM bytes in all as root, in a file as somebody else."""
    folder.mkdir()
    if _mounted(folder):
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, before[1]))
    try:
        yield folder
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def _mounted(folder: Path) -> bool:
    if os.geteuid() != 0:
        return False
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM},mode=0700", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def fill(folder: Path) -> Path:
    """A file that takes what room there is."""
    path = folder / "full"
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    return path
