"""A period is closed when the days for appeals are over, and not before."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessments.models import Period, PeriodAction, Scorecard
from assessments.queries import evidence_hash
from assessments.services import close_period
from core.errors import InvalidTransition
from core.models import AuditEntry
from core.workdays import Calendar
from dashboards.queries import inbox
from organization.queries import roles_of
from tests.incentives import surveyed
from tests.incentives.company import account
from tests.incentives.filed import BAD, filed
from tests.pages import browser, text

KEY = "2025-11"

pytestmark = pytest.mark.django_db


def close(now: Any) -> Period:
    shown = evidence_hash(Period.objects.get(key=KEY))
    return close_period(KEY, actor=account("gus"), confirm=shown, now=now)


def everything() -> Any:
    cards = Scorecard.objects.order_by("id").values_list("id", "state")
    counts = PeriodAction.objects.count(), AuditEntry.objects.count()
    return Period.objects.values().get(key=KEY), list(cards), counts


def test_a_period_stays_open_to_the_last_second_of_the_days_for_appeals(
    scene: surveyed.Scene,
) -> None:
    day = scene.period.noticed_on
    assert day is not None
    ends = Calendar.load().deadline(day, 5)
    before = everything()
    last = timezone.localtime(ends - timedelta(seconds=1))
    with pytest.raises(InvalidTransition, match=f"appeals against .* 2025-11 end on {last:%F}"):
        close(last)
    assert everything() == before
    assert close(ends).status == "closed"


def test_the_page_says_until_when_and_the_inbox_waits_as_long(scene: surveyed.Scene) -> None:
    gus = account("gus")
    page = text(browser(gus).get(f"/periods/{KEY}/"))
    assert "The days for appeals against the results of 2025-11 end on" in page
    answer = browser(gus).post(
        f"/periods/{KEY}/close/", {"confirm": evidence_hash(scene.period), "seen": "on"}
    )
    assert answer.status_code == 409
    assert "The days for appeals against the results of 2025-11 end on" in text(answer)
    keys = [
        [(one.key, one.step) for one in inbox.mine(gus, roles_of(gus), now=scene.at(n))]
        for n in (5, 6)
    ]
    assert [(KEY, "close") in found for found in keys] == [False, True]


def test_an_appeal_under_way_is_decided_on_its_own_after_the_period_is_closed(
    scene: surveyed.Scene,
) -> None:
    appeal = filed(scene, BAD)
    assert close(scene.at(6)).status == "closed"
    appeal.scorecard.refresh_from_db()
    assert appeal.scorecard.state == "under_appeal"
