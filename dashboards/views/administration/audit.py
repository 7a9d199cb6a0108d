"""The audit trail: read, checked, taken out."""

from __future__ import annotations

import io

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core import audit as trail
from core import audit_check
from core.exports.commas import write_csv
from core.pages import key_of
from dashboards.forms.administration import AuditFilter
from dashboards.queries.administration import audit as queries
from dashboards.queries.administration import verbs
from dashboards.views.administration.users import actor_of
from organization.services import saw_pay

EXPORT_LIMIT = 100_000


def _filter(data: object) -> tuple[AuditFilter, queries.Filter]:
    form = AuditFilter(
        data,
        verbs=queries.known_verbs(),
        types=queries.known_types(),
        channels=[(name, str(label)) for name, label in verbs.CHANNELS.items()],
    )
    form.is_valid()  # what makes no sense is told beside its field and left out
    wanted = {name: value for name, value in form.cleaned_data.items() if value}
    return form, queries.Filter(**wanted)


@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """Who did what, the newest first."""
    actor = actor_of(request)
    form, wanted = _filter(request.GET)
    stretch = queries.stretch(
        wanted, before=key_of(request, "before"), after=key_of(request, "after")
    )
    context = {
        "form": form,
        "stretch": stretch,
        "filtered": wanted.as_data(),
        "chain": queries.chain(),
        "limit": EXPORT_LIMIT,
    }
    answer = render(request, "dashboards/administration/audit.html", context)
    if queries.tells_pay(entry.row for entry in stretch.entries):
        saw_pay(actor, "audit", people=None)
    return answer


@require_POST
def audit_verify(request: HttpRequest) -> HttpResponse:
    """Start the check of the whole chain."""
    job = audit_check.start(actor=actor_of(request))
    return redirect("job", job.pk)


@require_POST
def audit_export(request: HttpRequest) -> HttpResponse:
    """The filtered trail as CSV; that it was taken out is itself an entry."""
    actor = actor_of(request)
    _form, wanted = _filter(request.POST)
    file = io.BytesIO()
    rows = write_csv(file, queries.EXPORT_COLUMNS, queries.export_rows(wanted, EXPORT_LIMIT))
    trail.record(actor, "audit.exported", None, rows=rows, filter=wanted.as_data())
    if queries.exported_tells_pay(wanted, EXPORT_LIMIT):
        saw_pay(actor, "audit_file", people=None)
    return as_csv(file.getvalue(), "audit")


def as_csv(content: bytes, what: str) -> HttpResponse:
    """A file named after what it holds and the day."""
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
    name = f"{what}-{timezone.localdate().isoformat()}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
