"""Questionnaires: the list, one version to read, and a new draft from a file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import InvalidInput
from core.permissions import require
from surveys import services
from surveys.models import QuestionnaireVersion
from surveys.permissions import may_run_surveys
from surveys.queries import questionnaires as queries
from surveys.rules.reading import BadQuestionnaire, parse
from surveys.services.questionnaires import read_spec
from surveys.views.access import account, desk


@require_http_methods(["GET", "HEAD", "POST"])
@desk
def questionnaires(request: HttpRequest) -> HttpResponse:
    """All questionnaires; a POST brings a file: first to look at, then as the next draft."""
    if request.method != "POST":
        return _list(request)
    require(may_run_surveys(account(request)))
    uploaded = request.FILES.get("file")
    content = uploaded.read() if uploaded else request.POST.get("content", "").encode()
    if not content:
        return _list(request, errors=[_("Choose a JSON file.")], status=422)
    try:
        spec = read_spec(content)
        if request.POST.get("action") == "store":
            stored = services.import_questionnaire(spec, actor=account(request))
            return _stored(request, stored.version, created=stored.created)
        questionnaire = parse(spec)
    except BadQuestionnaire as error:
        faults = [f"{each.where}: {_(each.message) % each.values}" for each in error.faults]
        return _list(request, errors=faults, status=422)
    except InvalidInput as error:
        return _list(request, errors=str(error).splitlines(), status=422)
    context = {
        "preview": questionnaire,
        "spec": spec,
        "blocks": queries.laid_out(questionnaire, spec),
        "content": content.decode("utf-8-sig"),
        "known": queries.versions(questionnaire.code).first(),
    }
    return render(request, "surveys/questionnaire_preview.html", context)


def _list(
    request: HttpRequest, *, errors: list[str] | None = None, status: int = 200
) -> HttpResponse:
    rows = [
        (row, sorted(row.versions.all(), key=lambda version: -version.number))
        for row in queries.questionnaires()
    ]
    context: dict[str, Any] = {
        "rows": rows,
        "errors": errors or [],
        "may_run": may_run_surveys(account(request)),
    }
    return render(request, "surveys/questionnaires.html", context, status=status)


def _stored(request: HttpRequest, version: QuestionnaireVersion, *, created: bool) -> HttpResponse:
    if created:
        messages.success(request, _("Stored as draft %(version)s.") % {"version": version})
    else:
        messages.info(request, _("%(version)s holds this content already.") % {"version": version})
    return redirect("questionnaire", code=version.questionnaire.code, version=version.number)


@require_safe
@desk
def questionnaire(request: HttpRequest, code: str, version: int) -> HttpResponse:
    """One version: dimensions, questions, who answers for them, who published it."""
    rows = QuestionnaireVersion.objects.select_related("questionnaire", "approved_by", "created_by")
    one = get_object_or_404(rows, questionnaire__code=code, number=version)
    parsed = parse(one.spec)
    context = {
        "version": one,
        "parsed": parsed,
        "spec": one.spec,
        "blocks": queries.laid_out(parsed, one.spec),
        "versions": queries.versions(code),
        "surveys": one.surveys.order_by("-opens_on"),
        "approver": queries.person_of(one.approved_by_id),
    }
    return render(request, "surveys/questionnaire.html", context)
