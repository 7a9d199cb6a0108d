"""Proposed awards and performance pay: the list, one proposal, and its decisions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core.models import User
from core.pages import onward, paged
from core.permissions import require
from core.templatetags.ui import money, period_name
from incentives import permissions
from incentives.forms.decisions import ApproveForm, AwardForm
from incentives.models import Proposal
from incentives.queries import proposal_file
from incentives.queries import proposal_pages as queries
from incentives.services.decisions import decide_award, decide_incentives
from incentives.services.looking import saw_proposal
from incentives.services.proposals import propose_incentives


def _user(request: HttpRequest) -> User:
    user: User = request.user  # type: ignore[assignment]
    return user


@require_safe
def proposals(request: HttpRequest) -> HttpResponse:
    """Proposals by period, and the periods still without one."""
    user = _user(request)
    require(permissions.may_see_proposals(user))
    context = {
        "page": paged(request, queries.proposals(), 15),
        "without": queries.periods_without(),
        "may_propose": permissions.may_propose(user),
        "with_pay": permissions.may_see_payroll(user),
    }
    return render(request, "incentives/proposals.html", context)


def _proposal(request: HttpRequest, key: str) -> Proposal:
    require(permissions.may_see_proposals(_user(request)))
    found = queries.proposals([key]).first()
    if found is None:
        raise Http404
    return found


@require_safe
def proposal(request: HttpRequest, key: str) -> HttpResponse:
    """Awards with their full reasoning, pay before and after, and the decision."""
    found = _proposal(request, key)
    code = request.GET.get("award", "")
    if code in found.summary["awards"]:
        return _award_page(request, found, code)
    return _show(request, found)


def _show(request: HttpRequest, found: Proposal, status: int = 200, **forms: Any) -> HttpResponse:
    search = request.GET.get("q", "").strip()
    context = {**proposal_file.shown(found, _user(request)), "search": search, **forms}
    if context["with_pay"] and found.summary["performance_pay"]:
        page = paged(request, proposal_file.payments(found, search))
        context |= {"page": page, "lines": proposal_file.pay_lines(list(page), found)}
    answer = render(request, "incentives/proposal.html", context, status=status)
    saw_proposal(_user(request), context, context.get("lines", ()))
    return answer


def _award_page(request: HttpRequest, found: Proposal, code: str) -> HttpResponse:
    """Everybody considered for one award."""
    user, search = _user(request), request.GET.get("q", "").strip()
    page = paged(request, queries.everybody(found, code, user, search))
    spec = next(row for row in found.policy_version.spec["awards"] if row["code"] == code)
    context = {
        "proposal": found,
        "spec": spec,
        "page": page,
        "rows": queries.lines_of(page, found, user),
        "search": search,
    }
    return render(request, "incentives/award.html", context)


@require_POST
def propose(request: HttpRequest, key: str) -> HttpResponse:
    """Work out what a released period pays; equal inputs give the proposal that is there."""
    found, new = propose_incentives(key, actor=_user(request))
    if new:
        text = _("%(no)s is proposed; nothing is paid before the decision.") % {"no": found.no}
    else:
        text = _("Nothing has changed since %(no)s was proposed.") % {"no": found.no}
    messages.success(request, text)
    return redirect("proposal", key)


@require_POST
def decide(request: HttpRequest, key: str) -> HttpResponse:
    """Approve every reserved award and every payment, confirming the hash the page showed."""
    found = _proposal(request, key)
    require(permissions.may_decide(_user(request)))
    form = ApproveForm(request.POST)
    if not form.is_valid():
        return _show(request, found, 422, form=form)
    done = decide_incentives(key, actor=_user(request), confirm=form.cleaned_data["confirm"])
    text = _("%(period)s: %(awards)s awards and %(payments)s payments approved, CNY %(total)s.")
    messages.success(
        request,
        text
        % {
            "period": period_name(key),
            "awards": done.awards,
            "payments": done.payments,
            "total": money(done.total),
        },
    )
    if done.left_own:
        words = ngettext(
            "%(count)d row of your own waits for another decider.",
            "%(count)d rows of your own wait for another decider.",
            done.left_own,
        )
        messages.warning(request, words % {"count": done.left_own})
    return onward(request, "proposal", key)


@require_POST
def award(request: HttpRequest, key: str) -> HttpResponse:
    """Decide one award with a reason: a held place, one its pool could not pay, or a refusal."""
    found = _proposal(request, key)
    require(permissions.may_decide(_user(request)))
    form = AwardForm(request.POST)
    if not form.is_valid():
        return _show(request, found, 422, award_form=form, failed=request.POST.get("award", ""))
    data = form.cleaned_data
    done = decide_award(
        data["award"],
        actor=_user(request),
        approve=data["verb"] == "approve",
        reason=data["reason"],
    )
    words = _("%(award)s is approved.") if data["verb"] == "approve" else _("%(award)s is refused.")
    messages.success(request, words % {"award": done.no})
    return onward(request, "proposal", key)
