"""The people an account may see, with their last results."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.models import User
from core.pages import paged
from core.permissions import require
from dashboards.permissions.manager import DASHBOARDS, departments_open_to, may_open_dashboards
from dashboards.queries.manager import people as queries
from organization.models import Employee, Position


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """List with filters, search and order."""
    user: User = request.user  # type: ignore[assignment]
    require(may_open_dashboards(user))
    departments = list(departments_open_to(user, DASHBOARDS))
    periods = queries.periods_with_results()
    asked = {name: request.GET.get(name, "").strip() for name in _FILTERS}
    period = next((one for one in periods if one.key == asked["period"]), None)
    if period is None and periods:
        period = next((one for one in periods if one.kind == "month"), periods[0])
    department = next((one for one in departments if one.code == asked["department"]), None)
    rows = queries.people(
        user,
        period,
        today=timezone.localdate(),
        department=department,
        position=asked["position"],
        search=asked["q"],
        sort=asked["sort"] or "name",
    )
    page = paged(request, rows)
    context = {
        "page": page,
        "rows": [_row(user, one, period.key if period else "") for one in page],
        "asked": asked | {"period": period.key if period else "", "sort": asked["sort"] or "name"},
        "filtered": any(asked[name] for name in ("q", "department", "position")),
        "period": period,
        "periods": periods,
        "departments": departments,
        "positions": Position.objects.filter(placements__department__in=departments).distinct(),
    }
    return render(request, "dashboards/manager/people.html", context)


_FILTERS = ("q", "department", "position", "period", "sort")


def _row(user: User, person: Employee, key: str) -> dict[str, Any]:
    closed = queries.is_closed(user, person)
    return {
        "person": person,
        "closed": closed,
        "url": "" if closed or not person.has_card else _score_url(person, key),  # type: ignore[attr-defined]
        "state": "" if closed else queries.state_label(person),
    }


def _score_url(person: Employee, key: str) -> str:
    try:
        return reverse("score", args=[person.employee_no, key])
    except NoReverseMatch:
        return ""
