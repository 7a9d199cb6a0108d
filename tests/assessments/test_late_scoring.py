"""A scoring that ends late: after the period moved on, or after its data were locked anew."""

import datetime as dt

import pytest

from assessments import services
from assessments.models import Period
from assessments.queries import evidence_hash
from core import jobs
from core.errors import Conflict
from organization.models import Attendance, Employee
from surveys.models import Response
from surveys.services import record_verdict
from tests.assessments.world import LATER, Company
from tests.incentives.released import attendance

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    """Scored once; another figure has come in since."""
    company = Company()
    company.scheme()
    company.hire("E1")
    company.answer("E1", *([4] * 5), 1)
    company.score()
    attendance(Employee.objects.get(employee_no="E1"), dt.date(2025, 11, 1), "15")
    return company


def test_nobody_reviews_what_is_being_scored(company: Company) -> None:
    started = services.begin_scoring("2025-11", actor=company.scorer, now=LATER)
    with pytest.raises(Conflict, match="2025-11 is being scored"):
        services.review_period(
            "2025-11", actor=company.reviewer, confirm=evidence_hash(company.period()), now=LATER
        )
    assert (company.period().status, company.card("E1").state) == ("scored", "computed")
    assert started.job is not None
    jobs.run_now(started.job)
    services.review_period(
        "2025-11", actor=company.reviewer, confirm=evidence_hash(company.period()), now=LATER
    )
    assert company.period().status == "in_review"


@pytest.mark.parametrize("status", ["in_review", "approved", "released", "closed"])
def test_a_scoring_that_ends_later_changes_nothing(company: Company, status: str) -> None:
    started = services.begin_scoring("2025-11", actor=company.scorer, now=LATER)
    before = company.card("E1")
    Period.objects.filter(key="2025-11").update(status=status)
    assert started.job is not None
    job = jobs.run(started.job.pk)
    assert (job.status, job.error) == (
        "failed",
        "2025-11 has moved on while it was scored; this scoring changes nothing.",
    )
    period = company.period()
    assert (period.status, period.current_run) == (status, before.run)
    assert company.card("E1") == before


def test_a_scoring_of_an_earlier_cutoff_is_not_taken_for_a_new_one(company: Company) -> None:
    old = services.begin_scoring("2025-11", actor=company.scorer, now=LATER)
    services.send_back_period("2025-11", actor=company.reviewer, reason="R6 is not hers")
    bad = Response.objects.get(score_micro=0)
    record_verdict(bad, "excluded", reason="not hers", actor=company.admin)
    again = services.begin_scoring("2025-11", actor=company.scorer, now=LATER)
    assert again.run.pk != old.run.pk
    assert old.job is not None
    assert again.job is not None
    assert (jobs.run(old.job.pk).status, old.job.pk == again.job.pk) == ("failed", False)
    jobs.run_now(again.job)
    period = company.period()
    assert period.current_run.cutoff_at == period.cutoff_at
    assert company.card("E1").satisfaction_n == 5


def test_a_failed_scoring_that_was_discarded_says_so_when_it_is_run_again(company: Company) -> None:
    old = services.begin_scoring("2025-11", actor=company.scorer, now=LATER)
    assert old.job is not None
    jobs.give_up(old.job, "disk full")
    current = company.score()  # discards what failed
    assert current.pk != old.run.pk
    before = evidence_hash(company.period())
    again = jobs.retry(old.job, actor=company.admin)
    Attendance.objects.update(present_days=18)
    with pytest.raises(Conflict, match="2025-11 is being scored; try again in a moment"):
        services.begin_scoring("2025-11", actor=company.scorer, now=LATER)
    again = jobs.run(again.pk)
    assert (again.status, again.error) == (
        "failed",
        "Step 1 of 1: A later scoring has taken the place of this one.",
    )
    assert again.chunks.get().failures == 1  # a refusal is an answer: not tried again
    period = company.period()
    assert (period.current_run, evidence_hash(period)) == (current, before)
    assert company.score().number == current.number + 1
