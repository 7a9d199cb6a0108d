"""A session ends after so many hours without a click (SESSION_COOKIE_AGE)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

SEEN = "seen"
FRESH = 600  # seconds: within them a click is not written down, so most pages cost no write


@receiver(user_logged_in, dispatch_uid="core.sessions")
def _stamp(request: HttpRequest | None = None, **_signal: Any) -> None:
    if request is not None and hasattr(request, "session"):
        request.session[SEEN] = int(time.time())


class Idle:
    """Keeps the session of somebody who clicks: storing it anew moves its end."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seen = request.session.get(SEEN) if request.session.session_key else None
        now = int(time.time())
        if isinstance(seen, int) and now - seen > FRESH:
            request.session[SEEN] = now
        return self.get_response(request)
