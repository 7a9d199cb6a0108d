"""Analysis: which survey, then its figures over a period, and their export."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from io import BytesIO
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import audit, jobs
from core.errors import InvalidInput
from core.exports import write_csv
from core.models import Job
from core.pages import paged
from core.stats import Mean
from surveys.analysis import services
from surveys.analysis.exports import COLUMNS, rows_of
from surveys.analysis.queries import days_of, guarded
from surveys.analysis.queries.figures import cutoff_of
from surveys.analysis.queries.guarded import Ground, guarded_scores
from surveys.analysis.queries.page import as_seen_by, laid_out
from surveys.analysis.queries.periods import answers_in, before, periods_of
from surveys.cleaning.queries.summary import summary
from surveys.models import Survey
from surveys.queries import desk as queries
from surveys.queries import pictures
from surveys.queries.responses import departments_seen
from surveys.views.access import account, desk, survey_of


@require_safe
@desk
def analysis(request: HttpRequest) -> HttpResponse:
    """Surveys with their score, to choose one."""
    page = paged(request, queries.surveys())
    scores = guarded_scores([row.pk for row in page], departments_seen(account(request)))
    rows = [(row, *scores[row.pk]) for row in page]
    return render(request, "surveys/analysis.html", {"page": page, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@desk
def survey_analysis(request: HttpRequest, code: str) -> HttpResponse:
    """The figures of a survey over a period; a POST starts the job of a large one."""
    survey, part = survey_of(code), departments_seen(account(request))
    period = _period(request)
    if request.method == "POST":
        with transaction.atomic():
            actor = account(request)
            jobs.enqueue(services.start_analysis(survey, period, actor=actor, part=part))
        address = reverse("survey_analysis", args=[survey.code])
        return redirect(f"{address}?period={period or 'all'}")
    months = queries.monthly(survey, part=part)
    periods = periods_of(months)
    ground = Ground(survey, part)
    figures, job = _figures(survey, period, months, ground)
    context: dict[str, Any] = {
        "survey": survey,
        "period": period,
        "periods": periods,
        "before": before(period) if period and before(period) in periods else None,
        "job": job,
        "figures": figures,
        "minimum": ground.minimum,
        "locked_at": cutoff_of(period),
    }
    if figures is not None:
        seen = as_seen_by(account(request), figures)
        context |= laid_out(survey, period, seen, months, ground)
        context["people"]["unseen"] = len(figures["by_employee"]) - len(seen["by_employee"])
        cleaned = summary(survey, hits=False, part=part) if figures["n"] else None
        context["cleaned"] = pictures.cleaned(cleaned) if cleaned else None
    return render(request, "surveys/survey_analysis.html", context)


def _period(request: HttpRequest) -> str | None:
    """The period asked for; None: all days."""
    asked = request.GET.get("period") or request.POST.get("period") or ""
    if asked in ("", "all"):
        return None
    days_of(asked)  # InvalidInput for what is no period
    return asked


def _figures(
    survey: Survey, period: str | None, months: Mapping[date, Mean], ground: Ground
) -> tuple[dict[str, Any] | None, Job | None]:
    """The figures where a page can work them out, else those of the newest job and that job."""
    days = days_of(period) if period else (survey.opens_on, survey.closes_on)
    if answers_in(months, *days) <= services.ONLINE:
        return guarded(survey, period, ground), None
    rows = Job.objects.filter(key=services.key_of(survey, period, ground.part)).order_by("-id")
    newest = rows.first()
    done = newest if newest and newest.result else rows.filter(result__isnull=False).first()
    return (done.result if done else None), newest


@require_POST
@desk
def survey_analysis_export(request: HttpRequest, code: str) -> HttpResponse:
    """The figures a page may show, as JSON (the command's form) or as a flat CSV file."""
    survey, period = survey_of(code), _period(request)
    part = departments_seen(account(request))
    months = queries.monthly(survey, part=part)
    figures, _newest = _figures(survey, period, months, Ground(survey, part))
    if figures is None:
        raise InvalidInput(_("There are no figures yet."))
    figures = as_seen_by(account(request), figures)
    kind = "csv" if request.POST.get("format") == "csv" else "json"
    audit.record(
        account(request), "survey.analysis_exported", survey, period=period or "all", format=kind
    )
    name = f"{survey.code}-{period or 'all'}.{kind}".replace("/", "-")
    content = _csv(figures) if kind == "csv" else _json(figures)
    answer = HttpResponse(content, content_type=f"{_TYPES[kind]}; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


_TYPES = {"csv": "text/csv", "json": "application/json"}


def _json(figures: dict[str, Any]) -> bytes:
    text = json.dumps(figures, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    return text.encode() + b"\n"


def _csv(figures: dict[str, Any]) -> bytes:
    file = BytesIO()
    write_csv(file, COLUMNS, rows_of(figures))
    return file.getvalue()
