"""Periods as pages show them: the board, the steps with names and dates, what has changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from assessments.models import Period, PeriodAction, Scorecard
from assessments.rules.periods import parse
from core.badges import look
from core.models import Job, User
from surveys.queries import decided_since, undecided

_S = Period.Status
# The steps of a period as people speak of them, with the verb of the action that ends each.
STEPS = (
    ("collect", "create"),
    ("lock", _S.DATA_LOCKED),
    ("score", "score"),
    ("review", "review"),
    ("approve", "approve"),
    ("release", "release"),
    ("close", "close"),
)
# How many steps are behind a period of each state.
_DONE = {
    _S.DRAFT: 0,
    _S.PLANNED: 0,
    _S.COLLECTING: 0,
    _S.DATA_LOCKED: 2,
    _S.SCORED: 3,
    _S.IN_REVIEW: 4,
    _S.APPROVED: 5,
    _S.RELEASED: 6,
    _S.CLOSED: 7,
}
UNDONE = "send_back"


def badge_of(period: Period) -> dict[str, str]:
    """`tone`, `glyph` and `label` of the component badge."""
    tone, glyph = look(period.status)
    return {"tone": tone, "glyph": glyph, "label": period.get_status_display()}


@dataclass(frozen=True)
class Step:
    """`code` of STEPS; `state` is done, now or empty; who did it and when."""

    code: str
    state: str
    at: datetime | None = None
    actor: User | None = None

    @property
    def label(self) -> str:
        return {
            "collect": _("Answers collected"),
            "lock": _("Data locked"),
            "score": _("Scored"),
            "review": _("Reviewed"),
            "approve": _("Approved"),
            "release": _("Released"),
            "close": _("Closed"),
        }[self.code]


@dataclass(frozen=True)
class Row:
    """A line of the board."""

    period: Period
    badge: dict[str, str]
    counts: Mapping[str, int]
    provisional: bool


def board(periods: Sequence[Period]) -> list[Row]:
    """The lines of the periods of a page, in two queries however many there are."""
    counts = counts_of(periods)
    return [
        Row(
            one,
            badge_of(one),
            counts[one.pk],
            one.current_run is not None and one.current_run.provisional,
        )
        for one in periods
    ]


def with_people(periods: QuerySet[Period]) -> QuerySet[Period]:
    """The periods with the accounts of their steps and the persons behind them."""
    names = ("scored_by", "reviewed_by", "approved_by", "released_by")
    return periods.select_related("current_run", *(f"{name}__employee" for name in names))


def steps_of(period: Period, actions: Iterable[PeriodAction]) -> list[Step]:
    """The way of a period; what was sent back stands as not done. `actions` are in order."""
    last: dict[str, PeriodAction] = {}
    for action in actions:
        if action.verb == UNDONE:
            last = {verb: one for verb, one in last.items() if verb == "create"}
        else:
            last[action.verb] = action
    done = _DONE[_S(period.status)]
    if period.status == _S.SCORED and period.cutoff_at is None:
        done = 1  # sent back: its data are open again
    steps = []
    for number, (code, verb) in enumerate(STEPS):
        state = "done" if number < done else "now" if number == done else ""
        taken = last.get(verb) if state == "done" else None
        at = taken.at if taken else None
        if code == "collect":
            taken = None
        if code == "lock" and state == "done":
            at = period.cutoff_at
        steps.append(Step(code, state, at, taken.actor if taken else None))
    return steps


def counts_of(periods: Sequence[Period]) -> dict[int, dict[str, int]]:
    """Period id -> number of current scorecards by assessment status, and "all"."""
    rows = (
        Scorecard.objects.current()
        .filter(period__in=periods)
        .values_list("period", "status")
        .annotate(number=Count("id"))
        .order_by()
    )
    found: dict[int, dict[str, int]] = defaultdict(Counter)
    for period, status, number in rows:
        found[period][status] += number
        found[period]["all"] += number
    return found


@dataclass(frozen=True)
class Blocks:
    """What stands in the way of a review, in responses."""

    undecided: int = 0
    decided_since: int = 0

    def __bool__(self) -> bool:
        return bool(self.undecided or self.decided_since)


def blocks_of(period: Period) -> Blocks:
    """The same counts the review checks: as of the cut-off where the data are locked."""
    span = (period.first_day, period.last_day)
    if period.cutoff_at is None:
        return Blocks(undecided=undecided(*span))
    return Blocks(
        undecided=undecided(*span, as_of=period.cutoff_at),
        decided_since=decided_since(*span, period.cutoff_at),
    )


@dataclass(frozen=True)
class GradeRow:
    """A grade: how many people now and in the period before (None: there is none)."""

    grade: str
    now: int
    before: int | None
    percent: int

    @property
    def change(self) -> int | None:
        return None if self.before is None else self.now - self.before


@dataclass(frozen=True)
class Changes:
    """This period against the one before: people whose grade rose, fell, stayed; new, gone."""

    previous: Period | None
    grades: list[GradeRow]
    up: int = 0
    down: int = 0
    same: int = 0
    new: int = 0
    gone: int = 0


def changes_of(period: Period, order: Mapping[str, int]) -> Changes:
    """`order`: grade -> its place, the best first (0)."""
    previous = Period.objects.filter(key=parse(period.key).previous().key).first()
    now = _grades(period)
    before = _grades(previous) if previous is not None else {}
    moves = Counter(_move(order, before[who], grade) for who, grade in now.items() if who in before)
    counted, counted_before = Counter(now.values()), Counter(before.values())
    names = sorted(set(counted) | set(counted_before), key=lambda g: (order.get(g, 99), g))
    total = sum(counted.values()) or 1
    rows = [
        GradeRow(
            name,
            counted[name],
            counted_before[name] if previous is not None else None,
            round(100 * counted[name] / total),
        )
        for name in names
        if name
    ]
    return Changes(
        previous,
        rows,
        up=moves["up"],
        down=moves["down"],
        same=moves["same"],
        new=sum(who not in before for who in now) if previous is not None else 0,
        gone=sum(who not in now for who in before),
    )


def _grades(period: Period) -> dict[int, str]:
    cards = Scorecard.objects.current_in(period).exclude(grade="")
    return dict(cards.values_list("employee_id", "grade"))


def _move(order: Mapping[str, int], before: str, now: str) -> str:
    first, second = order.get(before), order.get(now)
    if first is None or second is None or first == second:
        return "same"
    return "up" if second < first else "down"


def grade_order(period: Period) -> dict[str, int]:
    """Grades of the period's schemes from the best, A before B where schemes say nothing."""
    names = Scorecard.objects.current_in(period).exclude(grade="")
    spans = names.values_list("grade", flat=True).distinct().order_by("grade")
    return {name: number for number, name in enumerate(sorted({*spans, *"ABCDE"}))}


def cards_of(period: Period, user: User, *, search: str, grade: str) -> QuerySet[Scorecard]:
    """Scorecards of the period the account may see, by department and number."""
    cards = (
        Scorecard.objects.visible_to(user)
        .current_in(period)
        .select_related("employee", "department", "position")
        .defer("facts", "placements")
        .order_by("employee__employee_no")
    )
    if search:
        cards = cards.filter(
            Q(employee__employee_no__icontains=search) | Q(employee__name__icontains=search)
        )
    if grade == "-":
        return cards.filter(grade="")
    return cards.filter(grade=grade) if grade else cards


def running_job(period: Period) -> Job | None:
    """The scoring under way, or the one that failed last and was not made good."""
    run = period.runs.filter(finished_at=None).select_related("job").first()
    return run.job if run is not None else None
