"""The virtual environment of an instance, named after the hash of what it must hold: it is built
once, and a later start neither asks pip nor needs a network. What is installed is what a lock file
(made by ./run lock) names, and pip refuses a file whose hash it does not hold."""

import os
import subprocess
import sys
from pathlib import Path

from instance.files import digest, locked, remove_tree, write_text
from instance.layout import REPOSITORY, Layout
from instance.screen import InstanceError, say, tail

LOCK = "requirements.lock"
_MARK = "complete"


def packages_of(environment: Path) -> Path:
    """The site-packages folder of a virtual environment."""
    found = sorted((environment / "lib").glob("python3.*/site-packages"))
    if not found:
        raise InstanceError(f"{environment} is not a virtual environment.")
    return found[0]


def python_of(environment: Path) -> Path:
    return environment / "bin" / "python"


def virtual_environment(layout: Layout, lock: str = LOCK) -> Path:
    """The environment this lock file describes, built when it is missing or half-built.
    HENGPING_VENV names a ready one that is used as it is."""
    given = os.environ.get("HENGPING_VENV")
    if given:
        return Path(given).absolute()
    texts = [REPOSITORY / name for name in dict.fromkeys((LOCK, lock))]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    key = digest([*texts, version])
    environment = layout.data / f"venv-{key}"
    if not _is_complete(environment):
        with locked(layout.state / "venv.lock", lambda: say("Another process installs packages …")):
            if not _is_complete(environment):
                _build(layout, environment, lock)
    return environment


def _is_complete(environment: Path) -> bool:
    """Whole, and not moved since: the mark holds its place, the interpreter still exists."""
    mark = environment / _MARK
    return (
        mark.exists() and mark.read_text() == str(environment) and python_of(environment).exists()
    )


def _build(layout: Layout, environment: Path, lock: str) -> None:
    remove_tree(environment)
    say(f"Installing the Python packages of {lock} (a minute or two, once) …")
    log = layout.logs / "install.log"
    _run([sys.executable, "-m", "venv", environment], log, "python3-venv may be missing")
    install(environment, REPOSITORY / lock, log)
    write_text(environment / _MARK, str(environment), 0o644)


def forget_older(layout: Layout, *current: Path) -> None:
    """Removes the environments of earlier requirements; only the one supervisor of the instance
    does this, since a running one still uses its own."""
    for pattern in ("venv-*", "npm-*"):
        for old in layout.data.glob(pattern):
            if not any(old == kept or old in kept.parents for kept in current):
                remove_tree(old)


def install(environment: Path, lock: Path, log: Path) -> None:
    """Adds the packages of a lock file to an environment; a changed file is refused."""
    _run(
        [
            *(python_of(environment), "-m", "pip", "install", "--disable-pip-version-check"),
            *("--no-input", "--require-hashes", "-r", lock),
        ],
        log,
        "this needs a package registry",
    )


def _run(command: list[object], log: Path, hint: str) -> None:
    with log.open("ab") as stream:
        done = subprocess.run(  # noqa: S603
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env={k: v for k, v in os.environ.items() if k not in {"PYTHONHOME", "PYTHONPATH"}},
            check=False,
        )
    if done.returncode:
        raise InstanceError(f"Installing failed ({hint}), see {log}:\n{tail(log)}")
