"""Technical nouns shared by all apps; no domain words here."""

from core.models.accounts import User
from core.models.api import ApiClient, StoredAnswer
from core.models.audit import AuditEntry, AuditSalt, AuditSeal
from core.models.calendar import CalendarDay, WorkingHours
from core.models.jobs import Heartbeat, Job, JobChunk
from core.models.notifications import Notification

__all__ = [
    "ApiClient",
    "AuditEntry",
    "AuditSalt",
    "AuditSeal",
    "CalendarDay",
    "Heartbeat",
    "Job",
    "JobChunk",
    "Notification",
    "StoredAnswer",
    "User",
    "WorkingHours",
]
