"""Periodic work: tell the chair of appeals whose deadline has passed."""

from celery import shared_task

from core import audit
from incentives.services.appeals import escalate_overdue


@shared_task(name="incentives.tasks.escalate_overdue_appeals")
def escalate_overdue_appeals() -> None:
    """Once for each missed deadline, however often it runs; it never decides anything."""
    with audit.via("beat"):
        escalate_overdue()
