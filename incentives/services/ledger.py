"""The ledger's only door: post, reverse, verify. Rows are never changed; they form one chain."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import InvalidInput, InvalidTransition
from core.locks import Lock, take
from core.models import User
from core.money import yuan
from incentives.models import Award, LedgerEntry, PerformancePay, PolicyVersion, Proposal
from incentives.rules import chain

Kind = LedgerEntry.Kind
Source = LedgerEntry.Source
BATCH = 2000
# States of an award or payment that has an entry.
POSTED_STATES = ("posted", "paid", "reversed")
# Every column but the two hashes is covered by the row's hash.
HASHED = tuple(
    field.attname
    for field in LedgerEntry._meta.concrete_fields
    if field.attname not in {"id", "prev_hash", "row_hash"}
)


@dataclass(frozen=True, kw_only=True)
class NewEntry:
    """What a caller posts. `amount` in CNY, signed, not 0; `month` the first day of a month."""

    employee_id: int
    month: date
    pay_item_code: str
    amount: Decimal
    source_type: str
    source_no: str
    reason_code: str
    approval_no: str
    kind: str = ""
    tax_class: str = "monthly_wage"
    source_hash: str = ""
    policy_version_id: int | None = None
    scorecard_id: int | None = None
    award_id: int | None = None
    performance_pay_id: int | None = None
    recovery_id: int | None = None
    appeal_id: int | None = None
    reverses_id: int | None = None
    remark: str = ""


def post(
    entries: Sequence[NewEntry],
    *,
    actor: User,
    now: datetime | None = None,
) -> list[LedgerEntry]:
    """Append the entries to the chain, in the order given, all or none.

    Runs inside the caller's transaction. Raises InvalidInput for a deduction without a kind, an
    amount with fractions of a fen, or a month that is not a first day.
    """
    with transaction.atomic():
        for entry in entries:
            _check(entry)
        take(Lock.LEDGER)
        last = LedgerEntry.objects.order_by("-entry_no").first()
        number, before = (last.entry_no, last.row_hash) if last else (0, chain.GENESIS)
        created_at = now or timezone.now()
        rows = []
        for entry in entries:
            number += 1
            row = LedgerEntry(
                **asdict(entry), entry_no=number, created_by=actor, created_at=created_at
            )
            row.prev_hash, row.row_hash = before, _hash(before, row)
            before = row.row_hash
            rows.append(row)
        LedgerEntry.objects.bulk_create(rows, batch_size=BATCH)
        if rows:
            total = sum((row.amount for row in rows), Decimal("0.00"))
            audit.record(
                actor,
                "ledger.posted",
                rows[0],
                first=rows[0].entry_no,
                last=rows[-1].entry_no,
                total=total,
            )
        return rows


def _check(entry: NewEntry) -> None:
    if not isinstance(entry.amount, Decimal):
        raise TypeError("amounts of the ledger are Decimal")
    if entry.amount == 0 or entry.amount != yuan(entry.amount):
        raise InvalidInput(
            _("%(amount)s cannot be posted: a whole number of fen, not 0, is needed.")
            % {"amount": entry.amount}
        )
    if entry.kind not in Kind.values:
        raise InvalidInput(_("There is no kind %(kind)s.") % {"kind": entry.kind})
    if entry.amount < 0 and not entry.kind:
        raise InvalidInput(
            _("%(amount)s for %(source)s cannot be posted: a deduction needs a kind, A to E.")
            % {"amount": entry.amount, "source": entry.source_no}
        )
    if entry.month.day != 1:
        raise InvalidInput(_("%(date)s is not the first day of a month.") % {"date": entry.month})


def _hash(before: str, row: LedgerEntry) -> str:
    facts = {name: getattr(row, name) for name in HASHED}
    # An amount is the same amount however many zeros the database prints.
    facts["amount"] = format(yuan(row.amount), "f")
    return chain.row_hash(before, facts)


def reverse(
    entry: LedgerEntry,
    *,
    actor: User,
    reason: str,
    approval_no: str,
    appeal_id: int | None = None,
    now: datetime | None = None,
) -> LedgerEntry:
    """Post the opposite amount, naming the entry; kind A when it takes money back.

    Raises InvalidTransition when the entry is a reversal or is reversed already.
    """
    with transaction.atomic():
        take(Lock.LEDGER)
        if entry.source_type == Source.REVERSAL:
            raise InvalidTransition(
                _("Entry %(no)d is a reversal and cannot be reversed.") % {"no": entry.entry_no}
            )
        if LedgerEntry.objects.filter(reverses=entry).exists():
            raise InvalidTransition(_("Entry %(no)d is reversed already.") % {"no": entry.entry_no})
        opposite = NewEntry(
            employee_id=entry.employee_id,
            month=entry.month,
            pay_item_code=entry.pay_item_code,
            amount=-entry.amount,
            kind=Kind.NOT_EARNED if entry.amount > 0 else Kind.NONE,
            tax_class=entry.tax_class,
            source_type=Source.REVERSAL,
            source_no=entry.source_no,
            source_hash=entry.row_hash,
            reason_code="reversal",
            policy_version_id=entry.policy_version_id,
            scorecard_id=entry.scorecard_id,
            award_id=entry.award_id,
            performance_pay_id=entry.performance_pay_id,
            recovery_id=entry.recovery_id,
            appeal_id=appeal_id,
            reverses_id=entry.pk,
            approval_no=approval_no,
            remark=reason,
        )
        (row,) = post([opposite], actor=actor, now=now)
        return row


@dataclass(frozen=True)
class Broken:
    """The first row that is not what was posted; no entry number where it has no entry."""

    entry_no: int | None
    problem: str

    def __str__(self) -> str:
        if self.entry_no is None:
            return _("ledger broken: %(problem)s") % {"problem": self.problem}
        return _("ledger broken at entry %(no)d: %(problem)s") % {
            "no": self.entry_no,
            "problem": self.problem,
        }


def verify() -> Broken | None:
    """Check numbers, chain, hashes, kinds, every entry against its source, and what is missing.

    Returns the first broken row, or None when all holds.
    """
    with transaction.atomic():
        before, expected = chain.GENESIS, 0
        for row in _chunks():
            expected += 1
            problem = _problem(row, before, expected)
            if problem:
                return Broken(expected if row.entry_no > expected else row.entry_no, problem)
            before = row.row_hash
        return _unposted(expected) or _paid_twice() or next(_changed_beside(), None)


def intact(entry: LedgerEntry) -> bool:
    """Whether one entry still is what was posted, and joins on to its neighbours in the chain."""
    around = LedgerEntry.objects.filter(entry_no__in=(entry.entry_no - 1, entry.entry_no + 1))
    neighbours = {row.entry_no: row for row in around}
    before = neighbours.get(entry.entry_no - 1)
    after = neighbours.get(entry.entry_no + 1)
    expected = before.row_hash if before else chain.GENESIS
    joined = after is None or after.prev_hash == entry.row_hash
    first = before is not None or entry.entry_no == 1
    return (
        first
        and joined
        and entry.prev_hash == expected
        and _hash(entry.prev_hash, entry) == entry.row_hash
    )


def _chunks() -> Iterator[LedgerEntry]:
    """All entries in order, with their sources, in constant memory."""
    wide = [
        f"{source}__scorecard__{column}"
        for source in ("award", "performance_pay")
        for column in ("facts", "placements")
    ]
    rows: QuerySet[LedgerEntry] = (
        LedgerEntry.objects.select_related(
            "award__scorecard", "performance_pay__scorecard", "reverses"
        )
        .defer(*wide)
        .order_by("entry_no")
    )
    return rows.iterator(chunk_size=BATCH)


def _problem(row: LedgerEntry, before: str, expected: int) -> str | None:
    if row.entry_no != expected:
        return _("the entry is missing; the next one is %(no)d") % {"no": row.entry_no}
    if row.prev_hash != before:
        return _("it does not follow the entry before")
    if _hash(before, row) != row.row_hash:
        return _("the row was changed (its hash differs)")
    if row.amount < 0 and not row.kind:
        return _("a deduction without a kind")
    return _source_problem(row)


def _source_problem(row: LedgerEntry) -> str | None:
    """Whether the entry still says what its source says."""
    if row.source_type == Source.REVERSAL:
        if row.reverses is None or row.amount != -row.reverses.amount:
            return _("it is not the opposite of the entry it reverses")
        if row.source_hash != row.reverses.row_hash:
            return _("the entry it reverses was changed")
        return None
    source: Award | PerformancePay | None = None
    if row.source_type == Source.AWARD:
        source = row.award
    elif row.source_type == Source.PERFORMANCE_PAY:
        source = row.performance_pay
    else:
        return None
    if source is None:
        return _("its source is missing")
    if source.content_hash != facts_hash(source):
        return _("its source %(no)s was changed") % {"no": row.source_no}
    if source.content_hash != row.source_hash or source.amount != row.amount:
        return _("its source %(no)s says another amount") % {"no": row.source_no}
    if source.scorecard_id != row.scorecard_id:
        return _("its source %(no)s rests on another scorecard") % {"no": row.source_no}
    if source.state not in POSTED_STATES:
        return _("its source %(no)s says it was not posted") % {"no": row.source_no}
    # A row whose scorecard is gone has no such attribute.
    if getattr(source, "scorecard", None) is None:
        return _("the scorecard behind %(no)s is missing") % {"no": row.source_no}
    if source.scorecard.content_hash != source.scorecard_hash:
        return _("the scorecard behind %(no)s was changed") % {"no": row.source_no}
    return None


def _changed_beside() -> Iterator[Broken]:
    """What no entry rests on and still was decided: awards not won, pay of nothing, policies."""
    for model in (Award, PerformancePay):
        rows: Any = model._default_manager.filter(ledger_entries__isnull=True)
        rows = rows.select_related("proposal__period", "employee").order_by("pk")
        for row in rows.iterator(chunk_size=BATCH):
            if row.content_hash != facts_hash(row):
                yield Broken(None, _("its source %(no)s was changed") % {"no": row.no})
    for proposal in Proposal.objects.select_related("period").order_by("pk"):
        if proposal.summary and _counted(proposal) != _stored(proposal):
            yield Broken(None, _("rows of proposal %(no)s are missing") % {"no": proposal.no})
    for version in PolicyVersion.objects.select_related("policy").order_by("pk"):
        if version.content_hash != chain.digest(version.spec):
            yield Broken(None, _("policy %(policy)s was changed") % {"policy": version})


def _counted(proposal: Proposal) -> dict[str, int]:
    """How many rows a proposal made, by award code; performance pay under ""."""
    summary = proposal.summary
    counts = {code: row["considered"] for code, row in summary["awards"].items()}
    counts[""] = summary["performance_pay"]["people"] if summary["performance_pay"] else 0
    return {code: count for code, count in counts.items() if count}


def _stored(proposal: Proposal) -> dict[str, int]:
    """How many of them are there; corrections came later and are not counted."""
    counts = Counter(proposal.awards.filter(version=1).values_list("award_code", flat=True))
    counts[""] = proposal.payments.filter(version=1).count()
    return {code: count for code, count in counts.items() if count}


def _unposted(entries: int) -> Broken | None:
    """A source that says it was posted and has no entry: entries were cut off at the end."""
    for model, states in (
        (Award, [Award.State.POSTED, Award.State.PAID, Award.State.REVERSED]),
        (PerformancePay, [PerformancePay.State.POSTED, PerformancePay.State.REVERSED]),
    ):
        rows: Any = model._default_manager.filter(
            state__in=states, amount__gt=0, ledger_entries__isnull=True
        )
        first = rows.select_related("proposal__period", "employee").order_by("pk").first()
        if first is not None:
            return Broken(entries + 1, _("there is no entry for %(no)s") % {"no": first.no})
        taken_back: Any = model._default_manager.filter(state="reversed", amount__gt=0)
        taken_back = taken_back.exclude(ledger_entries__source_type=Source.REVERSAL)
        first = taken_back.select_related("proposal__period", "employee").order_by("pk").first()
        if first is not None:
            return Broken(entries + 1, _("%(no)s was reversed without an entry") % {"no": first.no})
    return None


def _paid_twice() -> Broken | None:
    """Two versions of one award, or of one month's pay, that are both posted and not reversed."""
    standing = LedgerEntry.objects.filter(reversed_by__isnull=True)
    for source, keys in (
        (Source.AWARD, ("award__proposal", "award__award_code", "award__employee")),
        (Source.PERFORMANCE_PAY, ("performance_pay__proposal", "performance_pay__employee")),
    ):
        found = (
            standing.filter(source_type=source)
            .order_by()
            .values(*keys)
            .annotate(posted=Count("pk"), last=Max("entry_no"))
            .filter(posted__gt=1)
            .order_by("last")
            .first()
        )
        if found is not None:
            return Broken(found["last"], _("it pays what another entry has paid already"))
    return None


AWARD_FACTS = (
    "proposal_id", "version", "award_code", "employee_id", "scorecard_id", "scorecard_hash",
    "group_code", "n", "fair_low", "rank", "places", "amount", "prize_value", "pool_code",
    "pool_month", "pay_item_code", "tax_class", "reason_code", "reason_data",
)  # fmt: skip
PAY_FACTS = (
    "proposal_id", "version", "employee_id", "scorecard_id", "scorecard_hash", "mode",
    "performance_pay", "coefficient", "present_days", "working_days", "amount", "detail",
    "reason_code", "reason_data",
)  # fmt: skip


def facts_hash(source: Award | PerformancePay) -> str:
    """The content hash of an award or of performance pay: its facts, not state or decision."""
    names = AWARD_FACTS if isinstance(source, Award) else PAY_FACTS
    facts: dict[str, Any] = {}
    for name in names:
        value = getattr(source, name)
        # Decimals as the database gives them back, whatever the caller's zeros were.
        places = getattr(source._meta.get_field(name), "decimal_places", None)
        facts[name] = value if value is None or places is None else f"{value:.{places}f}"
    return chain.digest({"type": source._meta.model_name, **facts})
