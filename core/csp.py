"""Where browsers report what the Content-Security-Policy stopped: a line in the log and a count.

Anybody can send such a report, so nothing of it is believed or stored: what is logged is the
directive, the kind of thing that was stopped and the page by its URL name, since an address may
hold a customer's link; and no more than so many lines a minute.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.bodies import read_to_its_end
from core.metrics import CSP_REPORTS

LARGEST = 16 * 1024  # bytes; a report is well under one
MOST = 60  # lines of the log a minute, all web processes together
_DIRECTIVES = frozenset(
    {
        *("default-src", "script-src", "script-src-elem", "script-src-attr"),
        *("style-src", "style-src-elem", "style-src-attr", "img-src", "font-src", "connect-src"),
        *("form-action", "base-uri", "frame-ancestors", "frame-src", "worker-src", "media-src"),
        *("object-src", "manifest-src"),
    }
)
_KINDS = frozenset({"inline", "eval", "wasm-eval", "data", "blob", "self", "trusted-types-policy"})

logger = logging.getLogger("hengping.csp")


@login_not_required
@csrf_exempt
@require_POST
@never_cache
def report(request: HttpRequest) -> HttpResponse:
    """204; 400 for what is no report, 413 for one that is too long."""
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        length = LARGEST + 1
    if length > LARGEST:
        read_to_its_end(request)
        return HttpResponse(status=413)
    try:
        found = list(_reports(json.loads(request.body)))
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    if not found:
        return HttpResponse(status=400)
    for directive, stopped, route in found[:5]:
        CSP_REPORTS.labels(directive).inc()
        if _may_log():
            logger.warning("policy stopped %s of %s on %s", stopped, directive, route)
    return HttpResponse(status=204)


def _reports(sent: Any) -> Iterator[tuple[str, str, str]]:
    """(directive, what was stopped, page) of either form browsers send: report-uri, report-to."""
    for one in sent if isinstance(sent, list) else [sent]:
        body = one.get("body" if "body" in one else "csp-report") if isinstance(one, dict) else None
        if not isinstance(body, dict):
            continue
        directive = body.get("effectiveDirective") or body.get("effective-directive")
        directive = directive or body.get("violated-directive")
        blocked = body.get("blockedURL") or body.get("blocked-uri")
        page = body.get("documentURL") or body.get("document-uri")
        yield _directive(directive), _stopped(blocked), _route(page)


def _directive(given: Any) -> str:
    word = given.split(" ")[0] if isinstance(given, str) else ""
    return word if word in _DIRECTIVES else "other"


def _stopped(given: Any) -> str:
    """A keyword, or of an address the scheme alone: who sent the report chose the rest."""
    if not isinstance(given, str) or not given:
        return "something"
    if given in _KINDS:
        return given
    try:
        scheme = urlsplit(given).scheme
    except ValueError:
        return "something"
    return (
        scheme if scheme in ("http", "https", "data", "blob", "chrome-extension") else "something"
    )


def _route(given: Any) -> str:
    try:
        return resolve(urlsplit(given).path).view_name if isinstance(given, str) else "none"
    except (ValueError, Resolver404):
        return "none"


def _may_log() -> bool:
    key = f"csp-reports:{timezone.now():%Y%m%d%H%M}"
    cache.add(key, 0, timeout=120)
    try:
        return cache.incr(key) <= MOST
    except ValueError:  # it ran out between the two
        return True
