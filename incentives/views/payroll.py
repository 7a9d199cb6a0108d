"""The month close and its batches: what is done, what the payroll system must match, the steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import InvalidInput
from core.models import User
from core.months import shift
from core.pages import paged
from core.permissions import require
from incentives.forms.payroll import Receipt, SendBack
from incentives.models import PayrollBatch
from incentives.permissions import may_open_line, may_run_payroll, may_see_payroll
from incentives.queries import batches as queries
from incentives.queries.differences import difference, part_label
from incentives.queries.guard import hints
from incentives.queries.month import close_of, working_month
from incentives.queries.trail import find_line, trail_of
from incentives.rules.months import first_of_month
from incentives.services import ledger, payroll
from incentives.services.looking import saw_batch
from organization.services import saw_pay


@require_safe
def month_close(request: HttpRequest) -> HttpResponse:
    """The nine steps of a payroll month and the batch at work."""
    user = _user(request)
    require(may_see_payroll(user))
    asked = request.GET.get("month", "")
    month = first_of_month(asked) if asked else working_month(timezone.localdate())
    if month is None:
        raise Http404
    context = _month_context(request, month)
    answer = render(request, "incentives/payroll/month.html", context)
    if context["close"].batch:
        saw_batch(user, context)
    return answer


def _month_context(request: HttpRequest, month: date) -> dict[str, Any]:
    close = close_of(month)
    return {
        "close": close,
        "month": month,
        "key": f"{month:%Y-%m}",
        "before": f"{shift(month, -1):%Y-%m}",
        "after": f"{shift(month, 1):%Y-%m}",
        "build": may_run_payroll(_user(request)),
        **(_batch_context(request, close.batch) if close.batch else {"difference": None}),
    }


def _batch_context(request: HttpRequest, batch: PayrollBatch) -> dict[str, Any]:
    """What the month and the batch page show of a batch."""
    user = _user(request)
    asked = {key: request.GET.get(key, "").strip() for key in ("q", "item", "kind")}
    rows = queries.lines(batch, search=asked["q"], item=asked["item"], kind=asked["kind"])
    found = difference(batch.month) if batch.state != PayrollBatch.State.REJECTED else None
    if found:
        found["rows"] = [(part_label(part), part.amount) for part in found["parts"]]
    return {
        "batch": batch,
        "totals": queries.totals(batch),
        "verbs": queries.verbs(batch, user),
        "approvers": queries.approvers(batch),
        "own_batch": batch.built_by_id == user.pk,
        "hints": hints(batch),
        "difference": found,
        "page": paged(request, rows),
        "asked": asked,
        "history": queries.history(batch.events.all()),
        "receipt": Receipt(),
        "send_back": SendBack(),
    }


@require_safe
def payroll_batch(request: HttpRequest, batch_no: str) -> HttpResponse:
    """One batch: what it pays, its hints, its lines, its steps."""
    batch = _batch(request, batch_no)
    return _show(request, _batch_context(request, batch))


def _show(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    answer = render(request, "incentives/payroll/batch.html", context, status=status)
    saw_batch(_user(request), context)
    return answer


def _batch(request: HttpRequest, batch_no: str) -> PayrollBatch:
    rows = PayrollBatch.objects.visible_to(_user(request))
    rows = rows.select_related("built_by__employee", "approved_by__employee", "file")
    return get_object_or_404(rows.prefetch_related("events__actor__employee"), batch_no=batch_no)


@require_safe
def payroll_line(request: HttpRequest, batch_no: str, line_no: int) -> HttpResponse:
    """Where the money of a line comes from, down to one customer's answers."""
    line = find_line(batch_no, line_no)
    if line is None or not may_open_line(_user(request), line):
        raise Http404
    trail = trail_of(line, answer=request.GET.get("answer", ""))
    context = {
        "trail": trail,
        "line": line,
        "intact": ledger.intact(trail.entry),
        "sees_batch": may_see_payroll(_user(request)),
    }
    in_drawer = request.headers.get("HX-Request") == "true"
    template = "incentives/payroll/_drawer.html" if in_drawer else "incentives/payroll/line.html"
    answer = render(request, template, context)
    saw_pay(_user(request), "payroll_line", subject=line.no, people=[line.employee_id])
    return answer


# --- the steps -----------------------------------------------------------------------------------


@require_POST
def month_build(request: HttpRequest) -> HttpResponse:
    """Gather every free entry of the month in a batch."""
    require(may_run_payroll(_user(request)))
    month = first_of_month(request.POST.get("month", ""))
    if month is None:
        raise Http404
    batch = payroll.build(month, actor=_user(request))
    messages.success(request, _("%(batch)s is built.") % {"batch": batch.batch_no})
    return redirect("payroll_batch", batch.batch_no)


@require_POST
def batch_step(request: HttpRequest, batch_no: str, step: str) -> HttpResponse:
    """validate, approve, generate or close: steps without anything to type."""
    verbs: dict[str, tuple[Callable[..., Any], str]] = {
        "validate": (payroll.validate, _("%(batch)s is checked and waits for its approval.")),
        "approve": (payroll.approve, _("%(batch)s is approved.")),
        "generate": (payroll.generate, _("The workbook of %(batch)s is made and stored.")),
        "close": (payroll.close, _("%(batch)s is closed.")),
    }
    batch = _batch(request, batch_no)
    verb, said = verbs[step]
    verb(batch, actor=_user(request))
    messages.success(request, said % {"batch": batch.batch_no})
    return redirect("payroll_batch", batch.batch_no)


@require_POST
def batch_reject(request: HttpRequest, batch_no: str) -> HttpResponse:
    """Take a batch back; the reason is kept with it."""
    batch = _batch(request, batch_no)
    form = SendBack(request.POST)
    if not form.is_valid():
        return _again(request, batch, send_back=form)
    payroll.reject(batch, reason=form.cleaned_data["reason"], actor=_user(request))
    messages.success(
        request, _("%(batch)s is taken back; its entries are free.") % {"batch": batch.batch_no}
    )
    return redirect("payroll_batch", batch.batch_no)


@require_POST
def batch_acknowledge(request: HttpRequest, batch_no: str) -> HttpResponse:
    """The payroll system's own lines and total; anything else than the batch's is refused."""
    user = _user(request)
    batch = _batch(request, batch_no)
    require(may_run_payroll(user))
    form = Receipt(request.POST)
    if form.is_valid():
        try:
            payroll.acknowledge(batch, **form.cleaned_data, actor=user)
        except InvalidInput as error:
            form.add_error(None, str(error))
    if form.errors:
        return _again(request, batch, receipt=form)
    messages.success(
        request, _("The receipt matches; %(batch)s is acknowledged.") % {"batch": batch.batch_no}
    )
    return redirect("payroll_batch", batch.batch_no)


def _again(request: HttpRequest, batch: PayrollBatch, **forms: Any) -> HttpResponse:
    """The batch page with the form as it was typed."""
    return _show(request, {**_batch_context(request, batch), **forms}, 422)


@require_POST
def batch_workbook(request: HttpRequest, batch_no: str) -> HttpResponse:
    """The stored workbook, byte for byte; that it was handed out is recorded, so it is a POST."""
    user = _user(request)
    batch = _batch(request, batch_no)
    require(may_run_payroll(user))
    if batch.state not in queries.WITH_FILE:
        raise InvalidInput(_("The workbook of %(batch)s is not made yet.") % {"batch": batch_no})
    content = payroll.stored_bytes(batch.file)
    payroll.deliver(batch, actor=user)
    saw_pay(user, "payroll_workbook", subject=batch.batch_no, people=None)
    answer = HttpResponse(
        content, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    answer["Content-Disposition"] = f'attachment; filename="{batch.batch_no}.xlsx"'
    return answer


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]
