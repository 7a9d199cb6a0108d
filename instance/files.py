"""Small files that several processes share: atomic writes, locks, hashes."""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def read_json(path: Path) -> dict[str, Any]:
    """The stored object; an absent or half-written file is an empty one."""
    try:
        stored = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return stored if isinstance(stored, dict) else {}


def write_text(path: Path, text: str, mode: int = 0o600) -> None:
    """Replaces the file in one step: a reader sees the old text or the new one."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        os.fchmod(handle, mode)
        with os.fdopen(handle, "w") as stream:
            stream.write(text)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_json(path: Path, value: dict[str, Any]) -> None:
    write_text(path, json.dumps(value, indent=1, sort_keys=True) + "\n")


@contextmanager
def locked(path: Path, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Holds the file's lock. The kernel frees it when its holder dies, however it dies, so a lock
    file that is left over means nothing."""
    with path.open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if on_wait:
                on_wait()
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


class Claim:
    """A lock held for as long as a process lives: one supervisor, one keeper per instance."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: Any = None

    @property
    def held(self) -> bool:
        """Whether we hold it."""
        return self._stream is not None

    def take(self) -> bool:
        """True when nobody else holds it (and now we do)."""
        stream = self._path.open("a")
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.close()
            return False
        self._stream = stream
        return True

    def release(self) -> None:
        if self._stream:
            self._stream.close()
            self._stream = None

    def is_held(self) -> bool:
        """Whether some process holds it."""
        if self.take():
            self.release()
            return False
        return True


def digest(parts: Iterable[Path | str]) -> str:
    """SHA-256 over texts and the names and contents of files, as 16 hexadecimal digits."""
    total = hashlib.sha256()
    for part in parts:
        data = part.name.encode() + b"\0" + part.read_bytes() if isinstance(part, Path) else part
        total.update(hashlib.sha256(data if isinstance(data, bytes) else data.encode()).digest())
    return total.hexdigest()[:16]


def trim_log(path: Path, limit: int = 10_000_000) -> None:
    """Keeps one older log of at most `limit` bytes beside the current one."""
    if path.exists() and path.stat().st_size > limit:
        os.replace(path, path.with_suffix(".1.log"))


def remove_tree(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
