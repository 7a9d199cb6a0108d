"""Decide a proposal: awards and performance pay become ledger entries, by a named human.

The decider is of the management group and confirms the period's evidence hash, which stands for
the evidence opened. The scorer, reviewer, approver or releaser may decide, since they could not
release alone; nobody decides on an own award or own pay. Penalties are never decided here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import queries as assessments
from core import audit
from core.errors import Conflict, InvalidInput, InvalidTransition
from core.locks import Lock, take
from core.models import User
from core.notifications import notify
from core.permissions import require
from incentives import permissions
from incentives.models import Award, LedgerEntry, PerformancePay, PolicyVersion, Proposal
from incentives.queries import holds
from incentives.queries.plan import last_month
from incentives.queries.policies import version_on
from incentives.queries.pools import pool_on
from incentives.rules import pay
from incentives.services import ledger
from incentives.services.proposals import get_period, live_proposal

ZERO = Decimal("0.00")
# Of these a whole batch disposes; held places and what no pool can pay are decided one by one.
DECIDED_TOGETHER = (Award.State.RESERVED, Award.State.RANKED)


@dataclass(frozen=True)
class Decision:
    """What one decision did: rows approved, refused, left open, and the money posted (CNY)."""

    proposal: Proposal
    awards: int
    payments: int
    rejected: int
    held: int
    left_own: int
    pool_exceeded: int
    total: Decimal
    entries: list[LedgerEntry]


@transaction.atomic
def decide_incentives(
    key: str, *, actor: User, confirm: str, now: datetime | None = None
) -> Decision:
    """Approve every reserved award and every payment of a period's proposal and post them.

    `confirm` is the evidence hash show_period prints. Two deciders at once: the second finds it
    decided and is told by whom (Conflict). Rows of the decider's own stay for another decider.
    """
    now = now or timezone.now()
    require(permissions.may_decide(actor))
    take(Lock.PROPOSAL)
    proposal = _open_proposal(key, confirm)
    payments, awards = _decidable(proposal)
    rows: list[PerformancePay | Award] = [*payments, *awards]
    own = [row for row in rows if permissions.is_own(actor, row)]
    _refuse_when_done(proposal, actor=actor, left=len(payments) + len(awards) - len(own))
    barred = {(type(row), row.pk) for row in own}
    payments = [row for row in payments if (PerformancePay, row.pk) not in barred]
    awards = [row for row in awards if (Award, row.pk) not in barred]
    rejected = [row for row in awards if row.state == Award.State.RANKED]
    winners = [row for row in awards if row.state == Award.State.RESERVED]
    entries = _post(proposal, payments, winners, actor=actor, now=now)
    _settle_payments(payments, actor=actor, now=now)
    _settle_awards(winners, Award.State.POSTED, actor=actor, now=now)
    _settle_awards(rejected, Award.State.REJECTED, actor=actor, now=now)
    if proposal.status == Proposal.Status.PROPOSED:
        proposal.status = Proposal.Status.DECIDED
        proposal.decided_by, proposal.decided_at = actor, now
        proposal.confirmed_hash = confirm
        proposal.save(update_fields=["status", "decided_by", "decided_at", "confirmed_hash"])
    total = sum((entry.amount for entry in entries), ZERO)
    audit.record(
        actor,
        "incentives.decided",
        proposal,
        confirmed_hash=confirm,
        payments=len(payments),
        awards=len(winners),
        rejected=len(rejected),
        total=total,
    )
    _tell_winners(winners, proposal.policy_version)
    return Decision(
        proposal=proposal,
        awards=len(winners),
        payments=len(payments),
        rejected=len(rejected),
        held=proposal.awards.filter(state=Award.State.HELD).count(),
        left_own=len(own),
        pool_exceeded=proposal.awards.filter(
            state=Award.State.RANKED, reason_code="pool_exceeded"
        ).count(),
        total=total,
        entries=entries,
    )


def _open_proposal(key: str, confirm: str) -> Proposal:
    """The live proposal of a period, with its evidence unchanged and confirmed."""
    period = get_period(key)
    proposal = live_proposal(period)
    if proposal is None:
        raise InvalidTransition(_("Nothing is proposed for %(period)s yet.") % {"period": key})
    shown = assessments.evidence_hash(period)
    decided = proposal.status == Proposal.Status.DECIDED
    # Rows left for another decider are confirmed by what show_period prints today.
    if confirm != proposal.evidence_hash and not (decided and confirm == shown):
        raise InvalidInput(
            _(
                "The hash does not confirm the evidence of %(period)s: it has changed since you"
                " opened it. Open it again and confirm the hash it shows."
            )
            % {"period": key}
        )
    if not decided and (
        shown != proposal.evidence_hash or version_on(period.first_day) != proposal.policy_version
    ):
        raise InvalidTransition(
            _("The basis of the proposal for %(period)s has changed; propose it again.")
            % {"period": key}
        )
    return proposal


def _decidable(proposal: Proposal) -> tuple[list[PerformancePay], list[Award]]:
    payments = proposal.payments.filter(state=PerformancePay.State.PROPOSED)
    awards = proposal.awards.filter(state__in=DECIDED_TOGETHER).exclude(reason_code="pool_exceeded")
    return (
        list(payments.select_related("employee").order_by("employee__employee_no")),
        list(
            awards.select_related("employee__user").order_by(
                "award_code", "group_code", "rank", "employee__employee_no"
            )
        ),
    )


def _refuse_when_done(proposal: Proposal, *, actor: User, left: int) -> None:
    if proposal.status == Proposal.Status.DECIDED and not left:
        raise Conflict(
            _("%(period)s was decided by %(who)s on %(date)s; nothing was left for %(actor)s.")
            % {
                "period": proposal.period.key,
                "who": proposal.decided_by,
                "date": timezone.localtime(proposal.decided_at).strftime("%Y-%m-%d %H:%M"),
                "actor": actor,
            }
        )


def _post(
    proposal: Proposal,
    payments: Sequence[PerformancePay],
    awards: Sequence[Award],
    *,
    actor: User,
    now: datetime,
) -> list[LedgerEntry]:
    month = last_month(proposal.period)
    entries = [pay_entry(row, proposal, month) for row in payments if row.amount > 0]
    entries += [award_entry(row, proposal, month) for row in awards if row.amount > 0]
    return ledger.post(entries, actor=actor, now=now)


def pay_entry(row: PerformancePay, proposal: Proposal, month: date) -> ledger.NewEntry:
    """The ledger entry of a payment; `row.proposal` and `row.employee` are loaded."""
    row.proposal = proposal
    return ledger.NewEntry(
        employee_id=row.employee_id,
        month=month,
        pay_item_code=pay.PAY_ITEM,
        amount=row.amount,
        tax_class=pay.TAX_CLASS,
        source_type=ledger.Source.PERFORMANCE_PAY,
        source_no=row.no,
        source_hash=row.content_hash,
        reason_code=row.reason_code,
        policy_version_id=proposal.policy_version_id,
        scorecard_id=row.scorecard_id,
        performance_pay_id=row.pk,
        approval_no=proposal.no,
    )


def award_entry(row: Award, proposal: Proposal, month: date) -> ledger.NewEntry:
    """The ledger entry of an award; the prize is a thing and reaches no payroll line."""
    row.proposal = proposal
    return ledger.NewEntry(
        employee_id=row.employee_id,
        month=month,
        pay_item_code=row.pay_item_code,
        amount=row.amount,
        tax_class=row.tax_class,
        source_type=ledger.Source.AWARD,
        source_no=row.no,
        source_hash=row.content_hash,
        reason_code=row.reason_code,
        policy_version_id=proposal.policy_version_id,
        scorecard_id=row.scorecard_id,
        award_id=row.pk,
        approval_no=proposal.no,
    )


def _settle_payments(rows: Sequence[PerformancePay], *, actor: User, now: datetime) -> None:
    """Approved and, where there is something to pay, posted in the same act."""
    states = PerformancePay.State
    for posted, state in ((True, states.POSTED), (False, states.APPROVED)):
        keys = [row.pk for row in rows if (row.amount > 0) is posted]
        PerformancePay.objects.filter(pk__in=keys).update(
            state=state, decided_by=actor, decided_at=now
        )


def _settle_awards(
    rows: Sequence[Award], state: str, *, actor: User, now: datetime, reason: str = ""
) -> None:
    """Approved awards are posted in the same act; an award of nothing but a prize stays approved.

    The names are announced later, to whom consents.
    """
    for paid in (True, False):
        keys = [row.pk for row in rows if (row.amount > 0) is paid]
        final = Award.State.APPROVED if state == Award.State.POSTED and not paid else state
        Award.objects.filter(pk__in=keys).update(
            state=final, decided_by=actor, decided_at=now, decision_reason=reason
        )


def _tell_winners(rows: Sequence[Award], policy: PolicyVersion) -> None:
    specs = {award["code"]: award for award in policy.spec["awards"]}
    for row in rows:
        if row.employee.user is not None:
            spec = specs[row.award_code]
            names = {"award_zh": spec["name_zh"], "award_en": spec["name_en"]}
            notify([row.employee.user], "award.approved", row, award=row.award_code, **names)


@transaction.atomic
def decide_award(
    award_no: str, *, actor: User, approve: bool, reason: str, now: datetime | None = None
) -> Award:
    """Decide one award that a batch leaves open: a held place, or one its pool could not pay.

    The proposal itself must be decided. A held place waits until its question is answered. A
    released hold may draw on the appeal reserve; what did not fit the pool may not. Before the
    proposal is decided, a winner may be refused with a reason: the batch then leaves it out.
    """
    now = now or timezone.now()
    require(permissions.may_decide(actor))
    if not reason.strip():
        raise InvalidInput(_("A decision on one award needs a reason."))
    take(Lock.PROPOSAL)
    award = _award(award_no)
    require(permissions.may_decide_row(actor, award))
    _refuse_when_replaced(award)
    exceeded = award.state == Award.State.RANKED and award.reason_code == "pool_exceeded"
    left_open = award.proposal.status == Proposal.Status.DECIDED and (
        exceeded or award.state == Award.State.HELD
    )
    refused_before = (
        award.proposal.status == Proposal.Status.PROPOSED
        and not approve
        and (award.state in (Award.State.RESERVED, Award.State.HELD) or exceeded)
    )
    if not (left_open or refused_before):
        raise InvalidTransition(
            _("%(award)s is %(state)s and cannot be decided on its own.")
            % {"award": award.no, "state": award.get_state_display()}
        )
    if approve:
        _check_single(award, exceeded=exceeded)
        entry = award_entry(award, award.proposal, award.pool_month)
        if award.amount > 0:
            ledger.post([entry], actor=actor, now=now)
    state = Award.State.POSTED if approve else Award.State.REJECTED
    _settle_awards([award], state, actor=actor, now=now, reason=reason)
    audit.record(
        actor, "award.approved" if approve else "award.rejected", award, amount=award.amount
    )
    if approve:
        _tell_winners([award], award.proposal.policy_version)
    award.refresh_from_db()
    return award


def _award(award_no: str) -> Award:
    """The award of a number as `Award.no` prints it. Raises InvalidInput."""
    parts = award_no.split("/")
    found = None
    if len(parts) in (3, 4):
        key, _dash, number = parts[0].rpartition("-")
        rows = Award.objects.select_related(
            "proposal__period", "proposal__policy_version", "employee__user", "scorecard"
        )
        wanted = Q(proposal__period__key=key, award_code=parts[1], employee__employee_no=parts[2])
        version = parts[3] if len(parts) == 4 else "1"
        if number.isdecimal() and version.isdecimal():
            wanted &= Q(proposal__number=int(number), version=int(version))
            found = rows.filter(wanted).first()
    if found is None:
        raise InvalidInput(_("There is no award %(no)s.") % {"no": award_no})
    return found


def _refuse_when_replaced(award: Award) -> None:
    """Only the last version of an award is decided: two would pay it twice."""
    later = (
        Award.objects.filter(
            proposal=award.proposal_id,
            award_code=award.award_code,
            employee=award.employee_id,
            version__gt=award.version,
        )
        .select_related("proposal__period", "employee")
        .order_by("-version")
        .first()
    )
    if later is not None:
        raise InvalidTransition(
            _("%(later)s has taken the place of %(award)s; decide that one.")
            % {"later": later.no, "award": award.no}
        )


def _check_single(award: Award, *, exceeded: bool) -> None:
    open_questions = holds.of_period(award.proposal.period, [award.scorecard])
    if award.employee_id in open_questions:
        raise InvalidTransition(
            _("%(award)s waits for the end of an appeal.") % {"award": award.no}
        )
    pool = pool_on(award.proposal.policy_version, award.pool_code, award.pool_month)
    room = pool.room if exceeded else pool.room_with_reserve
    # A held place is already counted as taken.
    needed = award.amount + award.prize_value if exceeded else ZERO
    if needed > room or room < 0:
        raise InvalidTransition(
            _("%(pool)s has %(room)s left, %(award)s needs %(needed)s.")
            % {"pool": pool.code, "room": room, "award": award.no, "needed": needed}
        )
