"""The nine steps of a payroll month, each from facts, with what stands in its way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import Period
from core.months import last_of, shift
from incentives.models import Appeal, LedgerEntry, PayrollBatch, PayrollLine, Proposal, Recovery

State = PayrollBatch.State
S = Period.Status
LOCKED = {S.DATA_LOCKED, S.SCORED, S.IN_REVIEW, S.APPROVED, S.RELEASED, S.CLOSED}
ORDER = (
    *(State.BUILDING, State.VALIDATED, State.APPROVED, State.GENERATED),
    *(State.DELIVERED, State.ACKNOWLEDGED, State.CLOSED),
)


@dataclass(frozen=True)
class Step:
    """One step: done, or what it waits for; `note` is a date or a count, `url` where it is done."""

    code: str
    label: str
    done: bool
    note: str = ""
    url: str = ""
    blocks: str = ""


@dataclass(frozen=True)
class Close:
    """A payroll month: its batches, the one at work, and the nine steps."""

    month: date
    batches: list[PayrollBatch]
    batch: PayrollBatch | None
    steps: list[Step]
    free: int
    debts: int = 0

    @property
    def place(self) -> int:
        """The number of the first step that is not done, 10 when all are. An open appeal holds
        nothing up once there is a batch: what it changes rides in a later one."""
        return next((i for i, one in enumerate(self.steps, 1) if self._waits(one)), 10)

    def _waits(self, step: Step) -> bool:
        return not step.done and (step.code != "appeals" or self.batch is None)

    @property
    def done(self) -> int:
        """How many of the nine are done."""
        return sum(one.done for one in self.steps)

    @property
    def current(self) -> Step | None:
        return next((one for one in self.steps if self._waits(one)), None)

    @property
    def blocking(self) -> list[Step]:
        """What stands in the way before a batch can be built, each with its link."""
        return [one for one in self.steps[:4] if self._waits(one)]

    @property
    def can_build(self) -> bool:
        """There is something to pay, or without a batch yet something to recover."""
        if self.batch is None:
            return self.free > 0 or self.debts > 0
        return self.free > 0 and self.batch.state in (State.ACKNOWLEDGED, State.CLOSED)


def working_month(today: date) -> date:
    """The month HR works on: that of the latest batch under way, else of the newest entry that
    waits, else of the latest batch, else the month before today."""
    batches = PayrollBatch.objects.exclude(state=State.REJECTED)
    running = batches.exclude(state__in=[State.ACKNOWLEDGED, State.CLOSED])
    if found := running.aggregate(month=Max("month"))["month"]:
        return found
    waiting = LedgerEntry.objects.exclude(lines__live=True).aggregate(month=Max("month"))["month"]
    latest = batches.aggregate(month=Max("month"))["month"]
    if waiting and (latest is None or waiting > latest):
        return waiting
    return latest or shift(today, -1)


def close_of(month: date) -> Close:
    """Everything the page of a payroll month asks first."""
    batches = list(
        PayrollBatch.objects.filter(month=month)
        .select_related("built_by__employee", "approved_by__employee", "file")
        .prefetch_related("events__actor__employee")
        .order_by("sequence")
    )
    batch = next((one for one in reversed(batches) if one.state != State.REJECTED), None)
    free = free_entries(month)
    steps = [*_before(month), *_of_batch(batch)]
    debts = Recovery.objects.filter(
        state=Recovery.State.OPEN, decided_on__lte=last_of(month)
    ).count()
    return Close(month, batches, batch, steps, free, debts)


def free_entries(month: date) -> int:
    """How many ledger entries of the month or earlier stand in no live batch."""
    rows = LedgerEntry.objects.filter(month__lte=month).exclude(
        source_type=LedgerEntry.Source.RECOVERY
    )
    rows = rows.exclude(reverses__source_type=LedgerEntry.Source.RECOVERY)
    return rows.exclude(pk__in=PayrollLine.objects.filter(live=True).values("entry")).count()


def link(url_name: str, *args: object) -> str:
    """The address of a page, empty while it does not exist."""
    try:
        return reverse(url_name, args=args)
    except NoReverseMatch:
        return ""


def _day(moment: datetime | date | None) -> str:
    if moment is None:
        return ""
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    return f"{local:%m-%d}"


def _before(month: date) -> list[Step]:
    """Data, scores, decisions and appeals of the month the payroll pays."""
    key = f"{month:%Y-%m}"
    period = Period.objects.filter(key=key).first()
    page = link("period", key) if period else ""
    locked = period is not None and period.status in LOCKED
    released = period is not None and period.status in (S.RELEASED, S.CLOSED)
    state = period.get_status_display() if period else _("not begun")
    return [
        Step(
            "data",
            _("Data locked"),
            locked,
            _day(period.cutoff_at) if period and locked else state,
            page,
            "" if locked else _("The data of %(key)s are not locked yet.") % {"key": key},
        ),
        Step(
            "scores",
            _("Scores released"),
            released,
            _day(period.noticed_on) if period and released else state,
            page,
            ""
            if released
            else _("The scores of %(key)s are not released yet (%(state)s).")
            % {"key": key, "state": state},
        ),
        _decisions(key, period),
        _appeals(month),
    ]


def _decisions(key: str, period: Period | None) -> Step:
    proposal = (
        Proposal.objects.filter(period=period).exclude(status=Proposal.Status.SUPERSEDED).first()
        if period
        else None
    )
    done = proposal is not None and proposal.status == Proposal.Status.DECIDED
    blocks = ""
    if not done:
        blocks = (
            _("The proposal for %(key)s waits for its decision.")
            if proposal
            else _("Nobody has proposed awards and pay for %(key)s yet.")
        ) % {"key": key}
    note = _day(proposal.decided_at) if proposal and done else _("waiting")
    return Step(
        "decisions",
        _("Awards decided"),
        done,
        note,
        link("proposal", key) if proposal else link("proposals"),
        blocks,
    )


def _appeals(month: date) -> Step:
    """An open appeal holds nothing up: what it changes rides in a later batch."""
    open_ones = (
        Appeal.objects.open()
        .filter(scorecard__period__last_day__lte=last_of(month))
        .exclude(state=Appeal.State.DRAFT)
        .count()
    )
    note = ngettext("%(n)d open", "%(n)d open", open_ones) % {"n": open_ones}
    blocks = (
        ngettext(
            "%(n)d appeal is open; what it changes rides in a later batch.",
            "%(n)d appeals are open; what they change rides in a later batch.",
            open_ones,
        )
        % {"n": open_ones}
        if open_ones
        else ""
    )
    return Step(
        "appeals",
        _("Appeals"),
        not open_ones,
        note if open_ones else _("none open"),
        link("appeals"),
        blocks,
    )


def _of_batch(batch: PayrollBatch | None) -> list[Step]:
    """From the built batch to the receipt of the payroll system."""
    reached = ORDER.index(State(batch.state)) if batch else -1
    times = {one.verb: one.at for one in batch.events.all()} if batch else {}
    url = link("payroll_batch", batch.batch_no) if batch else ""
    labels: tuple[tuple[str, str, int, str, Callable[[], str]], ...] = (
        ("built", _("Batch built"), 0, "built", lambda: ""),
        ("validated", _("Checked"), 1, "validated", lambda: _hints(batch)),
        ("approved", _("Approved"), 2, "approved", lambda: _("by somebody else")),
        ("generated", _("Make Excel"), 3, "generated", lambda: ""),
        ("acknowledged", _("Receipt"), 5, "acknowledged", lambda: _("lines and total")),
    )
    steps = []
    for code, label, needed, verb, waiting in labels:
        done = reached >= needed
        steps.append(Step(code, label, done, _day(times.get(verb)) if done else waiting(), url))
    return steps


def _hints(batch: PayrollBatch | None) -> str:
    count = len(batch.warnings) if batch else 0
    return ngettext("%(n)d hint", "%(n)d hints", count) % {"n": count} if count else ""
