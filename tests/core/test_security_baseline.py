"""The settings a production server runs with: Django's own checks, headers, cookies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from core.models import User

REPOSITORY = Path(__file__).resolve().parent.parent.parent
PRODUCTION = {
    **{"HTTPS": "true", "DEBUG": "false", "DEMO_MODE": "false"},
    **{"ALLOWED_HOSTS": "hengping.example.com", "SECRET_KEY": "kR3-" * 16 + "9pZwQ_x"},
}


def _manage(*words: str, **own: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=REPOSITORY, env={**os.environ, **PRODUCTION, **own},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_deployment_checks_find_nothing_in_the_production_profile() -> None:
    done = _manage("check", "--deploy", "--fail-level", "WARNING")
    assert (done.returncode, done.stdout) == (
        0,
        "System check identified no issues (0 silenced).\n",
    )


def test_cookies_and_hsts_of_the_production_profile() -> None:
    names = (
        *("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY"),
        *("SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS"),
        *("SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_SAMESITE", "DEBUG"),
    )
    code = f"from django.conf import settings as s; print([getattr(s, n) for n in {names!r}])"
    done = _manage("shell", "--no-imports", "-c", code)
    assert done.stdout.strip() == str(
        [True, True, True, True, 31_536_000, True, "Lax", "Lax", False]
    )


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL"])
def test_no_secret_has_a_default(name: str) -> None:
    environment = {**os.environ, **PRODUCTION}
    del environment[name]
    done = subprocess.run(
        [sys.executable, "-c", "import config.wsgi"],
        cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"The environment variable {name} is required." in done.stderr


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/login/", "/", "/nothing-here/", "/privacy/"])
def test_every_page_has_the_headers(client: Client, employee: User, path: str) -> None:
    if path == "/":
        client.force_login(employee)
    headers = client.get(path).headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.django_db
def test_what_somebody_logged_in_sees_is_kept_by_no_cache(client: Client, employee: User) -> None:
    client.force_login(employee)
    for path in ("/", "/notices/", "/nothing-here/"):
        assert client.get(path)["Cache-Control"] == "private, no-store"
