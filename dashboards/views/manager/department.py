"""The figures of a department."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from core.models import User
from core.permissions import require
from dashboards.exports.department import FORMATS, department_file
from dashboards.permissions.manager import (
    DASHBOARDS,
    departments_open_to,
    may_export_dashboard,
    may_open_dashboards,
    may_read_comments,
)
from dashboards.queries.manager import words
from dashboards.queries.manager.department import DepartmentPage, department_page
from dashboards.queries.manager.spans import Picker, picker
from dashboards.services.reading import record_export
from organization.models import Department
from surveys.queries.rollups import months_with_answers


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """To the department the account heads, or the root; several: which one."""
    user = _user(request)
    require(may_open_dashboards(user))
    seen = list(departments_open_to(user, DASHBOARDS))
    keys = {one.pk for one in seen}
    roots = [one for one in seen if one.parent_id not in keys and one.is_active]
    if len(roots) == 1:
        return redirect("department", code=roots[0].code)
    return render(request, "dashboards/manager/choose.html", {"departments": roots})


@require_safe
def department(request: HttpRequest, code: str) -> HttpResponse:
    """Satisfaction of a month, quarter or year, and where the differences lie."""
    user = _user(request)
    chosen, seen, months = _open(request, code)
    if months is None:
        context = {"department": chosen, "above": [], "say": ""}
        return render(request, "dashboards/manager/empty.html", context)
    page = department_page(chosen, seen, months, user)
    context = {
        "page": page,
        "department": chosen,
        "say": words.say(page),
        "trend": words.trend_chart(page),
        "compared": words.parts_chart(page),
        "spread": words.spread_chart(page),
        "heat_rows": [
            (part, words.heat_cells(cells)) for part, cells in (page.heat.rows if page.heat else ())
        ],
        "dimension_names": [words.dimension_name(page, code) for code in _codes(page)],
        "staff": any(person.n for person in page.people) or not page.parts,
        "may_export": may_export_dashboard(user, chosen),
        "may_read_comments": may_read_comments(user),
        "formats": list(FORMATS),
    }
    return render(request, "dashboards/manager/department.html", context)


@require_safe
def export(request: HttpRequest, code: str) -> HttpResponse:
    """What the page shows as a file; `?format=csv` or `xlsx`."""
    user = _user(request)
    chosen, seen, months = _open(request, code)
    require(may_export_dashboard(user, chosen))
    kind = request.GET.get("format", "csv")
    if months is None:
        raise Http404
    made = department_file(department_page(chosen, seen, months, user), kind)
    record_export(chosen, actor=user, period=months.span.key, kind=kind)
    name = f"{chosen.code}-{months.span.key}.{kind}"
    return HttpResponse(
        made,
        content_type=FORMATS[kind],
        headers={"Content-Disposition": content_disposition_header(True, name) or "attachment"},
    )


def _open(request: HttpRequest, code: str) -> tuple[Department, list[Department], Picker | None]:
    """The department, all that is open to the account, and the period (None: no answers yet)."""
    user = _user(request)
    seen = list(departments_open_to(user, DASHBOARDS))
    if not seen:
        require(may_open_dashboards(user))
    chosen = next((one for one in seen if one.code == code), None)
    if chosen is None:
        raise Http404
    inside = [one.pk for one in seen if one.path.startswith(chosen.path)]
    months = months_with_answers(inside)
    wanted = request.GET.get("period", "")
    found = picker(months, wanted, timezone.localdate())
    if found is None and months:
        raise Http404
    return chosen, seen, found


def _codes(page: DepartmentPage) -> list[str]:
    return list(page.heat.dimensions) if page.heat else []


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]
