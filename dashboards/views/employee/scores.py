"""Results: the list, the explanation of one, its acknowledgement."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from assessments import services as assessments
from assessments.models import Scorecard
from assessments.rules.periods import Span, parse
from core.models import User
from core.pages import paged
from dashboards.queries.employee import access, card, scores
from dashboards.queries.employee.access import Sight
from dashboards.queries.employee.answers import answers_of
from organization.services import saw_pay

LINES = 20


def own_sight(request: HttpRequest) -> Sight:
    """The account's own person; 404 for an account that is nobody's."""
    user: User = request.user  # type: ignore[assignment]
    sight = access.own(user)
    if sight is None:
        raise Http404
    return sight


def sight_of(request: HttpRequest, employee_no: str) -> Sight:
    """Somebody whose results the account may see, else 404."""
    user: User = request.user  # type: ignore[assignment]
    sight = access.of(user, employee_no)
    if sight is None:
        raise Http404
    return sight


def span_or_404(key: str) -> Span:
    """A period in which something is or may be assessed."""
    try:
        span = parse(key)
    except ValueError as error:
        raise Http404 from error
    if not card.key_is_known(span):
        raise Http404
    return span


def version_or_404(request: HttpRequest, versions: list[Scorecard]) -> Scorecard:
    """The version `?version=` names, the valid one without it."""
    wanted = request.GET.get("version", "")
    if not wanted:
        return versions[0]
    for one in versions:
        if str(one.version) == wanted:
            return one
    raise Http404


@require_safe
def my_scores(request: HttpRequest) -> HttpResponse:
    """All own results."""
    sight = own_sight(request)
    context = scores.page_of(sight, request.GET.get("kind", ""))
    return render(request, "dashboards/employee/scores.html", context)


@require_safe
def my_score(request: HttpRequest, key: str) -> HttpResponse:
    """Why the own result is what it is."""
    return _explained(request, own_sight(request), key)


@require_safe
def score(request: HttpRequest, employee_no: str, key: str) -> HttpResponse:
    """The same page about somebody else."""
    return _explained(request, sight_of(request, employee_no), key)


def _explained(request: HttpRequest, sight: Sight, key: str) -> HttpResponse:
    context: dict[str, Any] = {"sight": sight, "key": key}
    versions = card.versions_of(sight, key)
    if not versions:
        span = span_or_404(key)
        context |= card.nothing_yet(span)
        return render(request, "dashboards/employee/no_score.html", context)
    shown = version_or_404(request, versions)
    answers = answers_of(shown)
    state = request.GET.get("show", "all")
    context |= card.page_of(sight, versions, shown)
    context |= {
        "answers": answers,
        "shown_answers": state if state in answers.counts else "all",
        "page": paged(request, answers.of(state), LINES),
    }
    name = "dashboards/employee/score.html"
    if request.htmx and request.htmx.target == "responses":  # type: ignore[attr-defined]
        name += "#responses"
    answer = render(request, name, context)
    if context["pay"]:
        saw_pay(sight.user, "score", subject=key, people=[sight.employee.pk])
    return answer


@require_POST
def acknowledge(request: HttpRequest, key: str) -> HttpResponse:
    """Say that the own result has been seen."""
    sight = own_sight(request)
    user: User = request.user  # type: ignore[assignment]
    found = sight.cards().current().filter(period__key=key).select_related("employee").first()
    if found is None:
        raise Http404
    assessments.acknowledge(found, actor=user)
    messages.success(request, _("Thank you. You have said that you have seen the result."))
    return redirect("my_score", key=key)
