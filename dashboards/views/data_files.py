"""Events, answers, figures and wage parts from files: a preview first, then the confirmation."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import uploads
from core.errors import BadRows, InvalidInput
from core.models import User
from core.permissions import require
from dashboards.forms.data_files import DataFile
from dashboards.services import data_files as kinds
from surveys.queries.desk import surveys

PAGE = "data-files"
SHOWN_ERRORS = 200


@require_safe
def data_files(request: HttpRequest) -> HttpResponse:
    """The first kind of file that this account may bring in."""
    user = _user(request)
    require(kinds.may_bring_in(user))
    return redirect("data_file", kinds.open_to(user)[0].code)


@require_safe
def data_file(request: HttpRequest, code: str) -> HttpResponse:
    """The form of one kind, and the empty table to fill."""
    kind = _kind(request, code)
    return _page(request, kind, {"form": _form(kind, initial=request.GET.dict())})


@require_POST
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """What the file would change; it is kept for an hour, for the confirmation."""
    kind = _kind(request, code)
    form = _form(kind, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, kind, {"form": form}, 422)
    files = uploads.contents(form.cleaned_data["chosen"])
    survey = form.cleaned_data.get("survey", "")
    try:
        tables = uploads.read(files)
        told = kinds.told(kind, tables)
        found = kinds.take(kind, tables, _user(request), True, survey)
    except BadRows as error:
        return _page(request, kind, {"form": form, **_faults(error)}, 422)
    except InvalidInput as error:
        form.add_error("chosen", str(error))
        return _page(request, kind, {"form": form}, 422)
    key = uploads.keep(PAGE, files, {"kind": code, "survey": survey}, _user(request))
    names = [name for name, _raw in files]
    context = {"form": form, "key": key, "files": names, "survey": survey}
    return _page(request, kind, {**context, "found": found, "told": told})


@require_POST
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    """Take the file of the preview; what changed meanwhile is checked again."""
    kind, user = _kind(request, code), _user(request)
    key = request.POST.get("key", "")
    kept = uploads.kept(PAGE, key, user)
    if kept is None or kept[1]["kind"] != code:
        messages.warning(
            request, _("The file was not kept any longer; please choose it once more.")
        )
        return redirect("data_file", code)
    files, given = kept
    try:
        taken = kinds.take(kind, uploads.read(files), user, False, given["survey"])
    except BadRows as error:
        form = _form(kind, initial=given)
        return _page(request, kind, {"form": form, **_faults(error)}, 422)
    uploads.let_go(PAGE, key, user)
    for note in taken.notes:
        messages.warning(request, note)
    counts = ", ".join(f"{label} {count:,}" for label, count in taken.counts)
    messages.success(request, _("Taken in: %(counts)s.") % {"counts": counts})
    return redirect("data_file", code)


@require_safe
def empty(request: HttpRequest, code: str, form: str) -> HttpResponse:
    """A table with its header only; of answers the header is the survey's."""
    kind = _kind(request, code)
    survey = request.GET.get("survey", "")
    if form not in ("csv", "xlsx") or (kind.of_survey and survey not in _surveys()):
        raise Http404
    name = survey if kind.of_survey else kind.code
    return uploads.empty_table(name, form, kind.headed(survey))


def _kind(request: HttpRequest, code: str) -> kinds.Kind:
    """The kind of the address; Denied with the reason when the account may not."""
    kind = kinds.chosen(code)
    if kind is None:
        raise Http404
    require(kind.may(_user(request)))
    return kind


def _form(kind: kinds.Kind, *args: Any, **kwargs: Any) -> DataFile:
    return DataFile(_surveys() if kind.of_survey else None, *args, **kwargs)


def _surveys() -> list[str]:
    """Codes, in the order of the survey desk."""
    return list(surveys().values_list("code", flat=True))


def _faults(error: BadRows) -> dict[str, Any]:
    return {"errors": error.errors[:SHOWN_ERRORS], "error_count": len(error.errors)}


def _page(
    request: HttpRequest, kind: kinds.Kind, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    context |= {"kind": kind, "kinds": kinds.open_to(_user(request))}
    return render(request, "dashboards/data_files.html", context, status=status)


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]
