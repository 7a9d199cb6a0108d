"""Missed deadlines go to the chair. Nothing is ever decided by the clock."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from core.notifications import notify
from core.workdays import Calendar, extend_only
from incentives.models import Appeal
from incentives.services.appeals.steps import log
from organization.models import Role
from organization.queries import users_with


def escalate_overdue(*, now: datetime | None = None) -> int:
    """Tell the management group of every appeal whose deadline has passed; returns how many.

    Once per deadline. A calendar corrected since may have moved a deadline later, never earlier.
    """
    now = now or timezone.now()
    calendar = Calendar.load()
    count = 0
    for key in Appeal.objects.overdue(now).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            appeal = (
                Appeal.objects.select_for_update(skip_locked=True)
                .filter(pk=key, due_at__lte=now, escalated_at__isnull=True)
                .first()
            )
            if appeal is None or appeal.due_from is None or appeal.due_at is None:
                continue
            again = calendar.deadline(appeal.due_from, appeal.due_days or 0)
            appeal.due_at = extend_only(appeal.due_at, again)
            late = appeal.due_at <= now
            appeal.escalated_at = now if late else None
            appeal.save(update_fields=["due_at", "escalated_at"])
            if late:
                count += 1
                log(appeal, "escalated", actor=None, now=now, before=appeal.state)
                chair = users_with(Role.GROUP, over=appeal.employee)
                notify(chair, "appeal.escalated", appeal, no=appeal.appeal_no)
    return count
