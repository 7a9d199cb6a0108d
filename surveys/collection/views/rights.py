"""What customers may do apart from answering: read the notice, and stop surveys."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from surveys.collection.queries.links import Opened
from surveys.collection.rules.form import NOTICE_VERSION
from surveys.collection.services import refuse
from surveys.collection.views import public


@require_safe
@public.public
def privacy(request: HttpRequest) -> HttpResponse:
    """The privacy notice: purpose, what is stored, for how long, rights."""
    context = {"version": NOTICE_VERSION, "draft_days": settings.RETENTION_DRAFT_DAYS}
    return public.page(request, "public/privacy.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@public.with_link
def stop(request: HttpRequest, token: str, found: Opened) -> HttpResponse:
    """No more surveys, for good: asked once more, then stored. Any link works, a used one too."""
    done = request.method == "POST" and refuse(found.invitation, now=timezone.now())
    context = {"token": token, "found": found, "done": done, "known": not found.many,
               "company": found.company}  # fmt: skip
    return public.page(request, "public/stop.html", context)
