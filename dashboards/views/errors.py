"""Requests that cannot be read, as pages."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A form larger than may be sent: 413 with the limit; anything else: 400."""
    context = {
        "title": _("This cannot be done"),
        "reason": _("The request cannot be read. Go back, load the page again and try once more."),
        "glyph": "alert-triangle",
        "stored_nothing": True,
    }
    status = 400
    if isinstance(exception, RequestDataTooBig):
        status = 413
        context["title"] = _("This is too large")
        context["reason"] = _(
            "A form may be %(size)d MB; a file that is uploaded says its own."
        ) % {"size": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2}
    return render(request, "error.html", context, status=status)
