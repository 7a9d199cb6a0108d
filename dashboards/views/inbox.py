"""The inbox of decisions: a list, and the thing to decide beside it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assessments.models import Period
from assessments.queries import periods as periods
from assessments.queries.steps import decision, state_of
from core.models import User
from core.permissions import Denied, require
from dashboards.queries import inbox as queries
from incentives.models import Appeal, PayrollBatch
from incentives.queries import appeal_file, proposal_file, proposal_pages
from incentives.queries.appeal_pages import LOADED
from incentives.services.looking import saw_appeal, saw_proposal
from organization.models import Role
from organization.queries import roles_of


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for me, what waits for others, what I decided."""
    user: User = request.user  # type: ignore[assignment]
    roles = roles_of(user)
    if not roles & {Role.ASSESSMENT, Role.GROUP}:
        require(Denied(_("The inbox is for the assessment and the management group.")))
    now = timezone.now()
    tab = request.GET.get("tab", "")
    everything = queries.entries(user, roles, now=now)
    mine = [one for one in everything if not one.blocked]
    others = [one for one in everything if one.blocked]
    context: dict[str, Any] = {
        "tab": tab if tab in ("others", "decided") else "",
        "mine": len(mine),
        "others": len(others),
        "today_count": sum(1 for one in mine if one.due and one.due.left <= 1),
    }
    if tab == "decided":
        context["decided"] = queries.decided_by(user)
        return render(request, "dashboards/inbox_decided.html", context)
    shown = others if tab == "others" else mine
    wanted = request.GET.get("item", "")
    chosen = next((one for one in shown if one.ref == wanted), None)
    # Decided meanwhile: the list stays; on a phone it is what one sees.
    entry = chosen or (shown[0] if shown else None)
    context |= {
        "heads": queries.grouped(shown, timezone.localdate(now)),
        "entry": entry,
        "list_only": chosen is None,
        "gone": bool(wanted) and chosen is None,
    }
    if entry is not None:
        context |= _item(entry, user, now)
    answer = render(request, "dashboards/inbox.html", context)
    if entry is not None:
        _note(entry, user, context)
    return answer


def _note(entry: queries.Entry, user: User, context: dict[str, Any]) -> None:
    """Whose pay stood beside the list, for the access log, as from the thing's own page."""
    if entry.kind == queries.APPEAL:
        saw_appeal(user, context)
    elif entry.kind == queries.PROPOSAL:
        saw_proposal(user, context)


def _item(entry: queries.Entry, user: User, now: Any) -> dict[str, Any]:
    """The context of the thing on the right, as its own page has it."""
    if entry.kind == queries.PERIOD:
        period = periods.with_people(Period.objects.filter(key=entry.key)).get()
        return {**state_of(period), "deciding": decision(period, user)}
    if entry.kind == queries.APPEAL:
        appeal = Appeal.objects.select_related(*LOADED).get(appeal_no=entry.key)
        return appeal_file.shown(appeal, user, now=now)
    if entry.kind == queries.PROPOSAL:
        proposal = proposal_pages.proposals([entry.key]).first()
        if proposal is None:
            raise Http404
        return proposal_file.shown(proposal, user)
    batches = PayrollBatch.objects.select_related("built_by__employee")
    return {"batch": batches.get(batch_no=entry.key)}
