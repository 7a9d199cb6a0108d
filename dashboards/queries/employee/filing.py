"""Whether a result can still be appealed against, and the appeal that is under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from assessments.models import Scorecard
from assessments.models.scorecards import UNRELEASED
from core.deadlines import Deadline, deadline
from core.workdays import Calendar
from dashboards.queries.employee.access import Sight
from incentives.models import Appeal
from incentives.queries import filing

State = Appeal.State
OVER = (State.INADMISSIBLE, State.WITHDRAWN)


@dataclass(frozen=True)
class Window:
    """`running` is the appeal under way, `decided` the last decision about the period; `may_file`
    whether a first appeal is possible, late or not; `days` how many working days there are."""

    deadline: Deadline | None
    running: Appeal | None
    decided: Appeal | None
    may_file: bool
    days: int


def window_of(sight: Sight, card: Scorecard, today: date) -> Window:
    """What can be done against one version of a result."""
    appeals = Appeal.objects.all() if sight.own else Appeal.objects.visible_to(sight.user)
    found = list(
        appeals.filter(employee=sight.employee, scorecard__period=card.period)
        .exclude(state__in=OVER)
        .order_by("-pk")
    )
    running = next((one for one in found if one.decided_at is None), None)
    decided = next((one for one in found if one.decided_at is not None), None)
    if not card.is_current or card.state in UNRELEASED:
        return Window(None, running, decided, may_file=False, days=0)
    calendar = Calendar.load()
    until = filing.window_of(card, calendar)
    if until is None:
        return Window(None, running, decided, may_file=False, days=0)
    last = timezone.localtime(until[0] - timedelta(seconds=1)).date()
    left = deadline(last, today=today, calendar=calendar)
    may = sight.own and running is None and decided is None
    return Window(left, running, decided, may_file=may, days=until[1])
