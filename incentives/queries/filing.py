"""Until when an appeal against a result may be filed, by the policy and the day of notice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Period, Scorecard
from core.errors import InvalidInput
from core.workdays import Calendar
from incentives.models import Appeal, PolicyVersion
from incentives.queries.policies import version_on


@dataclass(frozen=True)
class Days:
    """Working days of each stage, from the policy in force when the period began."""

    file_wd: int = 5
    admissibility_wd: int = 2
    information_wd: int = 3
    investigation_wd: int = 5
    extension_wd: int = 5
    decision_wd: int = 3
    execution_wd: int = 3
    second_review_file_wd: int = 5
    second_review_decision_wd: int = 10


def days_on(first_day: Any) -> Days:
    """The days of the policy in force on a period's first day; the usual ones without a policy."""
    version = version_on(first_day)
    return days_from(version.spec["appeals"] if version else None)


def file_days_on(first_days: Iterable[date]) -> dict[date, int]:
    """days_on(day).file_wd of each day; one query for any number of them."""
    active = PolicyVersion.objects.filter(status=PolicyVersion.Status.ACTIVE)
    starts = list(active.order_by("-effective_from").values_list("effective_from", "spec__appeals"))
    rules = {
        day: next((appeals for start, appeals in starts if start <= day), None)
        for day in first_days
    }
    return {day: days_from(appeals).file_wd for day, appeals in rules.items()}


def days_from(rules: Mapping[str, Any] | None) -> Days:
    """The days a policy's part about appeals names; the usual ones where it names none."""
    given = rules or {}
    return Days(**{name: int(given[name]) for name in Days.__dataclass_fields__ if name in given})


def notice_on(card: Scorecard, first_appeal: Appeal | None) -> date:
    """Day 0: the release, the day a corrected version appeared, or the first decision."""
    if first_appeal is not None and first_appeal.decided_at is not None:
        return timezone.localdate(first_appeal.decided_at)
    if card.version > 1 and card.supersedes_id is not None and card.cause:
        return timezone.localdate(card.created_at)
    if card.period.noticed_on is None:
        raise InvalidInput(
            _("The result of %(period)s is not released yet.") % {"period": card.period.key}
        )
    return card.period.noticed_on


def window_of(card: Scorecard, calendar: Calendar) -> tuple[datetime, int] | None:
    """When filing against a card ends (aware, 24:00 of a working day) and how many working days
    it lasts; None while nobody has been told of the result."""
    try:
        notice = notice_on(card, None)
    except InvalidInput:
        return None
    days = days_on(card.period.first_day).file_wd
    return calendar.deadline(notice, days), days


def appeals_run(period: Period, now: datetime) -> str:
    """Until when results of a released period may be appealed against, as a sentence; empty when
    those days are over. An appeal under way keeps no period open: it is decided on its own."""
    if period.noticed_on is None:
        return ""
    ends = Calendar.load().deadline(period.noticed_on, days_on(period.first_day).file_wd)
    if now >= ends:
        return ""
    last = timezone.localtime(ends - timedelta(seconds=1))
    return _("The days for appeals against the results of %(period)s end on %(date)s.") % {
        "period": period.key,
        "date": f"{last:%Y-%m-%d}",
    }
