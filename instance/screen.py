"""Words for the person at the terminal. Everything goes to standard error, so that the standard
output of `./run manage COMMAND` belongs to the command alone."""

import sys
from pathlib import Path


class InstanceError(Exception):
    """Something is missing or in the way; the text says what, and what to do."""


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log file, indented, for an error message."""
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return "    (no log)"
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
