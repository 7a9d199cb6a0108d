"""Health checks without any process beside the web server."""

from typing import Any

import pytest
from django.test import Client


def test_healthz_asks_nobody(client: Client) -> None:
    answer = client.get("/healthz", secure=True)
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


def test_health_checks_answer_without_https(client: Client) -> None:
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_checks_are_read_only(client: Client, path: str) -> None:
    assert client.post(path, secure=True).status_code == 405


@pytest.mark.django_db
def test_a_broker_that_is_away_is_named(client: Client, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz", secure=True)
    assert answer.status_code == 503
    assert answer.json()["checks"]["broker"] == "down"
