"""Answers: the list of a survey, and one of them with every figure and verdict."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import Conflict, InvalidInput
from core.pages import number, paged
from core.permissions import require
from core.templatetags.ui import name
from organization.models import Department
from organization.services import saw_comments
from surveys import services
from surveys.cleaning.queries.review import moves
from surveys.cleaning.queries.words import check_title, finding
from surveys.forms.desk import ResponseFilter, VerdictForm
from surveys.models import Judgement, Response
from surveys.queries import find_response
from surveys.queries.pages import may_read, response_page
from surveys.queries.responses import are_open_to, departments_seen, lines, responses_in
from surveys.views.access import account, desk, survey_of


@require_safe
@desk
def survey_responses(request: HttpRequest, code: str) -> HttpResponse:
    """The answers of a survey, narrowed to what was asked for."""
    survey, user = survey_of(code), account(request)
    places = Department.objects.filter(responses__survey=survey).distinct().order_by("code")
    if (part := departments_seen(user)) is not None:
        places = places.filter(pk__in=part)
    departments = [(place.code, name(place)) for place in places]
    form = ResponseFilter(request.GET, departments=departments)
    page = paged(request, responses_in(survey, user, form.filters()))
    rows = [(line, _checks(line)) for line in lines(user, page)]
    context = {"survey": survey, "form": form, "page": page, "rows": rows}
    return render(request, "surveys/responses.html", context)


def _checks(line: Any) -> list[str]:
    return [check_title(code) for code in line.verdict.checks] if line.verdict else []


@require_http_methods(["GET", "HEAD", "POST"])
@desk
def response(request: HttpRequest, response_no: str) -> HttpResponse:
    """One answer; a POST decides about it anew."""
    one = find_response(response_no, survey=request.GET.get("survey") or None)
    user = account(request)
    if one is None or not are_open_to(user, [one]):
        raise Http404
    require(may_read(user, one))
    if request.method != "POST":
        return _page(request, one, VerdictForm())
    form = VerdictForm(request.POST)
    if not form.is_valid():
        return _page(request, one, form, status=422)
    seen = request.POST.get("seen", "")
    try:
        services.record_verdict(
            one,
            form.cleaned_data["verdict"],
            reason=form.words(),
            actor=user,
            seen_seq=number(seen),
        )
    except Conflict as error:
        return _page(request, one, form, status=409, conflict=str(error))
    except InvalidInput as error:
        form.add_error(None, str(error))
        return _page(request, one, form, status=422)
    messages.success(request, _("Your verdict is kept."))
    address = reverse("response", args=[one.response_no])
    return redirect(f"{address}?survey={one.survey.code}")


def _page(
    request: HttpRequest, one: Response, form: VerdictForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    found = response_page(account(request), one)
    valid = found["verdicts"][0] if found["verdicts"] else None
    for verdict in found["verdicts"]:
        verdict["findings"] = [finding(c, verdict["evidence"]) for c in verdict["checks"]]
    context = {
        "response": one,
        "survey": one.survey,
        "form": form,
        "valid": valid,
        "moves": moves(account(request), one, found["verdicts"], found["people"]),
        "reviewing": valid is not None and valid["verdict"] == Judgement.REVIEW,
        **found,
        **more,
    }
    answer = render(request, "surveys/response.html", context, status=status)
    if any(item["words"] for item in found["items"]):
        saw_comments(account(request), "response", subject=one.response_no)
    return answer
