"""The worker and beat as real processes: what /readyz tells, and that kill -9 leaves no harm."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.health import SILENCE
from core.models import Heartbeat
from core.tasks import heartbeat
from tests.conftest_worker import eventually

pytestmark = pytest.mark.worker


def test_a_worker_answers_again_after_kill_9(worker: Any) -> None:
    worker.start()
    worker.kill()
    Heartbeat.objects.all().delete()
    worker.start()
    heartbeat.delay()
    eventually(lambda: Heartbeat.objects.filter(name="worker").exists())


def test_readyz_is_200_only_while_worker_and_beat_give_signs(
    worker: Any, beat: Any, client: Client
) -> None:
    def answer() -> tuple[int, dict[str, str]]:
        got = client.get("/readyz", secure=True)
        return got.status_code, got.json()["checks"]

    well = {"database": "ok", "broker": "ok"}
    assert answer() == (503, {**well, "worker": "never", "beat": "never"})
    worker.start()
    beat.start()
    eventually(lambda: answer() == (200, {**well, "worker": "ok", "beat": "ok"}))
    Heartbeat.objects.filter(name="beat").update(at=timezone.now() - SILENCE - timedelta(seconds=1))
    assert answer() == (503, {**well, "worker": "ok", "beat": "silent"})
