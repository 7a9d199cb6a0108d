"""What every template may ask about the instance."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject


def instance(request: HttpRequest) -> dict[str, Any]:
    """`demo_mode`, and in demo mode `demo_accounts` and `demo_surveys` for the login page;
    `company_logins` whether there are any."""
    common = {"demo_mode": settings.DEMO_MODE, "company_logins": bool(settings.SSO_PROVIDERS)}
    if not settings.DEMO_MODE:
        return common
    from dashboards.services.demo import accounts, invitations

    return {
        **common,
        "demo_accounts": SimpleLazyObject(accounts.on_login_page),
        "demo_surveys": SimpleLazyObject(invitations.on_login_page),
    }


def shell(request: HttpRequest) -> dict[str, Any]:
    """`navigation` of a logged-in account, worked out when a template asks for it, `theme`: light,
    dark or auto, and `opened_at` for what is printed."""
    from dashboards.queries.navigation import shell as navigation
    from dashboards.views.home import THEMES

    chosen = request.COOKIES.get("theme", "")
    return {
        "theme": chosen if chosen in THEMES else "auto",
        "opened_at": timezone.now(),
        "navigation": SimpleLazyObject(lambda: navigation(request.user, request.path)),
    }
