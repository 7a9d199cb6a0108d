"""The one way a person gets a password from the administration: a link that works once."""

from __future__ import annotations

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from core import audit
from core.errors import InvalidInput, InvalidTransition
from core.mailing import Outcome, deliver
from core.models import User
from core.permissions import require
from organization.permissions import may_manage_account


@transaction.atomic
def send_password_link(user: User, *, actor: User, root: str) -> None:
    """Mail the account a link to set its password; `root` is the site ("https://host").

    Nobody sees a password, and the old one works until the link is used. Without an address or
    when the mail server refuses: InvalidInput, and nothing is noted.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    require(may_manage_account(actor, user))
    if not user.is_active:
        raise InvalidTransition(_("This account is closed; open it again first."))
    if not user.email:
        raise InvalidInput(_("This account has no e-mail address; HR keeps it in the roster."))
    audit.record(actor, "user.password_link_sent", user)
    _mail(user, root.rstrip("/") + _path(user))


def _path(user: User) -> str:
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    return reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": token},
    )


def _mail(user: User, link: str) -> None:
    context = {
        "username": user.username,
        "link": link,
        "first": not user.has_usable_password(),
        "days": settings.PASSWORD_RESET_TIMEOUT // 86400,
    }
    with translation.override(user.language):
        mail = EmailMessage(
            subject=render_to_string(
                "organization/mail/password_link_subject.txt", context
            ).strip(),
            body=render_to_string("organization/mail/password_link.txt", context),
            to=[user.email],
        )
    if deliver(lambda: mail, f"The password link of account {user.pk}") is not Outcome.SENT:
        raise InvalidInput(_("The e-mail could not be sent; please try again later."))
