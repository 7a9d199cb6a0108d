"""Every component of the product on one page, in demo mode only."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboards.queries.styleguide import components


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Tokens, type, states, forms, charts: what a page is made of."""
    if not settings.DEMO_MODE:
        raise Http404
    return render(request, "styleguide/index.html", components())
