"""What a revised scorecard does to pay that was decided: a new payment, perhaps a new award.

Used by the execution of an appeal, and by its dry run without writing. Only the appellant's own
rows move: nobody else's award or pay is lowered, and a new winner is paid from the appeal reserve.
The original entry is reversed and a full new one posted; both ride in the next payroll batch.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from assessments.models import Scorecard
from core import audit
from core.locks import Lock, take
from core.models import User
from core.rounding import half_up
from incentives.models import Award, LedgerEntry, PerformancePay, Proposal
from incentives.queries.facts import MONTHS
from incentives.queries.plan import last_month
from incentives.queries.pools import pool_on
from incentives.rules import pay, star
from incentives.rules.consider import Person, bar
from incentives.rules.payments import Earner, coefficient_of
from incentives.services import ledger
from incentives.services.decisions import award_entry, pay_entry
from incentives.services.ledger import facts_hash
from incentives.services.proposals import segments_of

PayState = PerformancePay.State
AwardState = Award.State
# Whoever has one of these was a winner already, or the longer period decides. What became of the
# place since (held, out of money, refused by the group) is for people, not for an appeal.
PLACED = ("won", "held", "pool_exceeded", "after_appeal", "fallback")


@dataclass(frozen=True)
class Figures:
    """The figures of a scorecard that move pay; `fair_low` in points, unrounded or None."""

    status: str
    grade: str
    composite: Decimal | None
    coefficient: Decimal | None
    cause: str
    n: int
    fair_low: float | None
    fair_status: str

    @classmethod
    def of(cls, card: Scorecard) -> "Figures":
        return cls(
            status=card.status,
            grade=card.grade,
            composite=card.composite,
            coefficient=card.coefficient,
            cause=card.reason,
            n=card.satisfaction_n,
            fair_low=card.fair_low,
            fair_status=card.fair_status,
        )


@dataclass(frozen=True)
class AwardGain:
    """An award the person would now win: place among `eligible`, amounts in CNY."""

    award: Award
    rank: int
    places: int
    eligible: int
    fair_low: Decimal
    fits_reserve: bool


@dataclass(frozen=True)
class PayChange:
    """Performance pay as decided (`row`) and with the new figures, in CNY."""

    row: PerformancePay
    after: Decimal
    coefficient: Decimal
    reason: str
    reason_data: dict[str, str]

    @property
    def before(self) -> Decimal:
        return self.row.amount


@dataclass(frozen=True)
class Effects:
    """What would move: performance pay (None: none was decided) and awards gained."""

    pay: PayChange | None = None
    gains: tuple[AwardGain, ...] = ()


def preview(card: Scorecard, figures: Figures) -> Effects:
    """The effects of other figures on the card's period and person; writes nothing."""
    proposal = (
        Proposal.objects.filter(period=card.period_id, status=Proposal.Status.DECIDED)
        .select_related("period", "policy_version")
        .first()
    )
    if proposal is None:
        return Effects()
    gains = tuple(_gains(proposal, card, figures))
    row = (
        proposal.payments.filter(employee=card.employee_id)
        .exclude(state=PayState.REJECTED)
        .select_related("employee", "scorecard__position")
        .order_by("-version")
        .first()
    )
    if row is None:
        return Effects(gains=gains)
    rule = proposal.policy_version.spec["performance_pay"]
    coefficient, reason, data = coefficient_of(rule, _earner(row, figures))
    change = PayChange(row, _amount(rule, row, coefficient), coefficient, reason, data)
    return Effects(pay=change, gains=gains)


def _earner(row: PerformancePay, figures: Figures) -> Earner:
    return Earner(
        employee_id=row.employee_id,
        employee_no=row.employee.employee_no,
        position_code=row.scorecard.position.code,
        status=figures.status,
        grade=figures.grade,
        composite=figures.composite,
        coefficient=figures.coefficient,
        cause=figures.cause,
        segments=segments_of(row),
        present_days=row.present_days,
        working_days=row.working_days,
    )


def _amount(rule: dict[str, Any], row: PerformancePay, coefficient: Decimal) -> Decimal:
    """The new amount from the days and profiles the payment was decided on."""
    if row.mode != "pool_share":
        return pay.amount(segments_of(row), coefficient, row.present_days, row.working_days)
    # The same pool shared again with the new coefficient; the others keep what they have.
    colleagues = row.proposal.payments.filter(
        version=1, scorecard__position=row.scorecard.position
    ).select_related("employee")
    weights = {one.employee.employee_no: one.present_days * one.coefficient for one in colleagues}
    pool = sum((one.performance_pay for one in colleagues), Decimal("0.00"))
    weights[row.employee.employee_no] = row.present_days * coefficient
    reserve = Decimal(rule["pool_share"]["appeal_reserve_percent"])
    return pay.pool_share(pool, reserve, weights)[row.employee.employee_no]


def _gains(proposal: Proposal, card: Scorecard, figures: Figures) -> list[AwardGain]:
    """Awards of the proposal the person did not win and would win with the new figures."""
    own: dict[str, Award] = {}
    for row in proposal.awards.filter(employee=card.employee_id).order_by("version"):
        own[row.award_code] = row
    specs = {award["code"]: award for award in proposal.policy_version.spec["awards"]}
    person = _person(card, figures)
    found = []
    for code, row in own.items():
        if row.reason_code not in PLACED:
            row.proposal = proposal
            gain = _gain(specs[code], row, person)
            found += [gain] if gain else []
    return found


def _gain(spec: dict[str, Any], row: Award, person: Person) -> AwardGain | None:
    months = MONTHS[row.proposal.period.kind]
    fair_low = person.fair_low
    if bar(spec["eligibility"], person, months) is not None or fair_low is None:
        return None
    others = row.proposal.awards.filter(
        award_code=row.award_code, group_code=row.group_code, rank__isnull=False, version=1
    ).exclude(employee=row.employee_id)
    people = [
        star.Candidate(one.employee_id, one.fair_low, one.n)
        for one in others
        if one.fair_low is not None
    ]
    people.append(star.Candidate(row.employee_id, fair_low, person.n))
    rule = spec["selection"]
    # Too few for the month: then the group's quarter decides, and that is computed anew anyway.
    later = rule.get("fallback", {}).get("period")
    if len(people) < int(rule["min_group_size"]) and row.proposal.period.kind != later:
        return None
    k = star.places(len(people), Decimal(rule["share_percent"]), int(rule["minimum_winners"]))
    factor = Decimal(rule.get("max_winners_factor", star.DEFAULT_FACTOR))
    chosen = star.select(people, k, factor=factor, edge_tie=rule["edge_tie"])
    if row.employee_id not in chosen.winners:
        return None
    pool = pool_on(row.proposal.policy_version, row.pool_code, row.pool_month)
    cost = Decimal(spec["amount"]["each"]) + Decimal(spec["amount"]["prize_value"])
    return AwardGain(
        award=row,
        rank=chosen.ranks[row.employee_id],
        places=k,
        eligible=len(people),
        fair_low=fair_low,
        fits_reserve=cost <= pool.room_with_reserve,
    )


def _person(card: Scorecard, figures: Figures) -> Person:
    """Nothing holds the place: who appeals has no other open question in the period."""
    low = None if figures.fair_low is None else half_up(figures.fair_low, 2)
    return Person(
        employee_id=card.employee_id,
        employee_no="",
        scorecard_id=card.pk,
        scorecard_hash=card.content_hash,
        position_code=card.position.code,
        n=figures.n,
        fair_low=low,
        fair_status=figures.fair_status,
        status=figures.status,
        grade=figures.grade,
        present_days=card.present_days,
    )


@transaction.atomic
def apply(
    card: Scorecard,
    revised: Scorecard,
    *,
    actor: User,
    approval_no: str,
    reason: str,
    appeal_id: int | None = None,
    now: datetime | None = None,
) -> list[LedgerEntry]:
    """Carry a revised scorecard through to the ledger; returns the entries posted, in order.

    `card` is the version that was decided on, `revised` the one that takes its place, `actor` the
    named human who executes the decision, `approval_no` the appeal's number. Where the proposal is
    not decided yet nothing is posted: proposing again takes the new scorecard.
    """
    now = now or timezone.now()
    take(Lock.PROPOSAL)
    effects = preview(card, Figures.of(revised))
    entries: list[LedgerEntry] = []
    change = effects.pay
    if change is not None and change.after != change.before:
        entries += _repay(change, revised, actor, approval_no, reason, appeal_id, now)
    for gain in effects.gains:
        entries += _grant(gain, revised, actor, approval_no, reason, appeal_id, now)
    return entries


def _repay(
    change: PayChange,
    revised: Scorecard,
    actor: User,
    approval_no: str,
    reason: str,
    appeal_id: int | None,
    now: datetime,
) -> list[LedgerEntry]:
    """Reverse the payment's entry and post the corrected payment in full."""
    entries: list[LedgerEntry] = []
    row = change.row
    waiting = row.state == PayState.PROPOSED
    posted = row.ledger_entries.filter(source_type=ledger.Source.PERFORMANCE_PAY).first()
    if posted is not None:
        entries.append(
            ledger.reverse(
                posted,
                actor=actor,
                reason=reason,
                approval_no=approval_no,
                appeal_id=appeal_id,
                now=now,
            )
        )
    new = _next_payment(change, revised)
    if not waiting:
        new.state = PayState.POSTED if new.amount > 0 else PayState.APPROVED
        new.decided_by, new.decided_at, new.decision_reason = actor, now, reason
    new.save()
    old = PayState.REJECTED if waiting or posted is None else PayState.REVERSED
    PerformancePay.objects.filter(pk=row.pk).update(state=old)
    if new.state == PayState.POSTED:
        entry = pay_entry(new, row.proposal, last_month(row.proposal.period))
        entries += ledger.post(
            [_approved(entry, approval_no, appeal_id, reason)], actor=actor, now=now
        )
    audit.record(
        actor, "performance_pay.corrected", new, before=row.amount, after=new.amount, of=row.pk
    )
    return entries


def _next_payment(change: PayChange, revised: Scorecard) -> PerformancePay:
    row = change.row
    new = PerformancePay(
        proposal=row.proposal,
        version=row.version + 1,
        employee=row.employee,
        scorecard=revised,
        scorecard_hash=revised.content_hash,
        mode=row.mode,
        performance_pay=row.performance_pay,
        coefficient=change.coefficient,
        present_days=row.present_days,
        working_days=row.working_days,
        amount=change.after,
        detail=row.detail,
        reason_code=change.reason,
        reason_data=change.reason_data,
        state=PayState.PROPOSED,
    )
    new.content_hash = facts_hash(new)
    return new


def _grant(
    gain: AwardGain,
    revised: Scorecard,
    actor: User,
    approval_no: str,
    reason: str,
    appeal_id: int | None,
    now: datetime,
) -> list[LedgerEntry]:
    """Add the appellant to the winners, from the appeal reserve.

    A reserve that is used up leaves the award to the management group, one by one. The row it takes
    the place of is closed, so that only one of them can be decided.
    """
    row = gain.award
    spec = next(
        one for one in row.proposal.policy_version.spec["awards"] if one["code"] == row.award_code
    )
    new = Award(
        proposal=row.proposal,
        version=row.version + 1,
        award_code=row.award_code,
        employee=row.employee,
        scorecard=revised,
        scorecard_hash=revised.content_hash,
        group_code=row.group_code,
        n=revised.satisfaction_n,
        fair_low=gain.fair_low,
        rank=gain.rank,
        places=gain.places,
        amount=Decimal(spec["amount"]["each"]),
        prize_value=Decimal(spec["amount"]["prize_value"]),
        pool_code=row.pool_code,
        pool_month=row.pool_month,
        pay_item_code=row.pay_item_code,
        tax_class=row.tax_class,
        reason_code="after_appeal" if gain.fits_reserve else "pool_exceeded",
        reason_data={},
        state=AwardState.RANKED,
    )
    new.reason_data = _gain_data(gain, new.amount + new.prize_value, new.n)
    if gain.fits_reserve:
        new.state = AwardState.POSTED if new.amount > 0 else AwardState.APPROVED
        new.decided_by, new.decided_at, new.decision_reason = actor, now, reason
    new.content_hash = facts_hash(new)
    new.save()
    if row.state != AwardState.REJECTED:
        Award.objects.filter(pk=row.pk).update(
            state=AwardState.REJECTED, decided_by=actor, decided_at=now, decision_reason=reason
        )
    audit.record(actor, "award.added", new, amount=new.amount, appeal=approval_no)
    if new.state != AwardState.POSTED:
        return []
    entry = award_entry(new, row.proposal, row.pool_month)
    return ledger.post([_approved(entry, approval_no, appeal_id, reason)], actor=actor, now=now)


def _gain_data(gain: AwardGain, cost: Decimal, n: int) -> dict[str, Any]:
    pool = pool_on(gain.award.proposal.policy_version, gain.award.pool_code, gain.award.pool_month)
    return {
        "rank": gain.rank,
        "places": gain.places,
        "eligible": gain.eligible,
        "fair_low": str(gain.fair_low),
        "n": n,
        "total": str(cost),
        "room": str(pool.room_with_reserve),
    }


def _approved(
    entry: ledger.NewEntry, approval_no: str, appeal_id: int | None, reason: str
) -> ledger.NewEntry:
    """The entry as approved by the appeal instead of the period's decision."""
    return replace(entry, approval_no=approval_no, appeal_id=appeal_id, remark=reason)
