"""Policies: what they say, what they would have paid, and putting one in force."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import InvalidInput
from core.models import User
from core.permissions import require
from incentives import permissions
from incentives.forms.decisions import ActivateForm, SimulateForm
from incentives.models import PolicyVersion
from incentives.queries import policy_pages as queries
from incentives.queries.unrecorded import unrecorded_words
from incentives.services.policies import activate_policy
from incentives.services.simulations import simulate_policy


def _user(request: HttpRequest) -> User:
    user: User = request.user  # type: ignore[assignment]
    return user


@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    """Versions by policy; drafts for who prepares them."""
    rows = [
        {"version": version, "badge": queries.badge_of(version)}
        for version in queries.visible_to(_user(request))
    ]
    return render(request, "incentives/policies.html", {"rows": rows})


def _version(request: HttpRequest, code: str) -> tuple[PolicyVersion, list[PolicyVersion]]:
    """The version `?version=` names, else the newest one the account may see."""
    versions = list(queries.visible_to(_user(request)).filter(policy__code=code))
    wanted = request.GET.get("version", "")
    live = [one for one in versions if one.status != PolicyVersion.Status.RETIRED]
    found = next((one for one in versions if str(one.number) == wanted), None)
    if found is None and not wanted and versions:
        found = (live or versions)[0]
    if found is None:
        raise Http404
    return found, versions


@require_safe
def policy(request: HttpRequest, code: str) -> HttpResponse:
    """The content in sections; for the group also simulations and the activation."""
    return _show(request, code)


def _show(request: HttpRequest, code: str, status: int = 200, **forms: Any) -> HttpResponse:
    user = _user(request)
    version, versions = _version(request, code)
    newest = not versions or version == versions[0]
    context = {
        "version": version,
        "versions": versions,
        "badge": queries.badge_of(version),
        **queries.shown(version),
        "sees_drafts": permissions.may_see_drafts(user),
        "may_simulate": permissions.may_propose(user),
        "may_activate": permissions.may_activate_policy(user),
        "with_pay": permissions.may_see_payroll(user),
        "newest": newest,
    }
    if context["sees_drafts"]:
        simulations = queries.simulations(version)
        context |= {
            "simulations": simulations,
            "unrecorded": unrecorded_words(version.spec),
            "simulate_form": SimulateForm(keys=queries.periods_to_try()),
            "activate_form": _activate_form(version, user, None),
        }
    return render(request, "incentives/policy.html", {**context, **forms}, status=status)


def _activate_form(version: PolicyVersion, user: User, data: Any) -> ActivateForm:
    known = [
        (str(one.pk), f"#{one.pk} · {', '.join(one.periods)}")
        for one in queries.simulations(version)
    ]
    return ActivateForm(
        data,
        required=version.spec["activation"]["required"],
        simulations=known,
        account=user.get_username(),
    )


@require_POST
def simulate(request: HttpRequest, code: str) -> HttpResponse:
    """Work the newest version out on past periods; pays and changes nothing."""
    require(permissions.may_propose(_user(request)))
    _version(request, code)
    form = SimulateForm(request.POST, keys=queries.periods_to_try())
    if not form.is_valid():
        return _show(request, code, 422, simulate_form=form)
    done = simulate_policy(code, form.cleaned_data["periods"], actor=_user(request))
    messages.success(request, _("Simulation %(id)s is kept.") % {"id": done.pk})
    return redirect(f"{reverse('policy', args=[code])}#simulations")


@require_POST
def activate(request: HttpRequest, code: str) -> HttpResponse:
    """Put the newest draft in force, with the evidence the policy asks for."""
    user = _user(request)
    require(permissions.may_activate_policy(user))
    version, _versions = _version(request, code)
    form = _activate_form(version, user, request.POST)
    if not form.is_valid():
        return _show(request, code, 422, activate_form=form)
    try:
        done = activate_policy(code, form.evidence(), actor=user)
    except InvalidInput as error:
        form.add_error(None, str(error))
        return _show(request, code, 422, activate_form=form)
    text = _("%(policy)s is in force for periods that begin on %(date)s or later.")
    messages.success(request, text % {"policy": done, "date": done.effective_from})
    return redirect("policy", code)
