"""./run lock: the *.lock files, made from the requirements files and constraints.txt.

A lock holds every package to be installed with the hashes of all files published of that version,
so that one lock serves every Python and machine, and pip refuses a file that is another one."""

import os
import re
import subprocess
from pathlib import Path

from instance.files import write_text
from instance.layout import REPOSITORY, Layout
from instance.python_env import LOCK, packages_of, virtual_environment
from instance.screen import InstanceError, say

# The product's own comes first: the others need not repeat what stands in it.
NAMES = ("requirements", "requirements-dev", "requirements-node", "requirements-uv")
_INCLUDE = f"-r {LOCK}\n"
_HEAD = "# Made by ./run lock: change {source} or constraints.txt, not this file.\n"
# Building from sources would run code, and build tools, that no hash covers.
_WHEELS = "--only-binary :all:\n"
_FLAGS = (
    *("--universal", "--python-version", "3.11", "--generate-hashes", "--only-binary", ":all:"),
    *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
    # What the tests name themselves, the product may only bring along: the same version then.
    *("--constraints", "constraints.txt", "--constraints", "requirements-dev.txt"),
    *("--no-cache", "--quiet"),
)
_NAME = re.compile(r"([\w.\-]+)(?:\[[\w,.\-]*\])?==(\S+)")


def pins(text: str) -> dict[str, str]:
    """Name → version of the lines `name==version` of a requirements, constraints or lock file."""
    found = (_NAME.match(line) for line in text.splitlines())
    return {plain(pin[1]): pin[2] for pin in found if pin}


def plain(name: str) -> str:
    """The one spelling of a package's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def write_locks(layout: Layout) -> None:
    """Makes the lock files anew. What nobody pinned is refused, with the lines to add, so that the
    same inputs always give the same versions."""
    uv = packages_of(virtual_environment(layout, "requirements-uv.lock")).parents[2] / "bin" / "uv"
    blocks = {name: _compile(uv, f"{name}.txt") for name in NAMES}
    sources = [REPOSITORY / f"{name}.txt" for name in (*NAMES, "constraints")]
    pinned: dict[str, str] = {}
    for source in sources:
        pinned |= pins(source.read_text(encoding="utf-8"))
    resolved = pins("\n".join(block for found in blocks.values() for block in found))
    loose = [f"{name}=={pin}" for name, pin in resolved.items() if pinned.get(name) != pin]
    if loose:
        raise InstanceError("\n".join(["Add to constraints.txt, then ./run lock again:", *loose]))
    own = blocks[NAMES[0]]
    for name, found in blocks.items():
        source = REPOSITORY / f"{name}.txt"
        nested = name != NAMES[0] and "-r requirements.txt" in source.read_text(encoding="utf-8")
        kept = [block for block in found if block not in own] if nested else found
        head = _HEAD.format(source=source.name) + (_INCLUDE if nested else _WHEELS)
        write_text(REPOSITORY / f"{name}.lock", head + "".join(kept), 0o644)
        say(f"{name}.lock: {len(kept)} packages")


def _compile(uv: Path, source: str) -> list[str]:
    """One block of lines a package: its pin and marker, then its hashes, sorted."""
    done = subprocess.run(  # noqa: S603
        [uv, "pip", "compile", *_FLAGS, source],
        cwd=REPOSITORY,
        env={k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise InstanceError(f"{source} cannot be locked:\n{done.stderr[-2000:]}")
    return re.findall(r"^\S.*\n(?:    .+\n)*", done.stdout, re.MULTILINE)
