"""/metrics: who may read it, and that the figures are those of the database and the requests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from core import audit, metrics
from core.models import Heartbeat, Job, Notification, User

TOKEN = "a-token-of-monitors"


@pytest.fixture(autouse=True)
def _token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def _read(client: Client, token: str = TOKEN) -> Any:
    return client.get("/metrics", headers={"authorization": f"Bearer {token}"})


def _figures(client: Client) -> dict[tuple[str, ...], float]:
    """(name, label values in the order of their names) -> value."""
    answer = _read(client)
    assert answer.status_code == 200
    return {
        (sample.name, *(value for _name, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer other"}, {"authorization": ""}])
def test_without_the_token_there_is_no_such_page(client: Client, headers: Any) -> None:
    assert client.get("/metrics", headers=headers).status_code == 404


@pytest.mark.django_db
def test_without_a_setting_no_token_opens_it(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    assert _read(client, "").status_code == 404


@pytest.mark.django_db
def test_it_is_read_only(client: Client) -> None:
    answer = client.post("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 405


@pytest.mark.django_db
def test_the_state_of_the_work_is_that_of_the_database(client: Client, employee: User) -> None:
    now = timezone.now()
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": now - timedelta(seconds=90)})
    for status in ("pending", "failed", "failed", "done"):
        job = Job.objects.create(kind="demo", status=status)
        Job.objects.filter(pk=job.pk).update(created_at=now - timedelta(hours=1))
    Notification.objects.create(user=employee, verb="x", mail_due=True)
    audit.seal(everything=True)
    found = _figures(client)
    assert found["hengping_up", "database"] == 1
    assert 90 <= found["hengping_heartbeat_age_seconds", "beat"] < 120
    assert found["hengping_jobs", "demo", "pending"] == 1
    assert found["hengping_jobs", "demo", "failed"] == 2
    assert ("hengping_jobs", "demo", "done") not in found
    assert 3600 <= found["hengping_job_oldest_seconds", "demo"] < 3700
    assert found[("hengping_mail_due",)] == 1
    assert found[("hengping_appeals_overdue",)] == 0
    assert found[("hengping_answers_in_review",)] == 0


@pytest.mark.django_db
def test_a_broker_that_is_away_is_said_and_the_rest_answers(client: Client, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    found = _figures(client)
    assert found["hengping_up", "broker"] == 0
    assert found["hengping_up", "database"] == 1
    assert ("hengping_queue_messages",) not in found


@pytest.mark.django_db
def test_requests_are_counted_by_name_never_by_address(client: Client) -> None:
    secret = "s" * 43
    before = _figures(client).get(("hengping_request_seconds_count", "GET", "answer", "404"), 0)
    client.get(f"/s/{secret}/")
    client.generic("PURGE", "/healthz")
    text = _read(client).content.decode()
    after = _figures(client)
    assert after["hengping_request_seconds_count", "GET", "answer", "404"] == before + 1
    assert after["hengping_request_seconds_count", "other", "healthz", "405"] >= 1
    assert secret not in text
    assert "PURGE" not in text


@pytest.mark.django_db
def test_a_clock_of_an_app_is_asked_at_every_reading(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "_clocks", {})
    waiting = iter((3, 4))
    metrics.clock("things", "Things that wait.", lambda: next(waiting))
    assert [_figures(client)[("hengping_things",)] for _turn in range(2)] == [3, 4]
