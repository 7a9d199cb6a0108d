"""Appeals of the demo company: one in every state, told step by step through the services."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import transaction

from assessments.models import Period, Scorecard
from assessments.queries import responses_behind
from dashboards.services.demo.moments import Moments
from dashboards.services.demo.parameters import CONTENT, Month
from dashboards.services.demo.results import account
from incentives.models import Appeal
from incentives.services import appeals as services
from surveys.models import Response

FIRST, SECOND = "E0113", "E0003"  # the panel: neither scored, approved, nor superiors of shops
HR = "E0114"


@dataclass(frozen=True)
class Step:
    """A verb, when (working days after the notice, or before today), by whom, and its words."""

    verb: str
    days: int
    ago: bool = False
    words: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """An appeal of a person against a month (0: M0, -1: the one before) over so many of the worst
    answers; a second review names the first one's key."""

    key: str
    employee: str
    month: int
    answers: int
    reason: str
    request: str
    steps: tuple[Step, ...]
    late_reason: str = ""
    first: str = ""


@cache
def stories() -> tuple[Story, ...]:
    given = json.loads((CONTENT / "demo_appeals.json").read_text("utf-8"))["appeals"]
    return tuple(
        Story(**{**one, "steps": tuple(Step(**step) for step in one["steps"])}) for one in given
    )


def appellants() -> set[str]:
    """Those who file, and so need an account."""
    return {story.employee for story in stories()}


class Appeals:
    """Tells the stories. What belongs to M0 waits half-way until its pay is decided."""

    def __init__(self, months: list[Month], moments: Moments) -> None:
        self.months, self.moments = months, moments
        self.told: dict[str, Appeal] = {}

    @transaction.atomic
    def file(self) -> None:
        """Everything about earlier months, and what was filed against M0."""
        if Appeal.objects.exists():
            return
        for story in stories():
            for step in story.steps:
                if story.month < 0 or step.verb not in AFTER_PAY:
                    self._take(story, step)

    @transaction.atomic
    def go_on(self) -> None:
        """What happened to the appeals against M0 since its pay was decided."""
        last = Period.objects.get(key=self.months[-1].key)
        mine = Appeal.objects.filter(scorecard__period=last)
        if mine.filter(dry_runs__isnull=False).exists():
            return
        waiting = {appeal.employee.employee_no: appeal for appeal in mine}
        for story in stories():
            if story.month == 0 and story.employee in waiting:
                self.told[story.key] = waiting[story.employee]
                for step in story.steps:
                    if step.verb in AFTER_PAY:
                        self._take(story, step)

    def _take(self, story: Story, step: Step) -> None:
        now = self._moment(story, step)
        appeal = self.told.get(story.key)
        if appeal is None:
            self.told[story.key] = self._begin(story, step, now)
        else:
            appeal.refresh_from_db()
            VERBS[step.verb](appeal, step.words, now)

    def _moment(self, story: Story, step: Step) -> datetime:
        hour = 9 + len(step.verb) % 7
        if step.ago:
            return self.moments.ago(step.days, hour)
        noticed = Period.objects.get(key=self.months[story.month - 1].key).noticed_on
        assert noticed is not None
        return self.moments.after(noticed, step.days, hour)

    def _begin(self, story: Story, step: Step, now: datetime) -> Appeal:
        card = (
            Scorecard.objects.current()
            .select_related("period", "employee")
            .get(
                period__key=self.months[story.month - 1].key,
                employee__employee_no=story.employee,
            )
        )
        objection = services.Objection(
            reason=story.reason,
            request=story.request,
            responses=worst(card, story.answers),
            late_reason=story.late_reason,
        )
        begin = services.draft_appeal if step.verb == "draft" else services.file_appeal
        return begin(
            card,
            objection,
            actor=account(story.employee),
            first_appeal=self.told.get(story.first),
            now=now,
        )


def worst(card: Scorecard, count: int) -> list[str]:
    """The worst counted answers behind a scorecard, as SURVEY/NUMBER."""
    keys = {row["id"]: row["key"] for row in responses_behind(card) if row["counted"]}
    rows = Response.objects.filter(
        id__in=list(keys),
        answered_on__gte=card.period.first_day,
        answered_on__lte=card.period.last_day,
        score_micro__isnull=False,
    ).order_by("score_micro", "response_no")
    return [keys[pk] for pk in rows.values_list("id", flat=True)[:count]]


Words = dict[str, Any]
Verb = Callable[[Appeal, Words, datetime], Any]


def _by(words: Words) -> Any:
    return account(words.get("by", FIRST))


def _decide(appeal: Appeal, words: Words, now: datetime) -> None:
    run = appeal.dry_runs.latest("number")
    services.decide_appeal(
        appeal,
        outcome=words["outcome"],
        reason=words["reason"],
        confirm=run.content_hash,
        actor=_by(words),
        now=now,
    )


def _dry_run(appeal: Appeal, words: Words, now: datetime) -> None:
    """All claims taken as right, or only the first of them."""
    numbers: Iterable[str] | None = None
    if words.get("first_only"):
        numbers = [
            f"{claim.response.survey.code}/{claim.response_no}"
            for claim in appeal.claims.select_related("response__survey")[:1]
        ]
    services.dry_run_appeal(
        appeal, actor=_by(words), exclude=None if numbers is None else list(numbers), now=now
    )


def _overdue(appeal: Appeal, _words: Words, _now: datetime) -> None:
    """The day after its deadline, as the schedule finds it."""
    assert appeal.due_at is not None
    services.escalate_overdue(now=appeal.due_at + timedelta(hours=1))


VERBS: dict[str, Verb] = {
    "accept": lambda appeal, words, now: services.accept_appeal(
        appeal, actor=_by(words), reason=words.get("reason", ""), now=now
    ),
    "return": lambda appeal, words, now: services.return_appeal(
        appeal, reason=words["reason"], actor=_by(words), now=now
    ),
    "reject": lambda appeal, words, now: services.reject_appeal(
        appeal, reason=words["reason"], actor=_by(words), now=now
    ),
    "investigate": lambda appeal, words, now: services.investigate_appeal(
        appeal, actor=_by(words), findings=words.get("findings", ""), now=now
    ),
    "dry_run": _dry_run,
    "decide": _decide,
    "execute": lambda appeal, words, now: services.execute_appeal(
        appeal, actor=_by(words), now=now
    ),
    "close": lambda appeal, words, now: services.close_appeal(appeal, actor=_by(words), now=now),
    "withdraw": lambda appeal, words, now: services.withdraw_appeal(
        appeal, reason=words["reason"], actor=account(appeal.employee.employee_no), now=now
    ),
    "overdue": _overdue,
}
AFTER_PAY = ("dry_run", "decide", "execute", "close")
