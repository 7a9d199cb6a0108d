"""The board of periods, and one period with its evidence and its steps."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from assessments import permissions, services
from assessments.forms import ConfirmForm, ScoreForm, SendBackForm
from assessments.models import Period
from assessments.queries import periods as queries
from assessments.queries.steps import decision, state_of
from core import jobs
from core.errors import InvalidInput
from core.models import User
from core.pages import onward, paged
from core.permissions import require
from core.templatetags.ui import period_name

VERBS = {
    "review": services.review_period,
    "approve": services.approve_period,
    "release": services.release_period,
    "close": services.close_period,
}


def _user(request: HttpRequest) -> User:
    user: User = request.user  # type: ignore[assignment]
    return user


@require_safe
def periods(request: HttpRequest) -> HttpResponse:
    """All periods, the latest first."""
    user = _user(request)
    require(permissions.may_see_periods(user))
    return render(request, "assessments/periods.html", _board(request, ScoreForm()))


def _board(request: HttpRequest, form: ScoreForm) -> dict[str, Any]:
    kind = request.GET.get("kind", "")
    found = queries.with_people(Period.objects.order_by("-last_day", "-first_day"))
    if kind in Period.Kind.values:
        found = found.filter(kind=kind)
    page = paged(request, found, 15)
    return {
        "page": page,
        "rows": queries.board(list(page)),
        "kind": kind,
        "kinds": Period.Kind.choices,
        "form": form,
        "may_score": permissions.may_score(_user(request)),
    }


def _period(request: HttpRequest, key: str) -> Period:
    require(permissions.may_see_periods(_user(request)))
    found = queries.with_people(Period.objects.filter(key=key)).first()
    if found is None:
        raise Http404
    return found


@require_safe
def period(request: HttpRequest, key: str) -> HttpResponse:
    """Evidence, changes, scorecards, and the next step."""
    return _show(request, _period(request, key))


def _show(request: HttpRequest, found: Period, *, status: int = 200, **forms: Any) -> HttpResponse:
    user = _user(request)
    search, grade = request.GET.get("q", "").strip(), request.GET.get("grade", "")
    cards = queries.cards_of(found, user, search=search, grade=grade)
    context = {
        **state_of(found),
        "deciding": decision(found, user),
        "page": paged(request, cards),
        "search": search,
        "grade": grade,
        "may_score": permissions.may_score(user),
        "may_send_back": permissions.may_send_back(user, found),
        "form": ConfirmForm(initial={"confirm": ""}),
        "back_form": SendBackForm(),
        "job": _own_job(queries.running_job(found), user),
        **forms,
    }
    return render(request, "assessments/period.html", context, status=status)


def _own_job(job: Any, user: User) -> dict[str, Any] | None:
    """Progress asks again by itself for who started it; others read how far it was."""
    if job is None:
        return None
    return {"row": job, "own": job.actor_id == user.pk}


@require_POST
def step(request: HttpRequest, key: str, verb: str) -> HttpResponse:
    """Review, approve, release or close, confirming the hash the page showed."""
    found = _period(request, key)
    require(permissions.may_take_steps(_user(request)))
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return _show(request, found, status=422, form=form)
    VERBS[verb](key, actor=_user(request), confirm=form.cleaned_data["confirm"])
    done = {
        "review": _("%(period)s is reviewed."),
        "approve": _("%(period)s is approved."),
        "release": _("%(period)s is released; everybody with an account is told."),
        "close": _("%(period)s is closed."),
    }
    messages.success(request, done[verb] % {"period": period_name(key)})
    return onward(request, "period", key)


@require_POST
def send_back(request: HttpRequest, key: str) -> HttpResponse:
    """Back to scored with the data unlocked, with a reason."""
    found = _period(request, key)
    require(permissions.may_send_back(_user(request), found))
    form = SendBackForm(request.POST)
    if not form.is_valid():
        return _show(request, found, status=422, back_form=form)
    services.send_back_period(key, actor=_user(request), reason=form.cleaned_data["reason"])
    messages.success(request, _("%(period)s was sent back.") % {"period": period_name(key)})
    return onward(request, "period", key)


@require_POST
def score(request: HttpRequest) -> HttpResponse:
    """Begin to score a period; the job's progress stands on its page."""
    user = _user(request)
    require(permissions.may_score(user))
    form = ScoreForm(request.POST)
    if not form.is_valid():
        return render(request, "assessments/periods.html", _board(request, form), status=422)
    try:
        # Not in one transaction: the data are locked first, so that judging waits shortly only.
        started = services.begin_scoring(form.cleaned_data["key"].strip(), actor=user)
    except InvalidInput as error:
        form.add_error("key", str(error))
        return render(request, "assessments/periods.html", _board(request, form), status=422)
    if started.job is not None:
        jobs.enqueue(started.job, copies=2)
    key = started.run.period.key
    if started.job is None:
        messages.info(request, _("Nothing has changed since the last scoring."))
    return redirect("period", key)
