"""Requests that cannot be read, as pages."""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _

from core.bodies import read_to_its_end
from core.errors import is_disk_full
from core.logs import request_number


def failed(request: HttpRequest) -> HttpResponse:
    """A fault of ours: a page that needs nothing but its template, with the number to report.
    507 where a disk is full, which whoever runs the server can mend."""
    full = is_disk_full(sys.exc_info()[1])
    page = loader.get_template("500.html").render({"number": request_number(), "full": full})
    return HttpResponseServerError(page, status=507 if full else 500)


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
        read_to_its_end(request)
        context["title"] = _("This is too large")
        context["reason"] = _(
            "A form may be %(size)d MB; a file that is uploaded says its own."
        ) % {"size": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2}
    return render(request, "error.html", context, status=status)
