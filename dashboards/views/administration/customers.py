"""What is stored about a customer: looked up, handed out, erased (PIPL articles 45 and 47)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Conflict
from core.models import User
from core.permissions import require
from customers import services
from customers.models import Customer
from customers.permissions import may_answer_for_data, may_erase
from dashboards.exports.customer import FORMATS, customer_file
from dashboards.forms.administration import ErasureForm, HandOverForm
from dashboards.queries.administration import customers as queries
from dashboards.queries.administration.settings import retention
from organization.services import saw_comments


def _actor(request: HttpRequest) -> User:
    """Whoever may answer a customer's request; anybody else is refused."""
    user: User = request.user  # type: ignore[assignment]
    require(may_answer_for_data(user))
    return user


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Find a customer by number; beside it, how long what is kept."""
    _actor(request)
    number = request.GET.get("q", "").strip()[:60]
    found = queries.search(number)
    context = {
        "number": number,
        "found": found[: queries.MOST_FOUND],
        "more": len(found) > queries.MOST_FOUND,
        "retention": retention(),
        "last": queries.last_retention(),
    }
    return render(request, "dashboards/administration/customers.html", context)


@require_safe
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """What is stored about one customer, contacts masked: looking records nothing."""
    actor = _actor(request)
    seen = queries.seen(get_object_or_404(Customer, pk=pk), actor)
    context = {"seen": seen, "form": HandOverForm(initial={"language": seen.language})}
    return render(request, "dashboards/administration/customer.html", context)


@require_POST
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The file for the customer, made while it is downloaded: no copy stays here."""
    actor = _actor(request)
    found = get_object_or_404(Customer, pk=pk)
    form = HandOverForm(request.POST)
    if not form.is_valid():
        context = {"seen": queries.seen(found, actor), "form": form}
        return render(request, "dashboards/administration/customer.html", context, status=422)
    kind = form.cleaned_data["format"]
    with translation.override(form.cleaned_data["language"]):
        content = customer_file(services.hand_over(found, actor=actor, form=kind), kind)
    answer = HttpResponse(content, content_type=FORMATS[kind])
    saw_comments(actor, "customer_file", subject=found.customer_no)
    answer["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"customer-data-{found.customer_no}.{kind}"
    )
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what goes and what stays, ask for the reason, then erase."""
    actor = _actor(request)
    found = get_object_or_404(Customer, pk=pk)
    require(may_erase(actor, found))
    form = ErasureForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                done = services.erase(
                    found,
                    actor=actor,
                    reason=form.cleaned_data["reason"],
                    now=timezone.now(),
                )
            except Conflict as error:
                form.add_error(None, str(error))
                status = error.status
            else:
                _say(request, done)
                return redirect("customer_data", pk)
    left = services.to_erase(found)
    context = {"customer": found, "form": form, "goes": queries.goes(left)}
    return render(request, "dashboards/administration/customer_erase.html", context, status=status)


def _say(request: HttpRequest, done: services.Erased) -> None:
    if done.changed:
        messages.success(request, _("The personal data of this customer are erased."))
    else:
        messages.info(request, _("Nothing personal was left to erase."))
