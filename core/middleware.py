"""A refusal by a service becomes a page that says why, with the right status."""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from core import audit
from core.errors import DomainError
from core.once import remembering
from core.permissions import Denied

Handler = Callable[[HttpRequest], HttpResponse]


_GLYPHS = {403: "lock", 409: "refresh"}


class OncePerPage:
    """While a page is only shown, questions asked again and again are answered once."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with remembering():
            return self.get_response(request)


class Policy:
    """The Content-Security-Policy of the settings, put together once: no page of ours changes it,
    and none has a nonce. A view that sends one of its own is believed; so are Django's pages about
    an error while developing, which would have no style."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self._policy = build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        developing = settings.DEBUG and response.status_code in (404, 500)
        if HEADER not in response and not developing:
            response[HEADER] = self._policy
        return response


class Unstored:
    """What somebody logged in sees is kept by no cache, the browser's included: pages hold pay,
    results and what customers wrote. A view that says otherwise is believed."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response and request.user.is_authenticated:
            response["Cache-Control"] = "private, no-store"
        return response


class Refusals:
    """Denied -> 403, InvalidTransition and Conflict -> 409, InvalidInput -> 400, each as the page
    error.html; pages with a form catch InvalidInput and keep what was typed. What is done
    in a request is audited as done by way of the web."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with audit.via("web"):  # the API says "api" itself
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        context = {
            "title": _title(error),
            "reason": str(error),
            "glyph": _GLYPHS.get(error.status, "alert-triangle"),
            "stored_nothing": request.method == "POST",
        }
        return render(request, "error.html", context, status=error.status)


def _title(error: DomainError) -> str:
    if isinstance(error, Denied):
        return _("Not allowed")
    if error.status == 409:
        return _("This has changed meanwhile")
    return _("This cannot be done")
