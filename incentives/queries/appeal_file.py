"""Everything the panel's page of one appeal shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from core.models import User
from core.permissions import Denied
from core.workdays import Calendar
from incentives import permissions
from incentives.models import Appeal
from incentives.queries import appeal_pages as pages
from incentives.queries.appeals import Bars
from organization.queries import users_with

State = Appeal.State


def panel(appeal: Appeal, bars: Bars) -> list[tuple[User, str]]:
    """Everybody of the two groups, with what keeps them out of judging ("": nothing)."""
    people = users_with(*permissions.PANEL, over=appeal.employee).select_related("employee")
    return [(user, bars.reason_for_others(user, appeal)) for user in people]


def shown(appeal: Appeal, user: User, *, now: datetime) -> dict[str, Any]:
    """The context of the page; `user` decides which verbs are open and whether pay is shown."""
    bars = Bars([appeal])
    events = pages.events_of(appeal)
    runs = list(appeal.dry_runs.order_by("number"))
    run = runs[-1] if runs else None
    claims = pages.claims_of(appeal, runs)
    with_pay = bool(permissions.may_see_pay_of(user, appeal.employee))
    handle = permissions.may_handle_appeal(user, appeal)
    judge = handle
    if not isinstance(handle, Denied) and (reason := bars.reason(user, appeal)):
        judge = Denied(reason)
    ticked = {row["id"] for row in (*run.excluded, *run.included)} if run else None
    return {
        "appeal": appeal,
        "badge": pages.badge_of(appeal),
        "due": pages.due_of(appeal, timezone.localdate(now), Calendar.load()),
        "steps": pages.steps_of(appeal, events),
        "events": [(event, pages.event_label(event)) for event in reversed(events)],
        "claims": claims,
        "ticked": _ticked(appeal, ticked),
        "run": run,
        "lines": pages.lines_of(run, with_pay=with_pay) if run else [],
        "knock_on": pages.knock_on_of(run) if run else [],
        "said": pages.said_of(run, claims, with_pay=with_pay) if run else None,
        "files": list(appeal.files.defer("content").select_related("added_by__employee")),
        "panel": panel(appeal, bars),
        "with_pay": with_pay,
        "may_handle": handle,
        "may_judge": judge,
    }


def _ticked(appeal: Appeal, moved: set[int] | None) -> set[int]:
    """Ids of the claims whose response the last dry run moved; all of them before there is one."""
    return {
        claim.pk for claim in appeal.claims.all() if moved is None or claim.response_id in moved
    }
