"""Who looked at what customers wrote, and who took figures along: kept in the audit trail."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from core import audit
from core.models import User
from organization.models import Department
from organization.services import saw_comments


@transaction.atomic
def record_comments_read(
    *, actor: User, period: str, department: str, responses: Iterable[int]
) -> None:
    """The answers whose comments stood on the page, and in the access log the department asked
    for; nothing where there was none."""
    listed = sorted(responses)
    if listed:
        with audit.via("web"):
            audit.record(actor, "comments.read", None, period=period, responses=listed)
        saw_comments(actor, "comments", subject=department)


@transaction.atomic
def record_export(department: Department, *, actor: User, period: str, kind: str) -> None:
    """A department's figures left the house as a file."""
    with audit.via("web"):
        audit.record(actor, "dashboard.exported", department, period=period, format=kind)
