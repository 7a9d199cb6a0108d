"""Accounts: search, create, give and end roles, help people back in."""

from __future__ import annotations

from typing import Any

from allauth.core.internal import ratelimit
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import audit
from core.errors import InvalidInput
from core.models import User
from core.pages import paged
from core.permissions import require
from dashboards.forms.administration import AccountFilter, AccountForm, GrantForm, ReasonForm
from dashboards.queries.administration import audit as trail
from dashboards.queries.administration import users as queries
from organization.models import Employee, RoleAssignment
from organization.permissions import duties_in_conflict, may_administer, may_manage_account
from organization.services import (
    create_user,
    deactivate_user,
    end_role,
    end_sessions,
    grant_role,
    reactivate_user,
    reset_second_factor,
    send_password_link,
)


def actor_of(request: HttpRequest) -> User:
    """The administrator who asks; anybody else is refused."""
    user: User = request.user  # type: ignore[assignment]
    require(may_administer(user))
    return user


@require_safe
def users(request: HttpRequest) -> HttpResponse:
    """The accounts a search finds."""
    actor_of(request)
    form = AccountFilter(request.GET, states=queries.state_choices())
    form.is_valid()
    wanted = {key: str(form.data.get(key, "")).strip() for key in ("q", "role", "state")}
    page = paged(request, queries.found(wanted["q"], wanted["role"], wanted["state"]))
    context = {
        "form": form,
        "page": page,
        "locked": queries.locked(request, [user.username for user in page]),
        "summary": queries.summary(),
    }
    return render(request, "dashboards/administration/users.html", context)


@require_safe
def user(request: HttpRequest, username: str) -> HttpResponse:
    """One account."""
    actor_of(request)
    return _page(request, _account(username))


def _account(username: str) -> User:
    return get_object_or_404(User, username=username)


def _page(
    request: HttpRequest,
    account: User,
    status: int = 200,
    grant: GrantForm | None = None,
    reason: ReasonForm | None = None,
    wrong: str = "",
) -> HttpResponse:
    """`wrong` names the action whose form came back."""
    seen = queries.account(request, account)
    context = {
        "account": seen,
        "entries": trail.readable(seen.history),
        "grant": grant or GrantForm(),
        "reason": ReasonForm(),
        "returned": reason,
        "wrong": wrong,
    }
    return render(request, "dashboards/administration/user.html", context, status=status)


@require_POST
def give_role(request: HttpRequest, username: str) -> HttpResponse:
    """Give a role; roles that should not meet in one person are warned about."""
    actor, account = actor_of(request), _account(username)
    form = GrantForm(request.POST)
    if not form.is_valid():
        return _page(request, account, 422, grant=form)
    role, department = form.cleaned_data["role"], form.cleaned_data["department"]
    try:
        grant_role(account, role, actor=actor, department=department)
    except InvalidInput as error:
        form.add_error(None, str(error))
        return _page(request, account, 422, grant=form)
    messages.success(request, _("The role is given."))
    for sentence in duties_in_conflict(row.assignment.role for row in _held(request, account)):
        messages.warning(request, sentence)
    return redirect("user", username)


def _held(request: HttpRequest, account: User) -> list[queries.Held]:
    return queries.account(request, account).held


@require_POST
def take_role(request: HttpRequest, username: str, pk: int) -> HttpResponse:
    """End a role."""
    actor = actor_of(request)
    assignment = get_object_or_404(RoleAssignment, pk=pk, user__username=username)
    end_role(assignment, actor=actor)
    messages.success(request, _("The role is ended."))
    return redirect("user", username)


@require_POST
def close(request: HttpRequest, username: str) -> HttpResponse:
    """Close the account."""
    return _with_reason(request, username, "close")


@require_POST
def reset_factor(request: HttpRequest, username: str) -> HttpResponse:
    """Remove the second factor."""
    return _with_reason(request, username, "factor")


def _with_reason(request: HttpRequest, username: str, action: str) -> HttpResponse:
    actor, account = actor_of(request), _account(username)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, account, 422, reason=form, wrong=action)
    reason = form.cleaned_data["reason"]
    try:
        if action == "close":
            deactivate_user(account, reason=reason, actor=actor)
        else:
            reset_second_factor(account, reason=reason, actor=actor)
    except InvalidInput as error:
        form.add_error("reason", str(error))
        return _page(request, account, 422, reason=form, wrong=action)
    done = {
        "close": _("The account is closed and logged out everywhere."),
        "factor": _("The second factor is removed; the account is logged out everywhere."),
    }
    messages.success(request, done[action])
    return redirect("user", username)


@require_POST
def reopen(request: HttpRequest, username: str) -> HttpResponse:
    """Open a closed account again."""
    actor = actor_of(request)
    reactivate_user(_account(username), actor=actor)
    messages.success(request, _("The account is open again."))
    return redirect("user", username)


@require_POST
def log_out(request: HttpRequest, username: str) -> HttpResponse:
    """End all sessions of the account."""
    actor = actor_of(request)
    end_sessions(_account(username), actor=actor)
    if actor.username == username:
        return redirect("account_login")
    messages.success(request, _("The account is logged out everywhere."))
    return redirect("user", username)


@require_POST
def password_link(request: HttpRequest, username: str) -> HttpResponse:
    """Mail a link to set the password."""
    actor, account = actor_of(request), _account(username)
    try:
        send_password_link(account, actor=actor, root=request.build_absolute_uri("/"))
    except InvalidInput as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The link is on its way to %(to)s.") % {"to": account.email})
    return redirect("user", username)


@require_POST
def unlock(request: HttpRequest, username: str) -> HttpResponse:
    """Forget the failed logins of the account."""
    actor, account = actor_of(request), _account(username)
    require(may_manage_account(actor, account))
    with transaction.atomic():
        audit.record(actor, "user.unlocked", account)
        key = queries.login_key(request, username)
        ratelimit.clear(request, app="allauth.account", action="login_failed", key=key)
    messages.success(request, _("The account can log in again."))
    return redirect("user", username)


@require_http_methods(["GET", "HEAD", "POST"])
def user_new(request: HttpRequest) -> HttpResponse:
    """Create an account: find the employee, choose roles, send the link."""
    actor = actor_of(request)
    number = request.POST.get("employee") or request.GET.get("employee") or ""
    employee = Employee.objects.filter(employee_no=number, user=None).first() if number else None
    words = request.GET.get("q", "").strip()
    context: dict[str, Any] = {"employee": employee, "words": words, "number": number}
    if employee is None:
        context["found"] = queries.without_account(words) if words else []
        return render(request, "dashboards/administration/user_new.html", context)
    form = AccountForm(request.POST or None, initial={"username": employee.employee_no})
    context["form"] = form
    if request.method == "POST" and form.is_valid():
        try:
            account = _create(request, actor, employee, form)
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            return redirect("user", account.username)
    status = 422 if request.method == "POST" else 200
    return render(request, "dashboards/administration/user_new.html", context, status=status)


@transaction.atomic
def _create(request: HttpRequest, actor: User, employee: Employee, form: AccountForm) -> User:
    """The account and its first link: both or none."""
    roles = form.cleaned_data["roles"]
    account = create_user(
        form.cleaned_data["username"],
        roles=roles,
        actor=actor,
        employee_no=employee.employee_no,
    )
    if account.email:
        send_password_link(account, actor=actor, root=request.build_absolute_uri("/"))
        messages.success(
            request,
            _("The account is made; a link to set the password went to %(to)s.")
            % {"to": account.email},
        )
    else:
        messages.warning(
            request,
            _("The account is made, but there is no e-mail address to send a link to."),
        )
    for sentence in duties_in_conflict(roles):
        messages.warning(request, sentence)
    return account
