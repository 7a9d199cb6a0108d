"""Surveys: the list, one survey with its cleaning, closing it and cleaning it again."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import audit, jobs
from core.exports import write_csv
from core.models import Job
from core.pages import paged
from core.permissions import require
from organization.queries import own_id
from surveys.cleaning import services as cleaning
from surveys.cleaning.queries.export import COLUMNS, verdict_rows
from surveys.cleaning.queries.summary import summary
from surveys.cleaning.queries.words import check_title, is_hard, kind_label
from surveys.cleaning.rules.catalogue import CATALOGUE
from surveys.forms.desk import SurveyFilter
from surveys.models import Judgement, Survey
from surveys.permissions import may_run_surveys
from surveys.queries import desk as queries
from surveys.queries import pictures
from surveys.queries.responses import departments_seen
from surveys.views.access import account, desk, survey_of


@require_safe
@desk
def surveys(request: HttpRequest) -> HttpResponse:
    """All surveys with what became of their answers."""
    form = SurveyFilter(request.GET)
    form.is_valid()
    rows = queries.surveys(form.cleaned_data.get("q", ""), form.cleaned_data.get("status", ""))
    page = paged(request, rows)
    figures = queries.figures((row.pk for row in page), departments_seen(account(request)))
    lines = [(row, figures[row.pk]) for row in page]
    return render(request, "surveys/surveys.html", {"form": form, "page": page, "rows": lines})


@require_safe
@desk
def survey(request: HttpRequest, code: str) -> HttpResponse:
    """One survey: its rates, when answers came, what cleaning did."""
    one, part = survey_of(code), departments_seen(account(request))
    figures = summary(one, part=part)
    found = queries.figures([one.pk], part)[one.pk]
    context = {
        "survey": one,
        "found": found,
        "rates": [
            (_("Counted"), found.counted, found.share("counted")),
            (_("In review"), found.review, found.share("review")),
            (_("Excluded"), found.excluded, found.share("excluded")),
            (_("Arrived after the cut-off"), found.late, found.share("late")),
        ],
        "arrivals": pictures.arrivals(queries.arrived(one, part)),
        "cleaned": pictures.cleaned(figures) if found.total else None,
        "figures": figures,
        "rules": rules_table(figures),
        "may_run": may_run_surveys(account(request)),
        "job": last_cleaning(one),
    }
    return render(request, "surveys/survey.html", context)


def rules_table(figures: dict[str, Any]) -> list[dict[str, Any]]:
    """A line a check that hit anything, the hard ones first; then how many there were without."""
    lines = []
    for code in CATALOGUE:
        outcomes = figures["outcomes"].get(code, {})
        lines.append(
            {
                "code": code,
                "title": check_title(code),
                "kind": kind_label(code),
                "hard": is_hard(code),
                "hits": figures["hits"][code],
                "excluded": outcomes.get(Judgement.EXCLUDED) or None,
                "review": outcomes.get(Judgement.REVIEW) or None,
            }
        )
    return lines


def last_cleaning(one: Survey) -> Job | None:
    """The newest cleaning of the survey, running or done."""
    return Job.objects.filter(key=cleaning.key_of(one)).order_by("-id").first()


@require_POST
@desk
def survey_close(request: HttpRequest, code: str) -> HttpResponse:
    """End the survey and freeze the figures its answers are judged by."""
    user = account(request)
    require(may_run_surveys(user))
    one = cleaning.close_survey(survey_of(code), actor=user, now=timezone.now())
    messages.success(request, _("The survey %(code)s is closed.") % {"code": one.code})
    return redirect("survey", code=one.code)


@require_POST
@desk
def survey_clean(request: HttpRequest, code: str) -> HttpResponse:
    """Judge all answers anew, as a job whose progress the page shows."""
    user = account(request)
    require(may_run_surveys(user))
    one = survey_of(code)
    with transaction.atomic():
        job = cleaning.start_cleaning(one, actor=user, now=timezone.now())
        jobs.enqueue(job)
    return redirect("survey", code=one.code)


@require_POST
@desk
def survey_verdicts(request: HttpRequest, code: str) -> Any:
    """The valid verdict on each answer as a CSV file, without personal data and without answers
    about who takes it."""
    user = account(request)
    one, seen = survey_of(code), departments_seen(user)
    file = SpooledTemporaryFile(max_size=2**22)  # noqa: SIM115 - the answer closes it when sent
    count = write_csv(file, COLUMNS, verdict_rows(one, seen, own_id(user)))
    file.seek(0)
    audit.record(user, "survey.verdicts_exported", one, rows=count)
    name = f"{one.code}-verdicts.csv".replace("/", "-")
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv")
