"""What every page of a logged-in person depends on: the own language, the second factor."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation

from organization.queries import roles_of

Handler = Callable[[HttpRequest], HttpResponse]

# Pages that stay open until the second factor is set up.
_WAY_IN = {
    "mfa_activate_totp",
    "account_reauthenticate",
    "account_logout",
    "set_language",
    "healthz",
    "readyz",
}
_CHECKED = "second_factor_checked"


class OwnLanguage:
    """Where the browser chose no language, pages come in the one the account chose."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class SecondFactor:
    """Whoever holds a role of SECOND_FACTOR_ROLES sets up a second factor before anything else."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        if not settings.SECOND_FACTOR_ROLES or not request.user.is_authenticated:
            return None
        if request.session.get(_CHECKED):
            return None
        if is_mfa_enabled(request.user):
            request.session[_CHECKED] = True
            return None
        match = request.resolver_match
        if match is not None and match.url_name in _WAY_IN:
            return None
        if not roles_of(request.user) & set(settings.SECOND_FACTOR_ROLES):
            return None
        return redirect("mfa_activate_totp")
