"""Cleaning review: what waits, the evidence side by side, and the verdict."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import Conflict, InvalidInput
from core.models import User
from core.pages import number
from organization.services import saw_comments
from surveys import services
from surveys.cleaning.queries import queue, review
from surveys.cleaning.queries.lines import has_words
from surveys.cleaning.queries.summary import summary
from surveys.cleaning.queries.words import check_title
from surveys.forms.desk import VerdictForm
from surveys.models import Judgement, Survey
from surveys.permissions import may_run_surveys
from surveys.queries import pictures
from surveys.queries.responses import are_open_to, departments_seen
from surveys.queries.verdicts import first_decider, responses_by_id
from surveys.views.access import account, desk, survey_of
from surveys.views.desk import rules_table

SIZE = 8  # groups on a page of the queue


@require_safe
@desk
def review_queue(request: HttpRequest) -> HttpResponse:
    """Surveys with answers that wait for a person."""
    rows = [
        (each, [check_title(code) for code in each.checks], queue.locks_over(each.first, each.last))
        for each in queue.waiting(account(request))
    ]
    return render(request, "surveys/review_queue.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@desk
def survey_review(request: HttpRequest, code: str) -> HttpResponse:
    """One group of answers with its evidence; a POST decides about one of them or all."""
    survey, user = survey_of(code), account(request)
    if request.method != "POST":
        return _page(request, survey, VerdictForm(initial={"whole": True}))
    form = VerdictForm(request.POST)
    if not form.is_valid():
        return _page(request, survey, form, status=422)
    seen = _seen(request, whole=form.cleaned_data["whole"])
    chosen = responses_by_id(survey, seen)
    if not are_open_to(user, chosen):
        raise Http404
    try:
        decided = services.record_verdicts(
            survey,
            chosen,
            form.cleaned_data["verdict"],
            reason=form.words(),
            actor=user,
            seen=seen,
        )
    except Conflict as error:
        first = first_decider(seen)
        return _page(request, survey, form, status=409, conflict=str(error), first=first)
    except InvalidInput as error:
        form.add_error(None, str(error))
        return _page(request, survey, form, status=422)
    messages.success(request, _done(form.cleaned_data["verdict"], len(decided)))
    following = request.POST.get("next", "")
    address = reverse("survey_review", args=[survey.code])
    return redirect(f"{address}?g={following}" if following.isalnum() else address)


def _done(verdict: str, n: int) -> str:
    if verdict == Judgement.EXCLUDED:
        return ngettext("%(count)d answer excluded.", "%(count)d answers excluded.", n) % {
            "count": n
        }
    return ngettext("%(count)d answer counts.", "%(count)d answers count.", n) % {"count": n}


def _seen(request: HttpRequest, *, whole: bool) -> dict[int, int]:
    """Response id -> the verdict the reviewer was looking at."""
    texts = request.POST.getlist("seen") if whole else [request.POST.get("one", "")]
    found = {}
    for text in texts:
        response, seq = (number(part) for part in (text.partition(":")[0], text.partition(":")[2]))
        if response is not None and seq is not None:
            found[response] = seq
    return found


def _page(
    request: HttpRequest, survey: Survey, form: VerdictForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    user = account(request)
    found = review.queue_of(user, survey)
    figures = summary(survey, part=departments_seen(user))
    context: dict[str, Any] = {
        "survey": survey,
        "form": form,
        "groups": found,
        "open": sum(len(group.rows) for group in found),
        "total": sum(figures["verdicts"].values()),
        "figures": figures,
        "rules": rules_table(figures),
        "cleaned": pictures.cleaned(figures),
        "may_run": may_run_surveys(user),
        **more,
    }
    if found:
        context |= _chosen(request, user, survey, found, figures)
    answer = render(request, "surveys/review.html", context, status=status)
    if found and has_words(context["comparison"]):
        saw_comments(user, "survey_review", subject=survey.code)
    return answer


def _chosen(
    request: HttpRequest,
    user: User,
    survey: Survey,
    found: list[queue.Group],
    figures: dict[str, Any],
) -> dict[str, Any]:
    """The group and the answer the address names (the first where it names none), its place in the
    queue, and the way on."""
    at = next((i for i, g in enumerate(found) if g.key == request.GET.get("g")), 0)
    group = found[at]
    asked = request.GET.get("at", "")
    place = int(asked) if asked.isdecimal() and 0 < int(asked) <= len(group.rows) else 1
    row = group.rows[place - 1]
    pages = Paginator(found, SIZE)
    wanted = request.GET.get("page") if "g" not in request.GET else None
    page = pages.get_page(wanted or at // SIZE + 1)
    following = found[(at + 1) % len(found)] if len(found) > 1 else None
    departments = review.departments_of([*page, group])
    return {
        "group": group,
        "row": row,
        "place": place,
        "before": place - 1,
        "after": place + 1 if place < len(group.rows) else None,
        "page": page,
        "listed": review.listed(list(page), departments),
        "following": following,
        **review.looked_at(user, survey, group, row, figures, departments),
    }
