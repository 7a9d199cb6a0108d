"""Login rules of the company, for allauth."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

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
