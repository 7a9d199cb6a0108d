"""The explanation of a result as a document to print and keep."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from core.models import User
from core.pdf import pdf
from dashboards.queries.employee import card, pack
from dashboards.queries.employee.access import Sight
from dashboards.views.employee.scores import own_sight, sight_of, span_or_404, version_or_404
from organization.services import saw_pay


@require_safe
def my_score_pack(request: HttpRequest, key: str) -> HttpResponse:
    """The own result."""
    return _pack(request, own_sight(request), key)


@require_safe
def score_pack(request: HttpRequest, employee_no: str, key: str) -> HttpResponse:
    """Somebody else's, for those who may see it."""
    return _pack(request, sight_of(request, employee_no), key)


def _pack(request: HttpRequest, sight: Sight, key: str) -> HttpResponse:
    span = span_or_404(key)
    versions = card.versions_of(sight, span.key)
    if not versions:
        raise Http404
    shown = version_or_404(request, versions)
    user: User = request.user  # type: ignore[assignment]
    context = pack.context_of(sight, versions, shown, user=user, now=timezone.now())
    made = pdf(render_to_string("dashboards/employee/pack.html", context, request=request))
    if context["pay"]:
        saw_pay(user, "score_pack", subject=span.key, people=[sight.employee.pk])
    name = f"{sight.employee.employee_no}-{span.key}-v{shown.version}.pdf"
    return HttpResponse(
        made,
        content_type="application/pdf",
        headers={"Content-Disposition": content_disposition_header(False, name) or "inline"},
    )
