"""Company logins by environment: which providers, and their keys (docs/operations.md)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_noop

from config import env

KNOWN = ("openid_connect", "dingtalk", "feishu", "weixin")
# What the buttons say, translated where they stand.
NAMES = (gettext_noop("DingTalk"), gettext_noop("feishu"), gettext_noop("Weixin"))


def providers() -> list[str]:
    """The providers of SSO_PROVIDERS; a name that is not known is an error."""
    chosen = env.names("SSO_PROVIDERS")
    if unknown := [name for name in chosen if name not in KNOWN]:
        raise ImproperlyConfigured(
            f"SSO_PROVIDERS knows {', '.join(KNOWN)}, not {', '.join(unknown)}."
        )
    return chosen


def apps(chosen: list[str]) -> list[str]:
    """Their Django apps."""
    return [f"allauth.socialaccount.providers.{name}" for name in chosen]


def keys(chosen: list[str]) -> dict[str, Any]:
    """SOCIALACCOUNT_PROVIDERS: one app each, all from SSO_<NAME>_ID and SSO_<NAME>_SECRET."""
    return {name: {"APPS": [_app(name)]} for name in chosen}


def _app(name: str) -> dict[str, Any]:
    prefix = f"SSO_{name.upper()}"
    app: dict[str, Any] = {
        "client_id": env.text(f"{prefix}_ID"),
        "secret": env.text(f"{prefix}_SECRET"),
    }
    if name == "openid_connect":
        app["provider_id"] = "company"
        app["name"] = env.text(f"{prefix}_NAME", "OpenID Connect")
        app["settings"] = {"server_url": env.text(f"{prefix}_URL"), "oauth_pkce_enabled": True}
    return app
