"""Roster and attendance from files: a preview of what would change, then the confirmation."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import uploads
from core.errors import BadRows, InvalidInput
from core.models import User
from core.permissions import require
from core.tables import Table
from organization import services
from organization.forms import Upload
from organization.imports import attendance, roster
from organization.permissions import may_import_roster, may_see_pay

PAGE = "roster"
SHOWN_ERRORS = 200
TEMPLATES = {
    "employees": (*roster.EMPLOYEE_COLUMNS, "legal_entity", "phone"),
    "departments": (*roster.DEPARTMENT_COLUMNS, "department_type"),
    "attendance": attendance.COLUMNS,
}


@require_safe
def roster_import(request: HttpRequest) -> HttpResponse:
    """The form, and the empty tables to fill."""
    require(may_import_roster(_user(request)))
    form = Upload(initial={"kind": "roster", "effective": timezone.localdate()})
    return _page(request, {"form": form})


@require_POST
def roster_preview(request: HttpRequest) -> HttpResponse:
    """What the files would change; they are kept for an hour, for the confirmation."""
    user = _user(request)
    require(may_import_roster(user))
    form = Upload(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, {"form": form}, status=422)
    files = uploads.contents(form.cleaned_data["chosen"])
    given = {"kind": form.cleaned_data["kind"], "effective": form.cleaned_data["effective"]}
    try:
        found = _preview(files, given, user)
    except BadRows as error:
        shown = {"errors": error.errors[:SHOWN_ERRORS], "error_count": len(error.errors)}
        return _page(request, {"form": form, **shown}, status=422)
    except InvalidInput as error:
        form.add_error("chosen", str(error))
        return _page(request, {"form": form}, status=422)
    key = uploads.keep(PAGE, files, given, user)
    context = {"form": form, "key": key, "files": [name for name, _raw in files], **given, **found}
    answer = _page(request, context)
    if any(one.kind == "pay" for one in found.get("changes", ())):
        services.saw_pay(user, "roster_preview", people=None)
    return answer


def _preview(files: uploads.Files, given: dict[str, Any], user: User) -> dict[str, Any]:
    read = uploads.read(files)
    if given["kind"] == "attendance":
        return {"attendance": services.import_attendance(read, actor=user, dry_run=True)}
    preview = services.preview_roster(read, actor=user, effective=given["effective"])
    sees_pay = bool(may_see_pay(user))
    return {
        "report": preview.report,
        "changes": [one for one in preview.changes if sees_pay or one.kind != "pay"],
        "sees_pay": sees_pay,
    }


@require_POST
def roster_confirm(request: HttpRequest) -> HttpResponse:
    """Take the files of the preview; what changed meanwhile is checked again."""
    user = _user(request)
    require(may_import_roster(user))
    key = request.POST.get("key", "")
    kept = uploads.kept(PAGE, key, user)
    if kept is None:
        messages.warning(
            request, _("The file was not kept any longer; please choose it once more.")
        )
        return redirect("roster_import")
    files, given = kept
    try:
        said = _take(uploads.read(files), given, user)
    except BadRows as error:
        form = Upload(initial=given)
        shown = {"errors": error.errors[:SHOWN_ERRORS], "error_count": len(error.errors)}
        return _page(request, {"form": form, **shown}, status=422)
    uploads.let_go(PAGE, key, user)
    messages.success(request, said)
    return redirect("roster_import")


def _take(read: list[Table], given: dict[str, Any], user: User) -> str:
    if given["kind"] == "attendance":
        days = services.import_attendance(read, actor=user)
        return _("Attendance: %(new)d new, %(corrected)d corrected, %(same)d unchanged.") % {
            "new": days.created,
            "corrected": days.corrected,
            "same": days.unchanged,
        }
    report = services.import_roster(read, actor=user, effective=given["effective"])
    return _(
        "Roster taken: %(new)d people new, %(changed)d changed, %(same)d unchanged;"
        " %(departments)d departments new or changed."
    ) % {
        "new": report.employees_created,
        "changed": report.employees_changed,
        "same": report.employees_unchanged,
        "departments": report.departments_created + report.departments_changed,
    }


@require_safe
def roster_template(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """A table with its header only, to be filled."""
    require(may_import_roster(_user(request)))
    columns = TEMPLATES.get(name)
    if columns is None or kind not in ("csv", "xlsx"):
        raise Http404
    return uploads.empty_table(name, kind, columns)


def _page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    context["templates"] = list(TEMPLATES)
    return render(request, "organization/roster_import.html", context, status=status)


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]
