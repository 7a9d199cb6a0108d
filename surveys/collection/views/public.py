"""What the public pages share: the language, headers, cookies, and the brake."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache, wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers

from surveys.collection.queries.links import Opened, company, opened
from surveys.collection.services import rates

View = Callable[..., HttpResponse]
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
DEVICE_COOKIE, DEVICE_SECONDS = "hp_device", 2 * 24 * 3600
DRAFT_COOKIE, DRAFT_SECONDS = "hp_answer", 14 * 24 * 3600
YEAR = 365 * 24 * 3600
_KEY = re.compile(r"[\w-]{16,64}", re.ASCII)
_LONGEST = timedelta(days=90)
_signer = Signer(salt="surveys.answer")


def public(view: View) -> View:
    """A page for everybody: never cached, never indexed, never naming its address to others, and
    not written into the log of requests with its address."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        add_never_cache_headers(answer)
        answer["Cache-Control"] = "no-store, private"
        answer["Referrer-Policy"] = "same-origin"
        answer["X-Robots-Tag"] = "noindex, nofollow"
        answer._has_been_logged = True  # type: ignore[attr-defined]  # the token is in the path
        return answer

    return login_not_required(wrapped)


def chosen_language(request: HttpRequest, fallback: str) -> str:
    """What the browser chose before, else what the invitation was made in."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in LANGUAGES else fallback


def with_link(view: View) -> View:
    """Gives the view what the token opens, in the customer's language; unknown links: 404."""

    @public
    @wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        found = opened(token, timezone.now(), cookie(request, DRAFT_COOKIE))
        if found is None:
            return page(request, "public/gone.html", {"why": "unknown"}, status=404)
        translation.activate(chosen_language(request, found.invitation.language))
        request.LANGUAGE_CODE = translation.get_language()
        return view(request, token, found)

    return wrapped


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page for customers. `context` holds the company's names where they were read already."""
    shared: dict[str, Any] = {"complaint_url": complaint_url(), "care": settings.CARE_CONTACT}
    if "company" not in context:
        shared["company"] = company()
    return render(request, template, {**shared, **context}, status=status)


@cache
def complaint_url() -> str:
    """Where customers complain: of its own as soon as there is such a page."""
    try:
        return reverse("complaint")
    except NoReverseMatch:
        return reverse("privacy") + "#contact"


# --- who answers: signed stamps and cookies ------------------------------------------------------


def cookie(request: HttpRequest, name: str) -> str:
    """The value of one of our own random cookies; empty for anything else."""
    value = request.COOKIES.get(name, "")
    return value if _KEY.fullmatch(value) else ""


def new_key() -> str:
    return secrets.token_urlsafe(16)


def stamp(key: str, moment: datetime) -> str:
    """The key of this browser's answer with the moment its first page was opened, signed: opening
    the page records nothing here."""
    return _signer.sign(f"{key or '-'} {moment.timestamp():.3f}")


def read_stamp(value: str, now: datetime) -> tuple[str | None, datetime]:
    """(key, moment) of a stamp; (None, now) for what we did not sign or long ago."""
    try:
        key, _space, seconds = _signer.unsign(value).partition(" ")
        moment = datetime.fromtimestamp(float(seconds), UTC)
    except (BadSignature, ValueError):
        return None, now
    if not timedelta(0) <= now - moment <= _LONGEST:
        return None, now
    return ("" if key == "-" else key), moment


def remember(
    answer: HttpResponse, name: str, value: str, seconds: int | None, path: str = "/"
) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def address(request: HttpRequest) -> str:
    """The customer's network address, behind as many proxies as we trust."""
    trusted = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if trusted:
        passed = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(passed) >= trusted and passed[-trusted]:
            return passed[-trusted][:64]
    return str(request.META.get("REMOTE_ADDR", ""))[:64]


def within_limits(request: HttpRequest, found: Opened, *, anonymous: bool) -> bool:
    """Whether this post is one of few enough. Nothing of the network is kept of anonymous ones."""
    most = rates.MOST_PER_POSTER if found.many else rates.MOST_PER_LINK
    limits = [(f"link {found.invitation.pk}", most)]
    if not anonymous:
        limits.append((f"address {address(request)}", rates.MOST_PER_ADDRESS))
    return rates.count_post(limits, now=timezone.now())
