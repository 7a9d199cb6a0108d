"""Appeals for who handles them: the list, and one appeal with its verbs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import Conflict, InvalidInput, InvalidTransition
from core.models import User
from core.pages import onward, paged
from core.permissions import require
from incentives import permissions
from incentives.forms.decisions import DecideForm, DryRunForm, NoteForm, ReasonForm
from incentives.models import Appeal
from incentives.queries import appeal_file
from incentives.queries import appeal_pages as queries
from incentives.services import appeals as services
from incentives.services.looking import saw_appeal


def _user(request: HttpRequest) -> User:
    user: User = request.user  # type: ignore[assignment]
    return user


@require_safe
def appeals(request: HttpRequest) -> HttpResponse:
    """Everybody's appeals, the most urgent first."""
    user, now = _user(request), timezone.now()
    require(permissions.may_see_appeals(user))
    state, search = request.GET.get("state", "open"), request.GET.get("q", "").strip()
    late = request.GET.get("late") == "1"
    page = paged(request, queries.found(user, state=state, search=search, late=late, now=now))
    context = {
        "page": page,
        "rows": queries.rows_of(list(page), today=timezone.localdate(now)),
        "state": state,
        "states": [one for one in Appeal.State.choices if one[0] != Appeal.State.DRAFT],
        "search": search,
        "late": late,
    }
    return render(request, "incentives/appeals.html", context)


def _appeal(request: HttpRequest, no: str) -> Appeal:
    user = _user(request)
    require(permissions.may_see_appeals(user))
    found = Appeal.objects.visible_to(user).exclude(state=Appeal.State.DRAFT)
    return get_object_or_404(
        found.select_related(*queries.LOADED, "scorecard__run").prefetch_related("claims"),
        appeal_no=no,
    )


@require_safe
def appeal(request: HttpRequest, no: str) -> HttpResponse:
    """The claims, the dry run, who judges, the timeline, and the next step."""
    return _show(request, _appeal(request, no))


def _show(request: HttpRequest, found: Appeal, status: int = 200, **forms: Any) -> HttpResponse:
    context = appeal_file.shown(found, _user(request), now=timezone.now())
    context["decide_form"] = DecideForm()
    answer = render(request, "incentives/appeal.html", {**context, **forms}, status=status)
    saw_appeal(_user(request), context)
    return answer


REFUSALS = (InvalidInput, Conflict, InvalidTransition)


def _refused(
    request: HttpRequest,
    no: str,
    error: InvalidInput | Conflict | InvalidTransition,
    typed: str,
    **forms: Any,
) -> HttpResponse:
    """The page as it stands now with the refusal and what was typed: in its form or, where that
    step is over and has none any more, to be copied."""
    if isinstance(error, InvalidTransition):
        forms |= {"conflict": str(error), "unstored": [typed] if typed else []}
    status = 422 if isinstance(error, InvalidInput) else error.status
    return _show(request, _appeal(request, no), status, **forms)


Step = Callable[..., Any]
# verb -> (service, its form, the name of the text's argument)
STEPS: dict[str, tuple[Step, type[ReasonForm | NoteForm] | None, str]] = {
    "accept": (services.accept_appeal, NoteForm, "reason"),
    "return": (services.return_appeal, ReasonForm, "reason"),
    "reject": (services.reject_appeal, ReasonForm, "reason"),
    "investigate": (services.investigate_appeal, NoteForm, "findings"),
    "extend": (services.extend_appeal, ReasonForm, "reason"),
    "execute": (services.execute_appeal, None, ""),
    "close": (services.close_appeal, None, ""),
}


@require_POST
def step(request: HttpRequest, no: str, verb: str) -> HttpResponse:
    """One step that decides nothing by figures; the service checks who and when."""
    found = _appeal(request, no)
    require(permissions.may_handle_appeal(_user(request), found))
    service, form_class, argument = STEPS[verb]
    words: dict[str, Any] = {}
    if form_class is not None:
        form = form_class(request.POST)
        if not form.is_valid():
            return _show(request, found, 422, step_form=form, failed=verb)
        words = {argument: form.cleaned_data["reason"]}
    try:
        service(found, actor=_user(request), **words)
    except REFUSALS as error:
        if form_class is None:
            raise
        form.add_error("reason", str(error))
        return _refused(request, no, error, words[argument], step_form=form, failed=verb)
    messages.success(request, _done(verb) % {"no": no})
    return onward(request, "appeal", no)


def _done(verb: str) -> str:
    return {
        "accept": _("%(no)s is accepted; the employee is told."),
        "return": _("%(no)s went back to the employee for information."),
        "reject": _("%(no)s is not admissible; the employee is told why."),
        "investigate": _("You investigate %(no)s."),
        "extend": _("%(no)s has more time; the employee is told why."),
        "execute": _("%(no)s is carried out; the employee is told."),
        "close": _("%(no)s is closed."),
    }[verb]


@require_POST
def dry_run(request: HttpRequest, no: str) -> HttpResponse:
    """Recompute with the ticked claims; nothing of the result is stored but the dry run."""
    found = _appeal(request, no)
    require(permissions.may_judge_appeal(_user(request), found))
    form = DryRunForm(request.POST, appeal=found)
    if not form.is_valid():
        raise InvalidInput(_("These claims are not of this appeal."))
    services.dry_run_claims(found, claims=form.ids, actor=_user(request))
    messages.success(request, _("The dry run is ready; nothing has changed yet."))
    return onward(request, "appeal", no)


@require_POST
def decide(request: HttpRequest, no: str) -> HttpResponse:
    """Decide, confirming the dry run the page showed; the employee is told at once."""
    found = _appeal(request, no)
    require(permissions.may_judge_appeal(_user(request), found))
    form = DecideForm(request.POST)
    if not form.is_valid():
        return _show(request, found, 422, decide_form=form)
    data = form.cleaned_data
    try:
        services.decide_appeal(
            found,
            outcome=data["outcome"],
            reason=data["reason"],
            confirm=data["confirm"],
            actor=_user(request),
        )
    except REFUSALS as error:
        form.add_error(None, str(error))
        return _refused(request, no, error, data["reason"], decide_form=form)
    messages.success(request, _("%(no)s is decided; the employee is told.") % {"no": no})
    return onward(request, "appeal", no)
