"""Own appeals: the list, the stages with their dates, the decision with before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Scorecard
from core.deadlines import Deadline, deadline, last_day
from core.models import User
from core.templatetags.ui import day, money, score
from core.workdays import Calendar, extend_only
from dashboards.queries.employee.access import Sight
from incentives.models import Appeal, AppealEvent
from incentives.queries.filing import days_from, notice_on
from incentives.queries.policies import version_on

State, Outcome, Effect = Appeal.State, Appeal.Outcome, Appeal.Effect
TONES: dict[str, tuple[str, str]] = {
    State.DRAFT: ("", "pencil"),
    State.SUBMITTED: ("a", "send"),
    State.RETURNED_FOR_INFO: ("w", "message-question"),
    State.ACCEPTED: ("a", "check"),
    State.INADMISSIBLE: ("", "ban"),
    State.INVESTIGATING: ("a", "search"),
    State.RECOMPUTED: ("a", "calculator"),
    State.DECIDED: ("g", "gavel"),
    State.NOTIFIED: ("g", "gavel"),
    State.EXECUTED: ("g", "circle-check"),
    State.CLOSED: ("g", "lock"),
    State.WITHDRAWN: ("", "arrow-back-up"),
}
_ORDER = (
    State.SUBMITTED,
    State.ACCEPTED,
    State.INVESTIGATING,
    State.RECOMPUTED,
    State.DECIDED,
    State.NOTIFIED,
    State.EXECUTED,
)
_CHANGES = ("composite", "grade", "coefficient", "n", "mean", "fair", "pay")


@dataclass(frozen=True)
class Stage:
    """One stage of the stepper; `mark` done, now or "" (still to come)."""

    name: str
    detail: str
    mark: str


@dataclass(frozen=True)
class Entry:
    """One line of the timeline; `who` is a role, never a name."""

    at: datetime
    text: str
    who: str
    note: str


@dataclass(frozen=True)
class Change:
    """One figure before and after the decision."""

    name: str
    before: str
    after: str

    @property
    def same(self) -> bool:
        return self.before == self.after


def mine(sight: Sight) -> QuerySet[Appeal]:
    """The person's own appeals, the newest first."""
    return (
        Appeal.objects.filter(employee=sight.employee)
        .select_related("scorecard__period", "employee__user", "first_appeal", "new_scorecard")
        .order_by("-pk")
    )


def badge_of(appeal: Appeal) -> dict[str, str]:
    tone, glyph = TONES[State(appeal.state)]
    label = str(appeal.get_state_display())
    if appeal.outcome and appeal.state in (State.NOTIFIED, State.EXECUTED, State.CLOSED):
        outcome = appeal.get_outcome_display()
        label = _("%(state)s, %(outcome)s") % {"state": label, "outcome": outcome}
    return {"tone": tone, "glyph": glyph, "label": label}


def left(moment: datetime | None, now: datetime) -> Deadline | None:
    if moment is None:
        return None
    today = timezone.localdate(now)
    return deadline(last_day(moment), today=today, calendar=Calendar.load())


def list_of(sight: Sight, now: datetime) -> dict[str, Any]:
    """Context of the list, and the results that may still be appealed against in time."""
    rows = list(mine(sight))
    calendar = Calendar.load()
    shown = []
    for appeal in rows:
        due = appeal.file_until if appeal.state == State.DRAFT else appeal.due_at
        limit = None
        if due is not None and appeal.state not in (State.NOTIFIED, State.DECIDED):
            limit = deadline(last_day(due), today=timezone.localdate(now), calendar=calendar)
        shown.append((appeal, badge_of(appeal), limit))
    latest = (
        sight.cards()
        .current()
        .select_related("period")
        .filter(
            period__kind="month", state__in=("released", "acknowledged", "ack_timeout", "final")
        )
        .order_by("-period__last_day")
        .first()
    )
    known = {appeal.scorecard.period_id for appeal in rows if appeal.state != State.WITHDRAWN}
    can = latest if latest is not None and latest.period_id not in known else None
    return {"rows": shown, "latest": can, "sight": sight}


def page_of(appeal: Appeal, now: datetime) -> dict[str, Any]:
    """Context of one submitted appeal."""
    events = list(appeal.events.select_related("actor", "note").order_by("id"))
    run = appeal.dry_runs.filter(content_hash=appeal.confirmed_hash).last()
    second = Appeal.objects.filter(first_appeal=appeal).first()
    return {
        "appeal": appeal,
        "period": appeal.scorecard.period,
        "state": badge_of(appeal),
        "deadline": left(appeal.due_at, now),
        "stages": stages_of(appeal, events),
        "timeline": [_entry(appeal, event) for event in events if event.verb != "saved"],
        "question": _question(events) if appeal.state == State.RETURNED_FOR_INFO else "",
        "claims": list(appeal.claims.all()),
        "files": list(appeal.files.defer("content")),
        "changes": _changes(run.before, run.after) if run and appeal.decided_at else [],
        "kept": appeal.effect == Effect.KEPT,
        "may_withdraw": State.WITHDRAWN in Appeal.TRANSITIONS[State(appeal.state)],
        "second": second,
        "may_review": may_ask_again(appeal, second),
        "rules": rules_of(appeal.scorecard),
    }


def may_ask_again(appeal: Appeal, second: Appeal | None) -> bool:
    """Whether a second review, which there is once, can still be asked for."""
    if appeal.first_appeal_id is not None or second is not None:
        return False
    told = appeal.state == State.NOTIFIED and appeal.outcome == Outcome.MAINTAINED
    return told or appeal.state in (State.EXECUTED, State.CLOSED)


def stages_of(appeal: Appeal, events: list[AppealEvent]) -> list[Stage]:
    """Submitted to executed; what is over has its day, what runs its deadline."""
    reached = {event.to_state: event for event in events if event.from_state != event.to_state}
    names = {
        State.SUBMITTED: _("Submitted"),
        State.ACCEPTED: _("Accepted"),
        State.INVESTIGATING: _("Looked into"),
        State.RECOMPUTED: _("Recomputed"),
        State.DECIDED: _("Decided"),
        State.NOTIFIED: _("You are told"),
        State.EXECUTED: _("Carried out"),
    }
    current = State(appeal.state)
    place = _ORDER.index(current) if current in _ORDER else -1
    if current == State.RETURNED_FOR_INFO:
        place = 0
    elif current == State.CLOSED:
        place = len(_ORDER) - 1
    stopped = current in (State.WITHDRAWN, State.INADMISSIBLE)
    stages = []
    for number, state in enumerate(_ORDER):
        event = reached.get(state)
        if event is not None and (number <= place or stopped):
            mark = "now" if number == place and current not in _ENDS else "done"
            stages.append(Stage(names[state], _day(event.at), mark))
        elif not stopped:
            stages.append(Stage(names[state], "", ""))
    if stopped and events:
        stages.append(Stage(str(current.label), _day(events[-1].at), "done"))
    return stages


_ENDS = (State.EXECUTED, State.CLOSED, State.WITHDRAWN, State.INADMISSIBLE)


def _day(moment: datetime) -> str:
    return day(timezone.localtime(moment))


def _entry(appeal: Appeal, event: AppealEvent) -> Entry:
    texts = {
        "drafted": _("draft begun"),
        "file_added": _("evidence added"),
        "file_removed": _("evidence taken out of the draft"),
        "submitted": _("appeal submitted"),
        "answered": _("question answered"),
        "returned": _("more information asked for"),
        "accepted": _("accepted: it will be looked into"),
        "inadmissible": _("not admissible"),
        "investigating": _("investigation begun"),
        "extended": _("more time taken, once"),
        "recomputed": _("result recomputed as a dry run"),
        "dry_run": _("result recomputed as a dry run"),
        "decided": _("decided"),
        "notified": _("decision told"),
        "executed": _("decision carried out"),
        "closed": _("closed"),
        "withdrawn": _("withdrawn"),
        "escalated": _("deadline missed: brought before the chair"),
    }
    note = getattr(event, "note", None)
    # What investigators note for themselves is not for the appellant before the decision.
    hidden = event.verb in ("investigating", "recomputed", "dry_run")
    words = note.text if note is not None and not hidden else ""
    return Entry(event.at, texts.get(event.verb, event.verb), _who(appeal, event.actor), words)


def _who(appeal: Appeal, actor: User | None) -> str:
    if actor is None:
        return _("the system")
    if actor.pk == appeal.employee.user_id:
        return _("you")
    if actor.pk == appeal.created_by_id:
        return _("HR")
    return _("the appeals panel")


def _question(events: list[AppealEvent]) -> str:
    for event in reversed(events):
        if event.verb == "returned":
            note = getattr(event, "note", None)
            return note.text if note is not None else ""
    return ""


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    names = {
        "composite": _("Composite"),
        "grade": _("Grade"),
        "coefficient": _("Coefficient"),
        "n": _("Counted responses"),
        "mean": _("Satisfaction, raw mean"),
        "fair": _("Satisfaction, fair score"),
        "pay": _("Performance pay, CNY"),
    }
    return [
        Change(names[code], _shown(code, before.get(code)), _shown(code, after.get(code)))
        for code in _CHANGES
        if before.get(code) is not None or after.get(code) is not None
    ]


def _shown(code: str, value: str | None) -> str:
    if value in (None, ""):
        return "–"
    if code in ("grade", "n"):
        return str(value)
    if code == "coefficient":
        return score(value, 1)
    return money(Decimal(str(value))) if code == "pay" else score(value)


def releasable(sight: Sight, key: str) -> Scorecard | None:
    """The valid released result of a period, None where there is none."""
    return (
        sight.cards()
        .current()
        .filter(period__key=key)
        .select_related("period", "employee__user", "run")
        .first()
    )


@dataclass(frozen=True)
class Filing:
    """Until when an appeal is in time (aware), whether now is too late, the days left, and what
    the policy says about appeals."""

    until: datetime
    late: bool
    deadline: Deadline
    rules: Mapping[str, Any] | None


def filing_of(card: Scorecard, first: Appeal | None, draft: Appeal | None, now: datetime) -> Filing:
    """The frame of the form of an appeal or of a second review."""
    calendar = Calendar.load()
    policy = version_on(card.period.first_day)
    rules: Mapping[str, Any] | None = policy.spec["appeals"] if policy else None
    days = days_from(rules)
    wait = days.second_review_file_wd if first is not None else days.file_wd
    until = calendar.deadline(notice_on(card, first), wait)
    if draft is not None:
        until = extend_only(draft.file_until, until)
    shown = deadline(last_day(until), today=timezone.localdate(now), calendar=calendar)
    return Filing(until, now >= until, shown, rules)


def rules_of(card: Scorecard) -> Mapping[str, Any] | None:
    """What the policy of the period says about appeals; None without a policy."""
    policy = version_on(card.period.first_day)
    return policy.spec["appeals"] if policy else None
