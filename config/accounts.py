"""Login rules of the company, for allauth."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext as _

from core import audit
from core.models import User


class Adapter(DefaultAccountAdapter):
    """Accounts are made by the administration; people change their password and second factor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: User, password: str) -> None:
        with audit.via("web"):
            super().set_password(user, password)
            audit.record(user, "user.password_changed", user)


class SocialAdapter(DefaultSocialAccountAdapter):
    """A company login opens an account that is there already; it never makes one.

    The first time it is linked by the employee number the provider names, or by an e-mail address
    the provider has verified and exactly one open account has.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if sociallogin.is_existing or request.user.is_authenticated:
            return
        user = account_of(sociallogin)
        if user is None:
            raise ImmediateHttpResponse(
                render(
                    request,
                    "error.html",
                    {
                        "title": _("No account for this login"),
                        "reason": _(
                            "The company login worked, but no account here belongs to it. Ask an "
                            "administrator to make one, or log in with your password."
                        ),
                    },
                    status=403,
                )
            )
        sociallogin.connect(request, user)
        audit.record(user, "user.linked", user, provider=sociallogin.account.provider)


def account_of(sociallogin: SocialLogin) -> User | None:
    """The open account a new company login belongs to; None where that is not certain."""
    open_accounts = User.objects.filter(is_active=True, api_client__isnull=True)
    if number := _claim(sociallogin.account.extra_data, settings.SSO_EMPLOYEE_CLAIM):
        return open_accounts.filter(employee__employee_no=number).first()
    verified = [address.email for address in sociallogin.email_addresses if address.verified]
    found = [user for email in verified for user in open_accounts.filter(email__iexact=email)[:2]]
    return found[0] if len({user.pk for user in found}) == 1 else None


def _claim(data: dict[str, Any], name: str) -> str:
    """The claim, from the user's information or the signed token."""
    for part in (data.get("userinfo"), data.get("id_token"), data):
        if isinstance(part, dict) and part.get(name):
            return str(part[name])
    return ""
