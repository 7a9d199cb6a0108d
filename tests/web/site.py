"""The demo company as a running site: its own database, gunicorn, a Celery worker, a browser.

Tests of this folder talk to it as people do, over HTTP; what they look up in its database they
read with `site.sql`. It is seeded once a test run, so a test leaves it as the next one needs it, or
works on objects that no other test uses.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.conf import settings
from django.db import connection
from psycopg2 import sql as identifiers

from dashboards.services.demo.accounts import PASSWORD

REPOSITORY = Path(__file__).resolve().parent.parent.parent
READY_SECONDS = 60

# One account a role, as on the login page; None: nobody is logged in.
CAST: dict[str, str | None] = {
    "anonymous": None,
    "group": "E0001",
    "assessment": "E0113",
    "hr": "E0114",
    "admin": "E0120",
    "analyst": "E0118",
    "executor": "E0102",
    "supervision": "E0116",
    "handler": "E0092",
    "manager": "E0037",  # of the shop S03
    "employee": "E0014",  # of the shop S01
    "other_employee": "E0081",  # of the shop S06
}


class Site:
    """The running demo company; `url` is its address."""

    def __init__(self, name: str, folder: Path) -> None:
        base = settings.DATABASES["default"]
        self._database = f"demo_{name}"
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self.owner = urlunsplit(
            urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + self._database)
        )
        self._maintenance = {
            key.lower(): base[key] for key in ("HOST", "PORT", "USER", "PASSWORD") if base[key]
        }
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"

    # -- life -----------------------------------------------------------------------------------

    def open(self) -> None:
        """Make the database, seed it, start the processes; returns when the site answers."""
        self._administer("DROP DATABASE IF EXISTS {}", "CREATE DATABASE {} TEMPLATE {}")
        self.manage("collect_assets")
        self.manage("migrate", "--verbosity", "0")
        self.manage("seed_demo")
        self._start("web", "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{self._port}",
                    "--workers", "2", "--no-control-socket")  # fmt: skip
        self._start("worker", "-m", "celery", "-A", "config", "worker", "--concurrency", "1",
                    "--loglevel", "WARNING")  # fmt: skip
        self._wait()

    def close(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            process.wait(timeout=30)
        self._administer("DROP DATABASE IF EXISTS {} WITH (FORCE)")

    def manage(self, *words: str) -> str:
        """Run a command of manage.py on the site's database; its output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=REPOSITORY, env=self._environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        return done.stdout

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a SELECT on the site's database."""
        connection = psycopg2.connect(self.owner)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall()
        finally:
            connection.close()

    def _administer(self, *statements: str) -> None:
        connection = psycopg2.connect(dbname="postgres", **self._maintenance)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    names = map(identifiers.Identifier, (self._database, _template()))
                    cursor.execute(identifiers.SQL(statement).format(*names))
        finally:
            connection.close()

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.owner,
            "DEMO_MODE": "true",
            "HTTPS": "false",
            "BROKER_KEY_PREFIX": f"{self._database}:",
            "STATIC_ROOT": str(self._folder / "static"),
            "MEDIA_ROOT": str(self._folder / "media"),
            "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
        }

    def _start(self, name: str, *words: str) -> None:
        with (self._folder / f"{name}.log").open("ab") as log:
            self._processes.append(
                subprocess.Popen(
                    [sys.executable, *words],
                    cwd=REPOSITORY,
                    env=self._environment(),
                    stdout=log,
                    stderr=log,
                )
            )

    def _wait(self) -> None:
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(self.url + "/healthz", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise AssertionError((self._folder / "web.log").read_text()[-4000:])


def _template() -> str:
    """With the tables in it where ./test runs the tests."""
    return str(connection.settings_dict["TEST"]["TEMPLATE"])


def log_in(page: Any, site: Site, role: str) -> None:
    """Log a page of the browser in as the account of the role, or of that name."""
    name = CAST.get(role, role)
    if name is None:
        return
    page.goto(site.url + "/login/")
    page.fill("#id_login", name)
    page.fill("#id_password", PASSWORD)
    page.click("form button[type=submit].pri")
    page.wait_for_url(site.url + "/")
