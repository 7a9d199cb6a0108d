"""Who looked at what customers wrote, and who took figures along: kept in the audit trail."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from core import audit
from core.models import User
from organization.models import Department


@transaction.atomic
def record_comments_read(*, actor: User, period: str, responses: Iterable[int]) -> None:
    """The answers whose comments stood on the page; nothing where there was none."""
    listed = sorted(responses)
    if listed:
        with audit.via("web"):
            audit.record(actor, "comments.read", None, period=period, responses=listed)


@transaction.atomic
def record_export(department: Department, *, actor: User, period: str, kind: str) -> None:
    """A department's figures left the house as a file."""
    with audit.via("web"):
        audit.record(actor, "dashboard.exported", department, period=period, format=kind)
