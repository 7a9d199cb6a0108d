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
from incentives.queries import settings as queries
from organization.permissions import may_set_pay
from organization.services import saw_pay, set_pay_profile


@require_safe
def pay_settings(request: HttpRequest) -> HttpResponse:
    """Pay profiles by search, and the other parameters of pay."""
    require(may_set_pay(_user(request)))
    number = request.GET.get("employee", "")
    form = NewProfile(initial={"employee": number, "starts_on": timezone.localdate()})
    return _show(request, form)


@require_POST
def new_profile(request: HttpRequest) -> HttpResponse:
    """A pay profile from a day on."""
    user = _user(request)
    require(may_set_pay(user))
    form = NewProfile(request.POST)
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
    return {
        "form": form,
        "asked": search,
        "page": paged(request, queries.profiles(search, today)),
        "rules": list(queries.wage_rules()),
        "components": queries.components(),
        "items": queries.pay_items(today),
        "today": today,
    }


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]
