"""Periodic work: score the periods that have ended."""

from celery import shared_task
from django.utils import timezone

from assessments.services.due import start_due
from core import jobs


@shared_task(name="assessments.tasks.start_due_periods")
def start_due_periods() -> None:
    """Begin due periods and ring for workers. Safe to run twice at once, and after any pause."""
    for each in start_due(timezone.now()):
        if each.job is not None:
            jobs.enqueue(each.job, copies=2)
