"""One inbox of decisions: what waits for an account, what for others and why, what is decided.

The home page and the side bar count from here too, so that all three always agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Period, PeriodAction
from assessments.permissions import apart
from assessments.queries.steps import NEXT
from core.deadlines import Deadline, deadline, last_day
from core.models import User
from core.once import once
from core.permissions import Denied
from core.templatetags.ui import period_name
from core.workdays import Calendar
from incentives.models import Appeal, Award, PayrollBatch, PerformancePay, Proposal
from incentives.permissions import PANEL, apart_from_batch
from incentives.queries.appeal_pages import LOADED
from incentives.queries.appeals import Bars
from incentives.queries.filing import file_days_on
from organization.models import Role
from organization.queries import has_role, people_held

PERIOD, APPEAL, PROPOSAL, BATCH = "period", "appeal", "proposal", "batch"
DECISION_DAYS = 5
RECENT = 40
_S, _A = Period.Status, Appeal.State
# state of an appeal -> (what is to be done, whether only the independent may)
APPEAL_STEPS = {
    _A.SUBMITTED: ("accept", False),
    _A.ACCEPTED: ("investigate", True),
    _A.INVESTIGATING: ("dry_run", True),
    _A.RECOMPUTED: ("decide", True),
    _A.NOTIFIED: ("execute", False),
}


@dataclass(frozen=True)
class Entry:
    """One thing to decide; `blocked` says why not by this account ("": it may)."""

    kind: str
    key: str
    step: str
    since: datetime
    due: Deadline | None = None
    blocked: str = ""
    name: str = ""

    @property
    def ref(self) -> str:
        """How the address of the inbox names it."""
        return f"{self.kind}:{self.key}"

    @property
    def called(self) -> str:
        """What people call the thing: a period by its name, all else by number."""
        return period_name(self.key) if self.kind in (PERIOD, PROPOSAL) else self.key

    @property
    def title(self) -> str:
        texts = {
            "review": _("%(name)s: review results"),
            "approve": _("%(name)s: approve results"),
            "release": _("%(name)s: release results"),
            "close": _("%(name)s: close period"),
            "accept": _("Appeal %(name)s: accept or not"),
            "investigate": _("Appeal %(name)s: investigate"),
            "dry_run": _("Appeal %(name)s: start dry run"),
            "decide": _("Appeal %(name)s: dry run ready"),
            "execute": _("Appeal %(name)s: carry out"),
            "award": _("%(name)s: awards and pay"),
            "batch": _("Payroll batch %(name)s"),
        }
        return texts[self.step] % {"name": self.called}

    @property
    def label(self) -> str:
        return {
            PERIOD: _("Period"),
            APPEAL: _("Appeal"),
            PROPOSAL: _("Awards and pay"),
            BATCH: _("Payroll"),
        }[self.kind]

    @property
    def page(self) -> str:
        """The page of the thing itself; empty where there is none."""
        url_name = "payroll_batch" if self.kind == BATCH else self.kind
        try:
            return reverse(url_name, args=[self.key])
        except NoReverseMatch:
            return ""

    @property
    def order(self) -> tuple[Any, ...]:
        """Deadlines first, the nearest first; then the oldest."""
        return (self.due is None, self.due.day if self.due else date.max, self.since, self.ref)


def entries(user: User, roles: frozenset[str], *, now: datetime) -> list[Entry]:
    """Everything open that one of the account's roles decides, for it or for others, in order."""
    found = _drafts(user, roles)
    if not found:
        return []
    calendar = Calendar.load()
    today = timezone.localdate(now)
    dated = [_dated(draft, calendar, today) for draft in found]
    return sorted((one for one in dated if one is not None), key=lambda one: one.order)


def _drafts(user: User, roles: frozenset[str]) -> list[_Draft]:
    """Read once while a page is shown: the home, the inbox and the side bar all ask."""
    return once(("inbox", user.pk, roles), lambda: _read(user, roles))


def _read(user: User, roles: frozenset[str]) -> list[_Draft]:
    if not roles & {Role.ASSESSMENT, Role.GROUP}:
        return []
    found = [*_appeals(user)]
    if has_role(user, *PANEL):
        found = [*_periods(user), *found]
    if has_role(user, Role.GROUP):
        found += [*_proposals(user), *_batches(user)]
    return found


def count(user: User, roles: frozenset[str], *, now: datetime | None = None) -> int:
    """How many `mine` lists; the calendar is read only where it decides."""
    found = [one for one in _drafts(user, roles) if not one.blocked]
    if not any(one.opens for one in found):
        return len(found)
    calendar, today = Calendar.load(), timezone.localdate(now)
    return sum(_dated(one, calendar, today) is not None for one in found)


def mine(user: User, roles: frozenset[str], *, now: datetime | None = None) -> list[Entry]:
    """What waits for this account."""
    everything = entries(user, roles, now=now or timezone.now())
    return [one for one in everything if not one.blocked]


@dataclass(frozen=True)
class _Draft:
    """An entry before the calendar is known: `until` a day, or `after` a day plus `days`."""

    kind: str
    key: str
    step: str
    since: datetime
    blocked: str = ""
    until: date | None = None
    after: date | None = None
    days: int = 0
    opens: bool = False  # it waits for nobody before that day is over


def _dated(draft: _Draft, calendar: Calendar, today: date) -> Entry | None:
    day = draft.until
    if draft.after is not None:
        day = calendar.add(draft.after, draft.days)
    if draft.opens:
        if day is None or today <= day:
            return None
        day = None
    due = deadline(day, today=today, calendar=calendar) if day else None
    return Entry(draft.kind, draft.key, draft.step, draft.since, due, draft.blocked)


def _blocked(answer: Any) -> str:
    return str(answer.reason) if isinstance(answer, Denied) else ""


def _periods(user: User) -> Iterable[_Draft]:
    found = Period.objects.filter(status__in=list(NEXT), cutoff_at__isnull=False)
    rows = list(found.annotate(moved=Max("actions__at")).order_by("first_day"))
    windows = file_days_on(row.first_day for row in rows if NEXT[_S(row.status)] == "close")
    for period in rows:
        verb = NEXT[_S(period.status)]
        yield _Draft(
            PERIOD,
            period.key,
            verb,
            period.moved or period.created_at,
            _blocked(apart(verb, user, period)),
            after=period.noticed_on if verb == "close" else None,
            days=windows.get(period.first_day, 0),
            opens=verb == "close",
        )


def _appeals(user: User) -> Iterable[_Draft]:
    rows = list(
        Appeal.objects.filter(state__in=list(APPEAL_STEPS), employee__in=people_held(user, *PANEL))
        .select_related(*LOADED)
        .annotate(moved=Max("events__at"))
    )
    bars = Bars(rows) if rows else None
    for appeal in rows:
        step, independent = APPEAL_STEPS[_A(appeal.state)]
        reason = ""
        if appeal.employee.user_id == user.pk:
            reason = _("It is your own appeal.")
        elif bars is not None and (independent or (step == "accept" and appeal.late)):
            reason = bars.reason(user, appeal)
        day = None
        if appeal.due_at is not None:
            day = last_day(appeal.due_at)
        since = appeal.moved or appeal.created_at
        yield _Draft(APPEAL, appeal.appeal_no, step, since, reason, until=day)


def _proposals(user: User) -> Iterable[_Draft]:
    """Proposals with something left, and whether any of it is not this account's own."""
    pay = PerformancePay.objects.filter(
        proposal=OuterRef("pk"), state=PerformancePay.State.PROPOSED
    )
    awards = Award.objects.filter(proposal=OuterRef("pk"), state=Award.State.RESERVED)
    own = Q(employee__user=user)
    rows = (
        Proposal.objects.exclude(status=Proposal.Status.SUPERSEDED)
        .filter(Exists(pay) | Exists(awards) | Q(status=Proposal.Status.PROPOSED))
        .annotate(for_me=Exists(pay.exclude(own)) | Exists(awards.exclude(own)))
        .select_related("period", "policy_version")
    )
    for row in rows:
        # Without a row to approve, the decision still settles that nobody gets anything.
        free = row.for_me or row.status == Proposal.Status.PROPOSED
        reason = "" if free else _("What is left is your own award or pay.")
        days = [
            award["decision_due_wd"]
            for award in row.policy_version.spec["awards"]
            if award["code"] in row.summary["awards"] and "decision_due_wd" in award
        ]
        yield _Draft(
            PROPOSAL,
            row.period.key,
            "award",
            row.proposed_at,
            reason,
            after=timezone.localdate(row.proposed_at),
            days=min(days, default=DECISION_DAYS),
        )


def _batches(user: User) -> Iterable[_Draft]:
    for batch in PayrollBatch.objects.filter(state=PayrollBatch.State.VALIDATED):
        yield _Draft(
            BATCH, batch.batch_no, "batch", batch.built_at, _blocked(apart_from_batch(user, batch))
        )


# -- groups of the list -------------------------------------------------------------------------


def grouped(rows: Iterable[Entry], today: date) -> list[tuple[str, list[Entry]]]:
    """The list under its headings, in order; empty headings are left out."""
    week = today + timedelta(days=6 - today.weekday())
    heads = {
        "late": _("Late"),
        "today": _("Due today"),
        "week": _("This week"),
        "later": _("Later"),
        "none": _("No deadline"),
    }
    found: dict[str, list[Entry]] = {code: [] for code in heads}
    for row in rows:
        if row.due is None:
            found["none"].append(row)
        elif row.due.late:
            found["late"].append(row)
        elif row.due.day == today:
            found["today"].append(row)
        else:
            found["week" if row.due.day <= week else "later"].append(row)
    return [(heads[code], items) for code, items in found.items() if items]


@dataclass(frozen=True)
class Decided:
    """One decision this account took."""

    at: datetime
    text: str
    url: str
    hash: str


def decided_by(user: User) -> list[Decided]:
    """The last decisions of this account, the newest first."""
    rows: list[Decided] = []
    words = {
        "review": _("%(name)s reviewed"),
        "approve": _("%(name)s approved"),
        "release": _("%(name)s released"),
        "close": _("%(name)s closed"),
        "send_back": _("%(name)s sent back"),
    }
    actions = PeriodAction.objects.filter(actor=user, verb__in=words).select_related("period")
    for action in actions.order_by("-id")[:RECENT]:
        key = action.period.key
        text = words[action.verb] % {"name": period_name(key)}
        rows.append(Decided(action.at, text, reverse("period", args=[key]), action.confirmed_hash))
    for appeal in Appeal.objects.filter(decided_by=user).order_by("-decided_at")[:RECENT]:
        text = _("Appeal %(name)s: %(outcome)s") % {
            "name": appeal.appeal_no,
            "outcome": appeal.get_outcome_display(),
        }
        url = reverse("appeal", args=[appeal.appeal_no])
        assert appeal.decided_at is not None
        rows.append(Decided(appeal.decided_at, text, url, appeal.confirmed_hash))
    proposals = Proposal.objects.filter(decided_by=user).select_related("period")
    for proposal in proposals.order_by("-decided_at")[:RECENT]:
        key = proposal.period.key
        text = _("%(name)s: awards and pay approved") % {"name": period_name(key)}
        assert proposal.decided_at is not None
        url = reverse("proposal", args=[key])
        rows.append(Decided(proposal.decided_at, text, url, proposal.confirmed_hash))
    return sorted(rows, key=lambda row: row.at, reverse=True)[:RECENT]
