"""./test: every check of the sources, then pytest, on servers of its own."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from instance import node_env, python_env
from instance.django import Django
from instance.layout import REPOSITORY, Layout, data_folder
from instance.screen import InstanceError, say
from instance.session import Session

# The headless shell is Chromium without a desktop's window: the same engine for less than half of
# the processor. A `chromium` on the PATH does as well.
_BROWSERS = ("chromium-headless-shell", "chromium")
_SYSTEM_PACKAGES = (
    _BROWSERS[0],
    "fonts-noto-cjk",
    "libpango-1.0-0",
    "libpangoft2-1.0-0",
    "libharfbuzz-subset0",
    "nginx",
)
_INSTALL = f"apt-get install -y --no-install-recommends {' '.join(_SYSTEM_PACKAGES)}"
# What to say when it fails, and the words after `python`; the longest first.
_SOURCES = {
    "mypy": ("-m", "mypy", "."),
    "ruff check": ("-m", "ruff", "check", "."),
    "ruff format": ("-m", "ruff", "format", "--check", "."),
    "djlint": ("-m", "djlint", "--check", "--quiet", "templates"),
    # The package has no __main__, and scripts of an environment break where its path has a space.
    "lint-imports": ("-c", "from importlinter.cli import lint_imports_command as run; run()"),
    "makemigrations": ("manage.py", "makemigrations", "--check", "--dry-run"),
}
_PROCESSORS = 2
_PYTEST = ("-n", str(_PROCESSORS), "--dist", "loadscope")


def run_checks(words: list[str]) -> int:
    """Exit status 0 when everything passed. With arguments: only pytest with them."""
    layout = Layout.open(data_folder("test"))
    layout.remember(careless=True)
    missing = _missing()
    with ThreadPoolExecutor(1) as beside:  # most of both is waiting for a network
        packages = beside.submit(_install, missing)
        environment = python_env.virtual_environment(layout, "requirements-dev.lock")
        modules = node_env.node_modules(layout, environment, dev=True)
        packages.result()
    os.environ.setdefault("STATIC_COMPRESSED", "false")  # seconds of work that no test looks at
    with Session(layout, python_env.packages_of(environment), "test").open() as session:
        django = Django(session, environment, modules)
        django.prepare()
        variables = {**_variables(django), "HENGPING_VENV": str(environment)}
        run = _runner(environment, variables)
        if words:
            return run(("-m", "pytest", *words))
        failed = _check_sources(run)
        status = run(("-m", "pytest", *_PYTEST))  # last, so that its summary closes the output
    return status or (1 if failed else 0)


def _check_sources(run: Callable[..., int]) -> list[str]:
    """Every check of the sources, one to a processor; the names of those that failed."""
    with ThreadPoolExecutor(_PROCESSORS) as lanes:
        statuses = lanes.map(lambda words: run(words, at_once=True), _SOURCES.values())
        failed = [name for name, status in zip(_SOURCES, statuses, strict=True) if status]
    for name in failed:
        say(f"FAILED: {name}")
    return failed


def _runner(environment: Path, variables: dict[str, str]) -> Callable[..., int]:
    def run(words: Sequence[str], *, at_once: bool = False) -> int:
        """Its exit status. `at_once`: what it says is shown when it ends, in one piece."""
        shown = f"\n$ python {shlex.join(words)}"
        if not at_once:
            say(shown)
        done = subprocess.run(  # noqa: S603
            [str(python_env.python_of(environment)), *words],
            cwd=REPOSITORY,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if at_once else None,
            stderr=subprocess.STDOUT if at_once else None,
            text=True,
            check=False,
        )
        if at_once:
            say(f"{shown}\n{done.stdout}".rstrip())
        return done.returncode

    return run


def _variables(django: Django) -> dict[str, str]:
    """Tests create databases and look behind the triggers, so they connect as the owner. The
    database of this folder has its tables and no rows: theirs are copied from it."""
    variables = django.variables(owner=True)
    # Tests start the application some two hundred times; compiled each time, that takes a minute.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    if "postgres" in django.session.needs:
        variables["TEMPLATE_DATABASE"] = urlsplit(variables["DATABASE_URL"]).path.lstrip("/")
    return variables


def _install(missing: list[str]) -> None:
    if not missing:
        return
    say(f"Installing {', '.join(missing)} …")
    for words in (["apt-get", "update"], shlex.split(_INSTALL)):
        done = subprocess.run(  # noqa: S603
            words,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode and words[1] == "install":
            raise InstanceError(f"{_INSTALL} failed:\n{done.stderr[-2000:]}")


def _missing() -> list[str]:
    """Packages to install, of the browser, what PDF reports draw with and the proxy of production:
    by root, others are asked to. A browser counts by being on the PATH, whoever brought it; the
    others are looked up only where dpkg knows what is installed."""
    missing = [] if any(map(shutil.which, _BROWSERS)) else [_BROWSERS[0]]
    query = shutil.which("dpkg-query")
    for package in _SYSTEM_PACKAGES[1:] if query else ():
        shown = subprocess.run(  # noqa: S603
            [str(query), "-W", "-f", "${Status}", package],
            capture_output=True,
            text=True,
            check=False,
        )
        if "ok installed" not in shown.stdout:
            missing.append(package)
    if missing and (os.geteuid() != 0 or not shutil.which("apt-get")):
        raise InstanceError(
            f"Missing: {', '.join(missing)}. Install them first, as root:\n{_INSTALL}"
        )
    return missing
