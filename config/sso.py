"""Company logins by environment: which providers, and their keys (docs/operations.md)."""

from __future__ import annotations

from collections.abc import Callable
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
    """SOCIALACCOUNT_PROVIDERS: one app for each of them."""
    return {name: {"APPS": [_APPS[name]()]} for name in chosen}


def _openid_connect() -> dict[str, Any]:
    return {
        "client_id": env.text("SSO_OPENID_CONNECT_ID"),
        "secret": env.text("SSO_OPENID_CONNECT_SECRET"),
        "provider_id": "company",
        "name": env.text("SSO_OPENID_CONNECT_NAME", "OpenID Connect"),
        "settings": {
            "server_url": env.text("SSO_OPENID_CONNECT_URL"),
            "oauth_pkce_enabled": True,
        },
    }


def _dingtalk() -> dict[str, Any]:
    return {"client_id": env.text("SSO_DINGTALK_ID"), "secret": env.text("SSO_DINGTALK_SECRET")}


def _feishu() -> dict[str, Any]:
    return {"client_id": env.text("SSO_FEISHU_ID"), "secret": env.text("SSO_FEISHU_SECRET")}


def _weixin() -> dict[str, Any]:
    return {"client_id": env.text("SSO_WEIXIN_ID"), "secret": env.text("SSO_WEIXIN_SECRET")}


_APPS: dict[str, Callable[[], dict[str, Any]]] = {
    "openid_connect": _openid_connect,
    "dingtalk": _dingtalk,
    "feishu": _feishu,
    "weixin": _weixin,
}
