"""Propose what a released period pays. A proposal moves no money; a named human decides it."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import queries as assessments
from assessments.models import Period
from core import audit
from core.errors import InvalidInput, InvalidTransition
from core.locks import Lock, take
from core.models import User
from core.permissions import require
from incentives import permissions
from incentives.models import Award, PerformancePay, PolicyVersion, Proposal
from incentives.queries import policies
from incentives.queries.plan import AwardPlan, Plan, last_month, make_plan
from incentives.rules import pay
from incentives.services.ledger import facts_hash

BATCH = 2000
RELEASED = (Period.Status.RELEASED, Period.Status.CLOSED)
Status = Proposal.Status


def get_period(key: str) -> Period:
    """The period of a key. Raises InvalidInput when it was never scored."""
    period = Period.objects.filter(key=key).first()
    if period is None:
        raise InvalidInput(_("There is no period %(key)s.") % {"key": key})
    return period


def policy_of(period: Period) -> PolicyVersion:
    """The policy version a period is decided by. Raises InvalidInput where none is active."""
    version = policies.version_on(period.first_day)
    if version is None:
        raise InvalidInput(
            _("No policy was active on %(date)s, the first day of %(period)s.")
            % {"date": period.first_day, "period": period.key}
        )
    return version


def live_proposal(period: Period) -> Proposal | None:
    """The proposal of a period that is open or decided."""
    return (
        Proposal.objects.filter(period=period)
        .exclude(status=Status.SUPERSEDED)
        .select_related("period", "policy_version__policy", "decided_by")
        .first()
    )


@transaction.atomic
def propose_incentives(
    key: str, *, actor: User, now: datetime | None = None
) -> tuple[Proposal, bool]:
    """Work out awards and, for a month, performance pay. Returns (proposal, whether it is new).

    Equal inputs give the proposal that is there. Other inputs supersede an open one; a decided
    one is final, and a correction of it goes through an appeal. One transaction: killed half-way,
    nothing of it remains.
    """
    now = now or timezone.now()
    require(permissions.may_propose(actor))
    # One lock for all periods: proposals of several periods may draw on one pool.
    take(Lock.PROPOSAL)
    period = get_period(key)
    if period.status not in RELEASED:
        raise InvalidTransition(
            _("%(period)s is %(status)s; its scorecards must be released first.")
            % {"period": key, "status": period.get_status_display()}
        )
    live = live_proposal(period)
    decided = live is not None and live.status == Status.DECIDED
    version = live.policy_version if live is not None and decided else policy_of(period)
    plan = make_plan(version, period)
    same = live is not None and live.inputs_hash == plan.inputs_hash
    # What other periods take of a pool may change an open proposal; a decided one stands.
    if live is not None and same and (decided or live.summary == plan.summary):
        return live, False
    if live is not None and decided:
        raise InvalidTransition(
            _("%(period)s was decided by %(who)s; a correction goes through an appeal.")
            % {"period": key, "who": live.decided_by}
        )
    proposal = _store(plan, live, actor=actor, now=now)
    audit.record(
        actor,
        "incentives.proposed",
        proposal,
        inputs_hash=proposal.inputs_hash,
        supersedes=live.pk if live else None,
    )
    return proposal, True


def _store(plan: Plan, live: Proposal | None, *, actor: User, now: datetime) -> Proposal:
    if live is not None:
        live.status = Status.SUPERSEDED
        live.save(update_fields=["status"])
    numbers = Proposal.objects.filter(period=plan.period).order_by("-number")
    last = numbers.values_list("number", flat=True).first() or 0
    proposal = Proposal.objects.create(
        period=plan.period,
        number=last + 1,
        policy_version=plan.version,
        inputs_hash=plan.inputs_hash,
        evidence_hash=assessments.evidence_hash(plan.period),
        summary=plan.summary,
        proposed_by=actor,
        proposed_at=now,
    )
    month = last_month(plan.period)
    awards = [row for award in plan.awards for row in _award_rows(award, proposal, month)]
    Award.objects.bulk_create(awards, batch_size=BATCH)
    PerformancePay.objects.bulk_create(_pay_rows(plan, proposal), batch_size=BATCH)
    return proposal


def _award_rows(plan: AwardPlan, proposal: Proposal, month: date) -> Iterator[Award]:
    for one in plan.outcomes:
        row = Award(
            proposal=proposal,
            award_code=plan.code,
            employee_id=one.person.employee_id,
            scorecard_id=one.person.scorecard_id,
            scorecard_hash=one.person.scorecard_hash,
            group_code=one.group,
            n=one.person.n,
            fair_low=one.person.fair_low,
            rank=one.rank,
            places=one.places,
            amount=one.amount,
            prize_value=one.prize,
            pool_code=plan.pool.code,
            pool_month=month,
            pay_item_code=plan.spec["pay_item_code"],
            tax_class=plan.spec["tax_class"],
            reason_code=one.reason,
            reason_data=one.data,
            state=one.state,
        )
        row.content_hash = facts_hash(row)
        yield row


def _pay_rows(plan: Plan, proposal: Proposal) -> Iterator[PerformancePay]:
    mode = plan.version.spec["performance_pay"]["mode"]
    for one in plan.payments:
        card = plan.facts.scorecards[one.employee_id]
        month = plan.facts.pay[one.employee_id]
        row = PerformancePay(
            proposal=proposal,
            employee_id=one.employee_id,
            scorecard=card,
            scorecard_hash=card.content_hash,
            mode=mode,
            performance_pay=one.base,
            coefficient=one.coefficient,
            present_days=month.present_days,
            working_days=month.working_days,
            amount=one.amount,
            detail=month.as_data(),
            reason_code=one.reason,
            reason_data=one.data,
            state=PerformancePay.State.PROPOSED,
        )
        row.content_hash = facts_hash(row)
        yield row


def segments_of(row: PerformancePay) -> list[pay.Segment]:
    """The pay profiles a stored payment was weighted from."""
    rows = [
        pay.Segment(Decimal(one["performance_pay"]), int(one["days"]))
        for one in row.detail["profiles"]
    ]
    missing = int(row.detail["days_without_profile"])
    return rows + ([pay.Segment(Decimal("0.00"), missing)] if missing else [])
