"""Employee files for HR and the management group."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.models import User
from core.pages import paged
from core.permissions import require
from dashboards.queries import files as queries
from organization.models import Department
from organization.permissions import PAY_SEEN_BY, may_open_files, may_set_pay
from organization.queries import departments_held, people_held
from organization.services import saw_pay


@require_safe
def employees(request: HttpRequest) -> HttpResponse:
    """Everybody the role reaches, by search, department, and whether they still work here."""
    require(may_open_files(_user(request)))
    search = request.GET.get("q", "").strip()
    state = request.GET.get("state", "active")
    state = state if state in queries.STATES else "active"
    code = request.GET.get("department", "")
    department = Department.objects.filter(code=code).first() if code else None
    people = people_held(_user(request), *PAY_SEEN_BY)
    rows = queries.employees(people, search, department, state, timezone.localdate())
    context = {
        "page": paged(request, rows),
        "asked": {"q": search, "state": state, "department": code},
        "departments": queries.departments(departments_held(_user(request), *PAY_SEEN_BY)),
    }
    return render(request, "dashboards/files/employees.html", context)


@require_safe
def employee_file(request: HttpRequest, employee_no: str) -> HttpResponse:
    """One person: placements, pay, results, awards, appeals, attendance; to be printed."""
    user = _user(request)
    require(may_open_files(user))
    employee = get_object_or_404(people_held(user, *PAY_SEEN_BY), employee_no=employee_no)
    today = timezone.localdate()
    context = {
        "employee": employee,
        "left": employee.left_on is not None and employee.left_on < today,
        "sets_pay": may_set_pay(user, employee),
        "today": today,
        **queries.file_of(employee, today=today),
    }
    answer = render(request, "dashboards/files/file.html", context)
    saw_pay(user, "employee_file", people=[employee.pk])
    return answer


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]
