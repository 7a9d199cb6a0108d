"""Months assessed, decided and paid, each step by the person and about the day it would be."""

from __future__ import annotations

from decimal import Decimal

from assessments import services as assessments
from assessments.models import Period
from assessments.queries.evidence import evidence_hash
from core.models import User
from dashboards.services.demo import moments as steps
from dashboards.services.demo.moments import Moments
from dashboards.services.demo.parameters import Month
from incentives.models import Award, PayrollBatch, PerformancePay, Proposal
from incentives.services import payroll
from incentives.services.decisions import decide_incentives
from incentives.services.proposals import propose_incentives

REVIEWER, APPROVER, RELEASER = "E0003", "E0002", "E0001"
DECIDERS = ("E0001", "E0002")  # the second decides what is the first one's own
BATCH_APPROVER, PAYROLL = "E0002", "E0114"
_S, _B = Period.Status, PayrollBatch.State


def account(employee_no: str) -> User:
    """The account named after an employee number."""
    return User.objects.get(username=employee_no)


def state(month: Month) -> str | None:
    return Period.objects.filter(key=month.key).values_list("status", flat=True).first()


def score(month: Month, moments: Moments, *, operator: User) -> None:
    """Lock and score a month that is over, where nobody has yet."""
    if state(month) in (None, _S.COLLECTING, _S.DATA_LOCKED):
        now = moments.in_month(month, steps.SCORED, last=False, hour=9)
        assessments.score_period(month.key, actor=operator, now=now)


def release(month: Month, moments: Moments, *, last: bool = False) -> None:
    """From scored to released, by three different people who confirm the facts."""
    for status, step, name, moment in (
        (_S.SCORED, assessments.review_period, REVIEWER, steps.REVIEWED),
        (_S.IN_REVIEW, assessments.approve_period, APPROVER, steps.APPROVED),
        (_S.APPROVED, assessments.release_period, RELEASER, steps.RELEASED),
    ):
        if state(month) == status:
            confirm = evidence_hash(Period.objects.get(key=month.key))
            now = moments.in_month(month, moment, last=last, hour=11)
            step(month.key, actor=account(name), confirm=confirm, now=now)


def close(month: Month, moments: Moments) -> None:
    if state(month) == _S.RELEASED:
        confirm = evidence_hash(Period.objects.get(key=month.key))
        now = moments.in_month(month, steps.CLOSED, last=False, hour=16)
        assessments.close_period(month.key, actor=account(RELEASER), confirm=confirm, now=now)


def decide(month: Month, moments: Moments, *, operator: User, last: bool = False) -> None:
    """Propose and decide awards and pay; nobody decides an own row, so two people decide."""
    if Proposal.objects.filter(period__key=month.key, status=Proposal.Status.DECIDED).exists():
        return
    now = moments.in_month(month, steps.DECIDED, last=last, hour=9)
    propose_incentives(month.key, actor=operator, now=now)
    for name in DECIDERS:
        proposal = Proposal.objects.get(
            period__key=month.key, status__in=(Proposal.Status.PROPOSED, Proposal.Status.DECIDED)
        )
        waiting = (
            proposal.payments.filter(state=PerformancePay.State.PROPOSED).exists()
            or proposal.awards.filter(state=Award.State.RESERVED).exists()
        )
        if waiting:
            decide_incentives(
                month.key,
                actor=account(name),
                confirm=proposal.evidence_hash,
                now=moments.in_month(month, steps.DECIDED, last=last, hour=14),
            )


def validate(month: Month, moments: Moments, *, last: bool = False) -> None:
    """Build and check the payroll batch of a month, ready for its approver."""
    clerk = account(PAYROLL)
    batch = PayrollBatch.objects.filter(month=month.first).exclude(state=_B.REJECTED).first()
    if batch is None:
        now = moments.in_month(month, steps.BUILT, last=last, hour=10)
        batch = payroll.build(month.first, actor=clerk, now=now)
    if batch.state == _B.BUILDING:
        now = moments.in_month(month, steps.BUILT, last=last, hour=11)
        payroll.validate(batch, actor=clerk, now=now)


def pay(month: Month, moments: Moments, *, finished: bool) -> None:
    """Approve, export and have the batch taken over by payroll; an older one is closed."""
    clerk = account(PAYROLL)

    def batch() -> PayrollBatch:
        return PayrollBatch.objects.exclude(state=_B.REJECTED).get(month=month.first)

    paid = moments.in_month(month, steps.PAID, last=False, hour=15)
    if batch().state == _B.VALIDATED:
        now = moments.in_month(month, steps.BUILT, last=False, hour=17)
        payroll.approve(batch(), actor=account(BATCH_APPROVER), now=now)
    if batch().state == _B.APPROVED:
        payroll.generate(batch(), actor=clerk, now=moments.in_month(month, steps.PAID, last=False))
    if batch().state == _B.GENERATED:
        payroll.deliver(batch(), actor=clerk, now=moments.in_month(month, steps.PAID, last=False))
    if batch().state == _B.DELIVERED:
        totals = batch().totals
        payroll.acknowledge(
            batch(), lines=totals["lines"], total=Decimal(totals["net"]), actor=clerk, now=paid
        )
    if finished and batch().state == _B.ACKNOWLEDGED:
        now = moments.in_month(month, steps.CLOSED, last=False, hour=17)
        payroll.close(batch(), actor=clerk, now=now)
