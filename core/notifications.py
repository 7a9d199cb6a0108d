"""Notices: a row in the transaction of the change, an e-mail by the next sweep."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core.audit import plain, reference
from core.mailing import Outcome, deliver, next_try
from core.models import Notification, User
from core.templatetags.ui import period_name
from core.templatetags.ui import text as in_language

_PERIOD = re.compile(r"\d{4}(-(0[1-9]|1[0-2]|Q[1-4]))?")
_texts: dict[str, object] = {}


def describe(verb: str, text: object) -> None:
    """Say what a verb reads like: a lazy message, may use %(key)s of the notice's data."""
    _texts[verb] = text


class _Data(dict[str, Any]):
    """A sentence with a gap is better than a sweep that stops at one notice for ever."""

    def __missing__(self, key: str) -> str:
        return "?"


def text_of(notice: Notification) -> str:
    """The notice as a sentence in the reader's language."""
    text = _texts.get(notice.verb)
    if text is None:
        return _("There is news for you: %(verb)s.") % {"verb": notice.verb}
    return str(text) % _Data({"object_id": notice.object_id, **_readable(notice.data)})


def _readable(data: dict[str, Any]) -> dict[str, Any]:
    """A period by its name; of `award_zh` and `award_en` the reader's as `award`."""
    found = dict(data)
    if _PERIOD.fullmatch(str(data.get("key", ""))):
        found["key"] = period_name(data["key"])
    for key in data:
        if key.endswith("_zh"):
            found[key[:-3]] = in_language(data, key[:-3])
    return found


def notify(users: Iterable[User], verb: str, obj: models.Model | None, **data: Any) -> int:
    """Write one row per account in the caller's transaction; returns how many.

    Inactive accounts get none, the same account gets one. `data` as in audit.record.
    """
    object_type, object_id = reference(obj)
    unique = {user.pk: user for user in users if user.is_active}
    rows = [
        Notification(
            user=user,
            verb=verb,
            object_type=object_type,
            object_id=object_id,
            data=plain(data),
            mail_due=bool(user.email),
        )
        for user in unique.values()
    ]
    Notification.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


def send_pending(limit: int = 500, now: datetime | None = None) -> int:
    """Send the e-mails that are due; returns how many were sent. One that fails waits for its next
    try while the others go out; an ill mail server ends the sweep.

    Each mail is its own short transaction holding the row: two sweeps never send the same one,
    and a killed sweep leaves the row due. The Message-ID comes from the row, so that even a mail
    sent in the instant before a crash is recognised as the same one.
    """
    sent, now = 0, now or timezone.now()
    for _turn in range(limit):
        with transaction.atomic():
            notice = (
                Notification.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(Q(mail_retry_at=None) | Q(mail_retry_at__lte=now), mail_due=True)
                .select_related("user")
                .order_by("mail_failures", "id")
                .first()
            )
            if notice is None:
                return sent
            outcome = _send(notice, now)
            if outcome is Outcome.ILL:
                return sent
            sent += outcome is Outcome.SENT
    return sent


def hold_due() -> int:
    """Let no e-mail that is due now be sent; the notices themselves stay. Returns how many."""
    return Notification.objects.filter(mail_due=True).update(mail_due=False)


def _send(notice: Notification, now: datetime) -> Outcome:
    outcome = deliver(lambda: _mail(notice), f"Notice {notice.pk}")
    if outcome is Outcome.SENT:
        notice.mail_due, notice.mailed_at = False, timezone.now()
        notice.save(update_fields=["mail_due", "mailed_at"])
        return outcome
    notice.mail_failures += 1
    notice.mail_retry_at = next_try(notice.mail_failures, now)
    notice.mail_due = notice.mail_retry_at is not None
    notice.save(update_fields=["mail_failures", "mail_retry_at", "mail_due"])
    return outcome


def _mail(notice: Notification) -> EmailMessage:
    with translation.override(notice.user.language):
        text = text_of(notice)
    return EmailMessage(
        subject=text.splitlines()[0][:150],
        body=text,
        to=[notice.user.email],
        headers={"Message-ID": f"<notice-{notice.pk}@{_mail_domain()}>"},
    )


def _mail_domain() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(" >") or "localhost"
