"""What pay is worked out from, for HR: pay profiles, wage rules, parts of the wage, pay items."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import InvalidInput
from core.models import User
from core.pages import paged
from core.permissions import require
from incentives.forms.pay import NewProfile
from incentives.permissions import may_run_payroll
from incentives.queries import settings as queries
from organization.models import Role
from organization.permissions import may_open_pay_settings
from organization.queries import people_held
from organization.services import saw_pay, set_pay_profile


@require_safe
def pay_settings(request: HttpRequest) -> HttpResponse:
    """Pay profiles by search, and the other parameters of pay."""
    require(may_open_pay_settings(_user(request)))
    number = request.GET.get("employee", "")
    initial = {"employee": number, "starts_on": timezone.localdate()}
    form = NewProfile(people_held(_user(request), Role.HR), initial=initial)
    return _show(request, form)


@require_POST
def new_profile(request: HttpRequest) -> HttpResponse:
    """A pay profile from a day on."""
    user = _user(request)
    require(may_open_pay_settings(user))
    form = NewProfile(people_held(user, Role.HR), request.POST)
    if form.is_valid():
        try:
            row = set_pay_profile(**form.cleaned_data, actor=user)
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request,
                _("Pay of %(who)s holds from %(day)s.")
                % {"who": row.employee.employee_no, "day": row.starts_on},
            )
            return redirect("employee_file", row.employee.employee_no)
    return _show(request, form, 422)


def _show(request: HttpRequest, form: NewProfile, status: int = 200) -> HttpResponse:
    context = _context(request, form)
    answer = render(request, "incentives/payroll/settings.html", context, status=status)
    people = {row.employee_id for row in context["page"]}
    saw_pay(_user(request), "pay_settings", people=people)
    return answer


def _context(request: HttpRequest, form: NewProfile) -> dict[str, Any]:
    today = timezone.localdate()
    search = request.GET.get("q", "").strip()
    people = people_held(_user(request), Role.HR)
    return {
        "form": form,
        "asked": search,
        "page": paged(request, queries.profiles(search, today, people)),
        "rules": list(queries.wage_rules()),
        "components": queries.components(people),
        "items": queries.pay_items(today),
        "imports": bool(may_run_payroll(_user(request))),
        "today": today,
    }


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]
