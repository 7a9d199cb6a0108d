"""What is kept no longer than needed: drafts that nobody goes on with, counters of posts."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from surveys.models import AnswerDraft, AnswerRate

RATE_HOURS = 24


def tidy(now: datetime) -> int:
    """Delete drafts whose time is over or whose link was answered or revoked, and old counters;
    returns how many drafts went."""
    AnswerRate.objects.filter(since__lt=now - timedelta(hours=RATE_HOURS)).delete()
    over = Q(invitation__used_at__isnull=False) | Q(invitation__revoked_at__isnull=False)
    old = Q(updated_at__lt=now - timedelta(days=settings.RETENTION_DRAFT_DAYS))
    return AnswerDraft.objects.filter(over | old).delete()[0]
