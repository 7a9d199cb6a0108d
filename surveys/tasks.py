"""Thin tasks of the survey app: what is due stands in the rows."""

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from core import audit, jobs
from surveys.collection import services
from surveys.privacy import services as privacy
from surveys.services import months


@shared_task(name="surveys.tasks.send_invitations")
def send_invitations() -> None:
    """Send invitations and reminders that are due."""
    services.send_due(timezone.now())


@shared_task(name="surveys.tasks.tidy_drafts")
def tidy_drafts() -> None:
    """Drop drafts nobody goes on with."""
    services.tidy(timezone.now())


@shared_task(name="surveys.tasks.prepare_months")
def prepare_months() -> None:
    """Make the tables that the answers of the coming months need."""
    months.prepare_months(timezone.localdate())


@shared_task(name="surveys.tasks.retain")
def retain() -> None:
    """Start the day's erasure of what has been kept long enough."""
    with audit.via("beat"), transaction.atomic():
        job = privacy.start(timezone.now())
        if job is not None:
            jobs.enqueue(job, copies=1)
