"""What both formats share: a file that appears whole or not at all, and the clock on the wall."""

import datetime
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from core.errors import InvalidInput

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVERY = 1000  # rows between two calls of on_progress

OnProgress = Callable[[int], None]


@contextmanager
def to_file(path: str | Path) -> Iterator[IO[bytes]]:
    """A binary file that takes its place under `path` only when it was written to the end; nobody
    but the account that wrote it can read it."""
    target = Path(path)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        # Pay and names: for whoever asked, whatever the umask says.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError as error:
        raise InvalidInput(f"{target}: {error.strerror or error}") from error
    finally:
        draft.unlink(missing_ok=True)


def local(value: datetime.datetime) -> datetime.datetime:
    """Wall-clock time in Shanghai, which is what a reader takes a naive time for."""
    return value.astimezone(SHANGHAI).replace(tzinfo=None) if value.tzinfo else value
