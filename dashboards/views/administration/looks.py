"""The access log: read and taken out."""

from __future__ import annotations

import io

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from core import audit as trail
from core.exports.commas import write_csv
from core.models import User
from core.pages import key_of
from core.permissions import require
from dashboards.forms.administration import LookFilter
from dashboards.queries.administration import looks as queries
from dashboards.views.administration.audit import EXPORT_LIMIT, as_csv
from organization.permissions import may_read_looks


def _reader(request: HttpRequest) -> User:
    user: User = request.user  # type: ignore[assignment]
    require(may_read_looks(user))
    return user


def _filter(data: object) -> tuple[LookFilter, queries.Filter]:
    form = LookFilter(data)
    form.is_valid()  # what makes no sense is told beside its field and left out
    wanted = {name: value for name, value in form.cleaned_data.items() if value}
    return form, queries.Filter(**wanted)


@require_safe
def looks(request: HttpRequest) -> HttpResponse:
    """Who looked at whose pay and at which comments, the newest first."""
    _reader(request)
    form, wanted = _filter(request.GET)
    context = {
        "form": form,
        "stretch": queries.found(
            wanted, before=key_of(request, "before"), after=key_of(request, "after")
        ),
        "filtered": wanted.as_data(),
    }
    return render(request, "dashboards/administration/looks.html", context)


@require_POST
def looks_export(request: HttpRequest) -> HttpResponse:
    """The filtered log as CSV; that it was taken out is in the audit trail, without whom."""
    actor = _reader(request)
    _form, wanted = _filter(request.POST)
    file = io.BytesIO()
    rows = write_csv(file, queries.EXPORT_COLUMNS, queries.export_rows(wanted, EXPORT_LIMIT))
    trail.record(actor, "looks.exported", None, rows=rows, conditions=sorted(wanted.as_data()))
    return as_csv(file.getvalue(), "access-log")
