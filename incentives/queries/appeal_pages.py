"""Appeals as the panel reads them: the list, the steps, the claims, before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from assessments.queries import responses_behind
from core.badges import look
from core.deadlines import Deadline, deadline, last_day
from core.models import User
from core.workdays import Calendar
from incentives.models import Appeal, AppealDryRun, AppealEvent
from incentives.queries.appeals_shown import knock_on_text

State = Appeal.State
LOADED = (
    "scorecard__period",
    "scorecard__department",
    "scorecard__position",
    "employee__user",
    "first_appeal",
    "investigator__employee",
    "decided_by__employee",
)
# What the panel has to do something about.
OPEN_STATES = (
    State.SUBMITTED,
    State.RETURNED_FOR_INFO,
    State.ACCEPTED,
    State.INVESTIGATING,
    State.RECOMPUTED,
    State.DECIDED,
    State.NOTIFIED,
)


def badge_of(appeal: Appeal) -> dict[str, str]:
    """`tone`, `glyph` and `label` of the component badge."""
    tone, glyph = look(appeal.state)
    return {"tone": tone, "glyph": glyph, "label": str(State(appeal.state).label)}


def found(user: User, *, state: str, search: str, late: bool, now: datetime) -> QuerySet[Appeal]:
    """Appeals the account may see, the most urgent deadline first, then the newest."""
    rows = Appeal.objects.visible_to(user).exclude(state=State.DRAFT).select_related(*LOADED)
    if state == "open":
        rows = rows.filter(state__in=OPEN_STATES)
    elif state in State.values:
        rows = rows.filter(state=state)
    if late:
        rows = rows.filter(due_at__lte=now)
    if search:
        rows = rows.filter(
            Q(appeal_no__icontains=search)
            | Q(employee__name__icontains=search)
            | Q(employee__employee_no__icontains=search)
        )
    return rows.order_by("due_at", "-appeal_no")


@dataclass(frozen=True)
class Row:
    appeal: Appeal
    badge: dict[str, str]
    due: Deadline | None


def rows_of(appeals: Sequence[Appeal], *, today: date) -> list[Row]:
    """Lines of a list, with one calendar for all of them."""
    calendar = Calendar.load() if any(one.due_at for one in appeals) else None
    return [Row(one, badge_of(one), due_of(one, today, calendar)) for one in appeals]


def due_of(appeal: Appeal, today: date, calendar: Calendar | None) -> Deadline | None:
    """The running deadline; it ends at 24:00, so its day is the one before the moment."""
    if appeal.due_at is None or calendar is None:
        return None
    return deadline(last_day(appeal.due_at), today=today, calendar=calendar)


# -- one appeal ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    label: str
    state: str
    at: datetime | None
    actor: User | None


# Each step with the events that end it, in the order of the way.
_WAY = (
    ("submitted", ("submitted", "answered")),
    ("accepted", ("accepted",)),
    ("investigated", ("investigating",)),
    ("recomputed", ("recomputed",)),
    ("decision", ("decided",)),
    ("told", ("notified",)),
    ("executed", ("executed",)),
)
_BEHIND = {
    State.SUBMITTED: 1,
    State.RETURNED_FOR_INFO: 1,
    State.ACCEPTED: 2,
    State.INVESTIGATING: 2,
    State.RECOMPUTED: 4,
    State.DECIDED: 5,
    State.NOTIFIED: 6,
    State.EXECUTED: 7,
    State.CLOSED: 7,
}


def steps_of(appeal: Appeal, events: Sequence[AppealEvent]) -> list[Step]:
    """The way of the appeal; one that ended early shows how far it came."""
    last = {event.verb: event for event in events}
    ended = appeal.state in (State.INADMISSIBLE, State.WITHDRAWN)
    behind = _BEHIND.get(State(appeal.state), 1)
    labels = {
        "submitted": _("Submitted"),
        "accepted": _("Accepted"),
        "investigated": _("Investigated"),
        "recomputed": _("Recomputed"),
        "decision": _("Decision"),
        "told": _("Employee told"),
        "executed": _("Executed"),
    }
    steps = []
    for number, (code, verbs) in enumerate(_WAY):
        event = next((last[verb] for verb in verbs if verb in last), None)
        done = event is not None and (ended or number < behind)
        now = not ended and number == behind
        state = "done" if done else "now" if now else ""
        shown = event if done else None
        steps.append(
            Step(labels[code], state, shown.at if shown else None, shown.actor if shown else None)
        )
    return steps


def events_of(appeal: Appeal) -> list[AppealEvent]:
    return list(appeal.events.select_related("actor__employee", "note").order_by("id"))


def event_label(event: AppealEvent) -> str:
    """A step of the timeline in words."""
    return {
        "drafted": _("Written"),
        "submitted": _("Submitted"),
        "accepted": _("Accepted"),
        "returned": _("Returned for information"),
        "answered": _("Information given"),
        "inadmissible": _("Not admissible"),
        "investigating": _("Investigation begun"),
        "extended": _("Investigation extended"),
        "recomputed": _("Dry run"),
        "decided": _("Decided"),
        "notified": _("Employee told"),
        "executed": _("Carried out"),
        "closed": _("Closed"),
        "withdrawn": _("Withdrawn"),
        "escalated": _("Deadline missed: told to the management group"),
        "file_added": _("File added"),
    }.get(event.verb, event.verb)


@dataclass(frozen=True)
class ClaimShown:
    """A claim with the answer it is about and what it would do alone."""

    pk: int
    label: str
    response_no: str
    answer: Mapping[str, Any] | None
    supported: bool | None
    alone: Mapping[str, Any] | None


def claims_of(appeal: Appeal, runs: Sequence[AppealDryRun]) -> list[ClaimShown]:
    """Each claim; `alone` is the after of the latest dry run of just this response."""
    behind: dict[int, dict[str, Any]] = {}
    claims = list(appeal.claims.all())
    if claims:
        behind = {row["id"]: row for row in responses_behind(appeal.scorecard)}
    alone = {}
    for run in runs:
        ids = [row["id"] for row in (*run.excluded, *run.included)]
        if len(ids) == 1:
            alone[ids[0]] = run.after
    return [
        ClaimShown(
            claim.pk,
            claim.label,
            claim.response_no,
            _answer(behind.get(claim.response_id)),
            claim.supported,
            alone.get(claim.response_id),
        )
        for claim in claims
    ]


def _answer(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    micro = row["person_score"]
    points = None if micro is None else Decimal(micro) / 1_000_000
    return {**row, "points": points}


@dataclass(frozen=True)
class Line:
    """A figure before and after; `change` None where there is none to give, "" where equal."""

    code: str
    label: str
    before: Any
    after: Any
    kind: str  # score, count, text, money
    change: Any = None
    same: bool = False
    low: tuple[Any, Any] | None = None
    high: tuple[Any, Any] | None = None

    @property
    def sums(self) -> bool:
        return self.code in ("composite", "grade", "coefficient", "pay")


_FIGURES = (
    ("mean", "score"),
    ("n", "count"),
    ("fair", "score"),
    ("quantitative", "score"),
    ("qualitative", "score"),
    ("composite", "score"),
    ("grade", "text"),
    ("coefficient", "score"),
    ("pay", "money"),
)


def lines_of(run: AppealDryRun, *, with_pay: bool) -> list[Line]:
    """The before/after table of a dry run; money comes last, for who may see pay."""
    labels = {
        "mean": _("Satisfaction, raw mean"),
        "n": _("counted answers"),
        "fair": _("Satisfaction, fair score"),
        "quantitative": _("Quantitative"),
        "qualitative": _("Qualitative"),
        "composite": _("Composite"),
        "grade": _("Grade"),
        "coefficient": _("Coefficient"),
        "pay": _("Performance pay, CNY"),
    }
    lines = []
    for code, kind in _FIGURES:
        before, after = run.before.get(code), run.after.get(code)
        if (code == "pay" and not with_pay) or (before is None and after is None):
            continue
        lines.append(_line(run, code, labels[code], kind, before, after))
    return lines


def _line(
    run: AppealDryRun, code: str, label: str, kind: str, before: str | None, after: str | None
) -> Line:
    change, same = None, before == after
    if kind != "text" and before is not None and after is not None:
        change = Decimal(after) - Decimal(before)
        same = change == 0
    low = high = None
    if code == "fair":
        low = (run.before.get("fair_low"), run.before.get("fair_high"))
        high = (run.after.get("fair_low"), run.after.get("fair_high"))
    return Line(code, label, before, after, kind, change, same, low, high)


def knock_on_of(run: AppealDryRun) -> list[dict[str, str]]:
    """What else would move, as information: where, and the effect in words."""
    where = {
        "award": lambda row: _("Award %(code)s") % {"code": row["code"]},
        "department": lambda row: _("Department %(code)s") % {"code": row["code"]},
        "colleague": lambda row: row["employee_no"],
    }
    return [
        {"where": where[row["what"]](row), "effect": knock_on_text(row), "what": row["what"]}
        for row in run.knock_on
    ]


@dataclass(frozen=True)
class Said:
    """What the result sentence needs; texts stand in the template."""

    together: int
    composite: tuple[Any, Any]
    grade: tuple[Any, Any]
    coefficient: tuple[Any, Any]
    pay: tuple[Any, Any] | None
    pay_change: Decimal | None
    lower: bool
    same: bool
    alone_enough: list[str]

    @property
    def unmoved(self) -> bool:
        """Figures change underneath, but nothing that reaches the person."""
        pairs = (self.composite, self.grade, self.coefficient)
        return all(before == after for before, after in pairs) and not self.pay_change


def said_of(run: AppealDryRun, claims: Sequence[ClaimShown], *, with_pay: bool) -> Said:
    """The last dry run in one sentence: what moves, and whether one claim alone would do."""
    before, after = run.before, run.after
    pay = (before.get("pay"), after.get("pay")) if with_pay else None
    change = None
    if pay is not None and None not in pay:
        change = Decimal(pay[1]) - Decimal(pay[0])
    enough = [
        claim.label
        for claim in claims
        if claim.alone is not None and claim.alone.get("grade") != before.get("grade")
    ]
    return Said(
        together=len(run.excluded) + len(run.included),
        composite=(before.get("composite"), after.get("composite")),
        grade=(before.get("grade"), after.get("grade")),
        coefficient=(before.get("coefficient"), after.get("coefficient")),
        pay=pay,
        pay_change=change,
        lower=bool(after.get("lower")),
        same={**before, "lower": False} == after,
        alone_enough=enough,
    )
