"""Customers asked in the demo company: open invitations, and fresh links for curious visitors."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import InvalidTransition
from core.models import User
from dashboards.services.demo.moments import Moments
from surveys.collection.queries.plan import candidates, plan
from surveys.collection.services import demo_link, invite
from surveys.models import Invitation, Survey

EXECUTOR = "E0102"
ASKED_DAYS, ASKED_AT_MOST = 3, 40  # services of so many days, so many customers a survey
OFFERED_DAYS = 21  # a visitor answers for a customer of the last weeks
OFFERED = {
    "AFTER-SALES": gettext_lazy("After a visit to the workshop"),
    "SALES-DELIVERY": gettext_lazy("After taking a new car home"),
    "SALES-VISIT": gettext_lazy("After a visit to the showroom"),
}


def seed_invitations(moments: Moments) -> int:
    """Invite customers of the last days by a link to copy, where nobody was invited yet; nothing
    is mailed. Returns how many."""
    if Invitation.objects.exists():
        return 0
    actor, count = User.objects.get(username=EXECUTOR), 0
    for survey in Survey.objects.filter(code__in=OFFERED).order_by("code"):
        events = _services(survey, moments.today, ASKED_DAYS)[:ASKED_AT_MOST]
        done = invite(
            survey,
            events,
            actor=actor,
            now=moments.ago(0, 8, 30),
            channel=Invitation.Channel.SMS,
        )
        count += len(done.issued)
    return count


def on_login_page() -> list[dict[str, Any]]:
    """The surveys a visitor may answer as a customer."""
    known = set(
        Survey.objects.filter(code__in=OFFERED, status=Survey.Status.OPEN).values_list(
            "code", flat=True
        )
    )
    return [{"code": code, "title": title} for code, title in OFFERED.items() if code in known]


def fresh_link(code: str, *, language: str, now: datetime) -> str:
    """The token of a new link for a customer of the last weeks whom nobody has asked yet."""
    survey = Survey.objects.get(code=code)
    today = timezone.localdate(now)
    events = _services(survey, today, OFFERED_DAYS)
    free = plan(survey, events, Invitation.Channel.QR, today).invited
    actor = User.objects.get(username=EXECUTOR)
    for event in free[:5]:
        token = demo_link(survey, event, actor=actor, now=now, language=language)
        if token is not None:
            return token
    raise InvalidTransition(_("Every customer of the last weeks has been asked already."))


def _services(survey: Survey, today: date, days: int) -> list[Any]:
    actor = User.objects.get(username=EXECUTOR)
    return candidates(survey, today - timedelta(days=days), today, actor)[:1500]
