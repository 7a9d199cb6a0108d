"""Thin Celery tasks. Each may be delivered twice, late, or never: the rows know what is due."""

import logging
from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.signals import (
    beat_embedded_init,
    beat_init,
    before_task_publish,
    task_prerun,
    worker_ready,
)
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from core import audit, jobs, logs, notifications, workdays
from core.models import StoredAnswer

logger = logging.getLogger(__name__)


@shared_task(name="core.tasks.run_job")
def run_job(job_id: int) -> None:
    """Work on a job until nothing is left for this worker, or its time is up for now."""
    with audit.via("system"), logs.working_on(job_id):
        jobs.run(job_id, seconds=jobs.SLICE)


@shared_task(name="core.tasks.recover_jobs")
def recover_jobs() -> None:
    """Ring again for jobs whose worker died or whose message was lost."""
    for job_id in jobs.recover():
        logger.info("Job %s is picked up again", job_id)


@shared_task(name="core.tasks.heartbeat")
def heartbeat() -> None:
    """Show that messages go from beat through the broker to a worker."""
    jobs.beat_heart("worker")


@shared_task(name="core.tasks.seal_audit")
def seal_audit() -> None:
    """Chain the audit rows of finished transactions and keep the day's head outside."""
    audit.seal()
    audit.write_head()


@shared_task(name="core.tasks.send_pending_mail")
def send_pending_mail() -> None:
    """Send the e-mails of notices that are due."""
    notifications.send_pending()


@shared_task(name="core.tasks.tidy")
def tidy() -> None:
    """Once a day: the calendar reaches into next year, kept API answers are dropped in time."""
    from core.api import KEPT_DAYS

    workdays.ensure_calendar()
    old = timezone.now() - timedelta(days=KEPT_DAYS)
    StoredAnswer.objects.filter(created_at__lt=old).delete()


# --- heartbeats --------------------------------------------------------------------------------

_in_beat = False


@beat_init.connect
@beat_embedded_init.connect
def _note_beat(**_signal: Any) -> None:
    global _in_beat
    _in_beat = True
    _write("beat")


@before_task_publish.connect
def _beat_is_alive(sender: str | None = None, **_signal: Any) -> None:
    """Beat writes its own heartbeat when it sends the message, however long the queue is."""
    if _in_beat and sender == "core.tasks.heartbeat":
        _write("beat")


@worker_ready.connect
@task_prerun.connect
def _worker_is_alive(**_signal: Any) -> None:
    _write("worker")


def _write(name: str) -> None:
    try:
        close_old_connections()
        jobs.beat_heart(name)
    except DatabaseError as error:
        # A database that is away must not end beat: it will be back.
        logger.warning("No heartbeat of %s: %s", name, error)
