"""Thin tasks of the survey app: what is due stands in the rows."""

from celery import shared_task
from django.utils import timezone

from surveys.collection import services


@shared_task(name="surveys.tasks.send_invitations")
def send_invitations() -> None:
    """Send invitations and reminders that are due."""
    services.send_due(timezone.now())


@shared_task(name="surveys.tasks.tidy_drafts")
def tidy_drafts() -> None:
    """Drop drafts nobody goes on with."""
    services.tidy(timezone.now())
