"""What only the demo company offers: to answer a survey as one of its invented customers."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from dashboards.services.demo.invitations import fresh_link, on_login_page


@require_POST
@login_not_required
def answer_as_customer(request: HttpRequest, code: str) -> HttpResponse:
    """A fresh link of an invented customer, opened at once. Nothing of it outside demo mode."""
    if not settings.DEMO_MODE or code not in {one["code"] for one in on_login_page()}:
        raise Http404
    language = get_language() or settings.LANGUAGE_CODE
    return redirect("answer", fresh_link(code, language=language, now=timezone.now()))
