"""Home, the account, news, and the switches of language and colours."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from core.models import User
from core.pages import paged
from dashboards.queries import home as queries
from dashboards.queries.notices import news

_YEAR = 365 * 24 * 3600
THEMES = ("auto", "light", "dark")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Who you are, your roles, and what waits for you."""
    user: User = request.user  # type: ignore[assignment]
    return render(request, "dashboards/home.html", queries.home(user))


@require_POST
@login_not_required
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language in the browser, and for the account: its e-mails use it."""
    language = request.POST.get("language", "")
    answer = _back(request)
    if language in dict(settings.LANGUAGES):
        translation.activate(language)
        _remember(answer, settings.LANGUAGE_COOKIE_NAME, language)
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=language)
    return answer


@require_POST
@login_not_required
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or "as the system" in the browser."""
    theme = request.POST.get("theme", "")
    answer = _back(request)
    if theme in THEMES:
        _remember(answer, "theme", theme)
    return answer


def _back(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(target if own else "/")


def _remember(answer: HttpResponse, name: str, value: str) -> None:
    secure = settings.SESSION_COOKIE_SECURE
    answer.set_cookie(name, value, max_age=_YEAR, secure=secure, httponly=True, samesite="Lax")


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """What one may set for oneself: password, second factor, language, colours."""
    return render(request, "dashboards/account.html")


def _user(request: HttpRequest) -> User:
    user: User = request.user  # type: ignore[assignment]
    return user


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """All news, the newest first."""
    page = paged(request, _user(request).notifications.order_by("-id"))
    return render(request, "dashboards/notices.html", {"page": page, "rows": news(page)})


@require_POST
def read_notices(request: HttpRequest) -> HttpResponse:
    """Mark all news as read."""
    mine = _user(request).notifications.filter(read_at=None)
    mine.update(read_at=timezone.now())
    return redirect("notices")


@require_safe
def job_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a long piece of work is: a fragment that asks again while it runs."""
    job = get_object_or_404(queries.jobs_visible_to(request.user), pk=pk)  # type: ignore[arg-type]
    return render(request, "components/job.html", {"job": job, "refreshes": True})
