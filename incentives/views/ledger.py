"""The ledger: every amount that reaches pay, its check, its export, and the corrections."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from core import jobs
from core.models import User
from core.pages import paged
from core.permissions import require
from incentives.exports import entries as exports
from incentives.models import LedgerEntry
from incentives.permissions import may_run_payroll, may_see_payroll
from incentives.queries import entries as queries
from incentives.queries.entries import Filter
from incentives.services import checking
from organization.services import saw_pay


def _filter(request: HttpRequest) -> Filter:
    values = request.POST if request.method == "POST" else request.GET
    text = {key: values.get(key, "").strip() for key in ("month", "q", "kind", "source")}
    return Filter(text["month"], text["q"], text["kind"], text["source"])


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """Entries by filter, newest first, with their sums and the last check of the chain."""
    user = _user(request)
    require(may_see_payroll(user))
    asked = _filter(request)
    rows = queries.filtered(asked)
    page = paged(request, rows)
    context = {
        "page": page,
        "asked": asked,
        "sums": queries.sums(rows),
        "months": queries.months(),
        "kinds": [(key or "none", label) for key, label in LedgerEntry.Kind.choices],
        "sources": LedgerEntry.Source.choices,
        "check": queries.last_check(),
        "run": may_run_payroll(user),
    }
    answer = render(request, "incentives/payroll/ledger.html", context)
    saw_pay(user, "ledger", subject=asked.month, people={row.employee_id for row in page})
    return answer


@require_POST
def ledger_export(request: HttpRequest) -> HttpResponse:
    """The entries of the filter as CSV or XLSX; that they left the house is recorded."""
    user = _user(request)
    require(may_run_payroll(user))
    asked = _filter(request)
    kind = "csv" if request.POST.get("format") == "csv" else "xlsx"
    file = BytesIO()
    count = exports.write(file, queries.filtered(asked), kind)
    checking.record_export(asked.as_query(), rows=count, kind=kind, actor=user)
    saw_pay(user, "ledger_file", subject=asked.month, people=None)
    answer = HttpResponse(file.getvalue(), content_type=exports.CONTENT_TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="ledger.{kind}"'
    return answer


@require_POST
def ledger_verify(request: HttpRequest) -> HttpResponse:
    """Check the whole ledger, every batch and every scorecard, as long work."""
    user = _user(request)
    require(may_see_payroll(user))
    job = checking.check_ledger(actor=user)
    jobs.enqueue(job)
    return redirect("ledger")


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    """What is taken back and replaced: riding in the next batch first, then the past ones."""
    user = _user(request)
    require(may_see_payroll(user))
    waiting = queries.corrections(list(queries.waiting_reversals()[:200]))
    past = queries.reversals().filter(lines__live=True).distinct()
    page = paged(request, past)
    context: dict[str, Any] = {
        "waiting": waiting,
        "page": page,
        "past": queries.corrections(list(page)),
    }
    answer = render(request, "incentives/payroll/corrections.html", context)
    people = {one.reversal.employee_id for one in (*waiting, *context["past"])}
    saw_pay(user, "corrections", people=people)
    return answer


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]
