"""What a web process does for every page: loaded before the first request, one policy for all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from core.middleware import Policy

REPOSITORY = Path(__file__).parents[2]
HEADER = "Content-Security-Policy"

_LOOK = """
import gc, sys
import config.wsgi
from django.db import connection
from django.urls import get_resolver
print("surveys.cleaning.services" in sys.modules, get_resolver()._populated, connection.connection)
print(gc.get_freeze_count() > 100_000, gc.isenabled())
"""


def test_everything_is_there_before_the_first_request() -> None:
    """No connection is among it: with --preload two workers would share it."""
    done = subprocess.run(
        [sys.executable, "-c", _LOOK], cwd=REPOSITORY, env={**os.environ, "DEBUG": "false"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "True True None\nTrue True\n", done.stderr


def answered(status: int = 200, own: str = "") -> HttpResponse:
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=status, headers={HEADER: own} if own else None)

    return Policy(view)(RequestFactory().get("/"))


def test_the_policy_is_what_the_package_makes_of_the_settings() -> None:
    theirs = CSPMiddleware(lambda _request: HttpResponse())(RequestFactory().get("/"))
    assert sorted(answered()[HEADER].split("; ")) == sorted(theirs[HEADER].split("; "))


@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_every_answer_has_it(status: int) -> None:
    assert "default-src 'none'" in answered(status)[HEADER]
    assert answered(status, own="sandbox")[HEADER] == "sandbox"


def test_an_error_page_while_developing_keeps_its_style(settings: Any) -> None:
    settings.DEBUG = True
    assert HEADER not in answered(404)
    assert HEADER in answered(200)
