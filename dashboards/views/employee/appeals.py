"""Own appeals: write, keep as a draft, submit, answer a question, withdraw; files of evidence."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.models import Scorecard
from core.errors import Conflict, DomainError, InvalidInput, InvalidTransition
from core.models import User
from core.permissions import require
from core.templatetags.ui import name as name_of
from dashboards.forms.appeals import AnswerForm, AppealForm, WithdrawForm
from dashboards.queries.employee import appeals as queries
from dashboards.queries.employee.access import Sight
from dashboards.queries.employee.answers import Line, answers_of
from dashboards.queries.employee.indicators import definitions
from dashboards.views.employee.scores import own_sight
from incentives.models import Appeal, AppealFile
from incentives.permissions import may_file_appeal
from incentives.services import appeals

State = Appeal.State


@require_safe
def my_appeals(request: HttpRequest) -> HttpResponse:
    """All own appeals and drafts."""
    context = queries.list_of(own_sight(request), timezone.now())
    return render(request, "dashboards/employee/appeals.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def appeal_new(request: HttpRequest, key: str) -> HttpResponse:
    """Begin an appeal against the own result of a period, or the second review of a decision."""
    sight = own_sight(request)
    card = queries.releasable(sight, key)
    if card is None:
        raise Http404
    running = _running(sight, card)
    if running is not None and request.method != "POST":
        return redirect("my_appeal", no=running.appeal_no)
    first = _first(sight, request.GET.get("first", ""))
    lines = answers_of(card).lines
    filing = queries.filing_of(card, first, None, timezone.now())
    form = _form(request, lines, filing, initial=_picked(request))
    if request.method != "POST":
        return render(
            request, "dashboards/employee/appeal_form.html", _context(form, card, filing, first)
        )
    status = 422
    if form.is_valid():
        user: User = request.user  # type: ignore[assignment]
        try:
            draft = appeals.draft_appeal(card, form.objection(), actor=user, first_appeal=first)
        except (InvalidInput, Conflict) as error:
            form.add_error(None, str(error))
            status = _status(error)
        else:
            return _kept(request, draft, form, filing)
    context = _context(form, card, filing, first) | {"running": running}
    return render(request, "dashboards/employee/appeal_form.html", context, status=status)


def _status(error: DomainError) -> int:
    """Of a form shown again with the refusal of what was sent."""
    return 422 if isinstance(error, InvalidInput) else error.status


@require_http_methods(["GET", "HEAD", "POST"])
def my_appeal(request: HttpRequest, no: str) -> HttpResponse:
    """A draft to go on with, or how far a submitted appeal is."""
    appeal = _mine(request, no)
    if appeal.state == State.DRAFT or request.method == "POST":
        return _draft(request, appeal)
    return _page(request, appeal)


def _page(request: HttpRequest, appeal: Appeal, status: int = 200, **more: Any) -> HttpResponse:
    context = queries.page_of(appeal, timezone.now())
    context |= {"answer": AnswerForm(), "withdrawal": WithdrawForm(), **more}
    return render(request, "dashboards/employee/appeal.html", context, status=status)


def _too_late(request: HttpRequest, no: str, error: DomainError, *typed: str) -> HttpResponse:
    """The appeal as it stands now, the refusal and, to be copied, what was typed."""
    unstored = [words for words in typed if words.strip()]
    return _page(request, _mine(request, no), 409, conflict=str(error), unstored=unstored)


def _draft(request: HttpRequest, appeal: Appeal) -> HttpResponse:
    lines = answers_of(appeal.scorecard).lines
    claimed = {claim.response_id for claim in appeal.claims.all()}
    initial = {
        "reason": appeal.reason,
        "request": appeal.request,
        "late_reason": appeal.late_reason,
        "responses": [line.key for line in lines if line.pk in claimed],
    }
    card, first = appeal.scorecard, appeal.first_appeal
    filing = queries.filing_of(card, first, appeal, timezone.now())
    form = _form(request, lines, filing, initial=initial)
    context = _context(form, card, filing, first, appeal)
    if request.method != "POST":
        return render(request, "dashboards/employee/appeal_form.html", context)
    if not form.is_valid():
        return render(request, "dashboards/employee/appeal_form.html", context, status=422)
    user: User = request.user  # type: ignore[assignment]
    try:
        appeals.save_draft(appeal, form.objection(), actor=user)
    except (InvalidInput, Conflict) as error:
        form.add_error(None, str(error))
        status = _status(error)
        return render(request, "dashboards/employee/appeal_form.html", context, status=status)
    except InvalidTransition as error:
        typed = (form.cleaned_data.get(name, "") for name in ("reason", "request", "late_reason"))
        return _too_late(request, appeal.appeal_no, error, *typed)
    return _kept(request, appeal, form, filing)


def _kept(
    request: HttpRequest, appeal: Appeal, form: AppealForm, filing: queries.Filing
) -> HttpResponse:
    """The texts are stored; take the files, then submit where that was asked. A refusal from here
    on says that the draft is kept."""
    user: User = request.user  # type: ignore[assignment]
    status, faults = 422, _attach(appeal, form.cleaned_data["files"], user)
    if pk := request.POST.get("remove"):
        file = get_object_or_404(appeal.files.defer("content"), pk=pk)
        appeals.remove_file(file, actor=user)
    if not faults and request.POST.get("do") == "submit":
        try:
            appeals.submit_appeal(appeal, actor=user)
        except (InvalidInput, Conflict, InvalidTransition) as error:
            appeal.refresh_from_db()
            if appeal.state != State.DRAFT:  # submitted or withdrawn in another window
                found = _mine(request, appeal.appeal_no)
                return _page(request, found, 409, conflict=str(error), kept=True)
            faults.append(str(error))
            status = _status(error)
        else:
            messages.success(
                request, _("Your appeal %(no)s is submitted.") % {"no": appeal.appeal_no}
            )
            return redirect("my_appeal", no=appeal.appeal_no)
    messages.success(request, _("The draft is saved. You find it under “My appeals”."))
    if not faults:
        return redirect("my_appeal", no=appeal.appeal_no)
    for fault in faults:
        form.add_error(None, fault)
    appeal.refresh_from_db()
    context = _context(form, appeal.scorecard, filing, appeal.first_appeal, appeal)
    return render(request, "dashboards/employee/appeal_form.html", context, status=status)


@require_POST
def answer(request: HttpRequest, no: str) -> HttpResponse:
    """Give the panel what it asked for."""
    appeal = _mine(request, no)
    form = AnswerForm(request.POST, request.FILES)
    user: User = request.user  # type: ignore[assignment]
    if not form.is_valid():
        return _page(request, appeal, 422, answer=form)
    words = form.cleaned_data["text"]
    try:
        with transaction.atomic():  # files of an answer that is refused are not kept
            faults = _attach(appeal, form.cleaned_data["files"], user)
            if not faults:
                appeals.answer_appeal(appeal, text=words, actor=user)
    except Conflict as error:
        form.add_error(None, str(error))
        return _page(request, appeal, 409, answer=form)
    except (InvalidInput, InvalidTransition) as error:  # answered or withdrawn already
        return _too_late(request, no, error, words)
    if faults:
        for fault in faults:
            form.add_error(None, fault)
        return _page(request, appeal, 422, answer=form)
    messages.success(request, _("Your answer is with the panel."))
    return redirect("my_appeal", no=no)


@require_POST
def withdraw(request: HttpRequest, no: str) -> HttpResponse:
    """Take the appeal back, or throw a draft away: then `reason` is the draft's own text."""
    appeal = _mine(request, no)
    user: User = request.user  # type: ignore[assignment]
    discard = "discard" in request.POST
    reason = "" if discard else request.POST.get("reason", "")[:2000]
    try:
        appeals.withdraw_appeal(appeal, reason=reason, draft_only=discard, actor=user)
    except (Conflict, InvalidTransition) as error:
        if appeal.state == State.DRAFT:
            raise
        return _too_late(request, no, error, reason)
    messages.success(request, _("%(no)s is withdrawn.") % {"no": no})
    return redirect("my_appeals")


@require_safe
def appeal_file(request: HttpRequest, no: str, pk: int) -> HttpResponse:
    """A file of evidence, for the appellant and the panel; always saved, never shown inline."""
    user: User = request.user  # type: ignore[assignment]
    appeal = get_object_or_404(Appeal.objects.visible_to(user), appeal_no=no)
    file = get_object_or_404(AppealFile, appeal=appeal, pk=pk)
    headers = {
        "Content-Disposition": content_disposition_header(True, _safe_name(file)) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(bytes(file.content), content_type=file.content_type, headers=headers)


def _safe_name(file: AppealFile) -> str:
    """The name with the ending of what it is, whatever it was called."""
    ending = mimetypes.guess_extension(file.content_type) or ""
    guessed, _encoding = mimetypes.guess_type(file.name)
    return file.name if guessed == file.content_type else file.name + ending


def _mine(request: HttpRequest, no: str) -> Appeal:
    appeal = get_object_or_404(queries.mine(own_sight(request)), appeal_no=no)
    user: User = request.user  # type: ignore[assignment]
    require(may_file_appeal(user, appeal.employee))
    return appeal


def _running(sight: Sight, card: Scorecard) -> Appeal | None:
    open_ones = Appeal.objects.open().filter(scorecard=card, employee=sight.employee)
    return open_ones.order_by("-pk").first()


def _first(sight: Sight, number: str) -> Appeal | None:
    """The decided appeal a second review names."""
    return get_object_or_404(queries.mine(sight), appeal_no=number) if number else None


def _attach(appeal: Appeal, files: Sequence[UploadedFile], user: User) -> list[str]:
    """Store each file that is one; what is wrong with the others."""
    faults = []
    for file in files:
        try:
            appeals.attach_file(appeal, file.name or "", file.read(), actor=user)
        except InvalidInput as error:
            faults.append(str(error))
    return faults


def _form(
    request: HttpRequest,
    lines: Sequence[Line],
    filing: queries.Filing,
    *,
    initial: dict[str, Any],
) -> AppealForm:
    choices = [(line.key, _choice(line)) for line in lines]
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    return AppealForm(*data, choices=choices, late=filing.late, initial=initial)


def _choice(line: Line) -> str:
    score = "–" if line.score is None else f"{line.score:.2f}"
    return f"{line.number} · {line.day:%m-%d} {line.service} · {score} · {_verdict(line.state)}"


def _verdict(state: str) -> str:
    return {"counted": _("counted"), "review": _("in review")}.get(state, _("not counted"))


def _picked(request: HttpRequest) -> dict[str, Any]:
    """What was chosen on the score page: responses to tick, indicators to begin the text with."""
    wanted = request.GET.getlist("indicator")
    words = definitions() if wanted else {}
    named = [code for code in wanted if code in words]
    reason = "".join(
        _("About %(indicator)s: ") % {"indicator": name_of(words[code].spec)} + "\n"
        for code in named
    )
    return {"responses": request.GET.getlist("response"), "reason": reason}


def _context(
    form: AppealForm,
    card: Scorecard,
    filing: queries.Filing,
    first: Appeal | None,
    appeal: Appeal | None = None,
) -> dict[str, Any]:
    return {
        "form": form,
        "card": card,
        "period": card.period,
        "first": first,
        "appeal": appeal,
        "files": list(appeal.files.defer("content")) if appeal else [],
        "deadline": filing.deadline,
        "rules": filing.rules,
    }
