"""The schedule scores what has ended, catches up what was missed, and locks nothing unasked."""

import datetime

import pytest

from assessments import services
from assessments.models import Period, PeriodAction, ScoringRun
from assessments.queries import evidence_hash
from assessments.tasks import start_due_periods
from core import jobs
from core.models import CalendarDay, Job
from core.workdays import SHANGHAI
from tests.assessments.world import scheme


def at(*parts):
    return datetime.datetime(*parts, tzinfo=SHANGHAI)


@pytest.fixture
def approved(company):
    """A scheme for position LECT, approved on the 20th of October 2025."""
    company.scheme()
    services.import_scheme(
        scheme(code="N-2025", position_codes=["N"]), actor=company.admin, now=at(2025, 10, 20)
    )
    company.hire("E1")
    company.answer("E1", *([4] * 5))
    return company


def keys(now):
    return [span.key for span in services.due_periods(now)]


def test_nothing_is_due_before_the_grace_of_72_hours_is_over(approved):
    assert keys(at(2025, 11, 3, 23, 59)) == []
    assert keys(at(2025, 11, 4)) == ["2025-10"]


def test_months_quarters_and_years_missed_are_caught_up_in_order(approved):
    assert keys(at(2026, 1, 4)) == ["2025-10", "2025-11", "2025", "2025-Q4", "2025-12"]


def test_data_of_years_before_the_scheme_was_approved_are_left_to_people(approved):
    assert "2025-09" not in keys(at(2026, 1, 4))
    approved.score("2025-09")
    assert "2025-08" not in keys(at(2026, 1, 4))


def test_a_period_that_somebody_opened_is_due_when_it_ends(company):
    company.score("2025-11", now=at(2025, 11, 20))
    assert keys(at(2025, 12, 4)) == ["2025-11"]


def test_schedule_scores_as_the_system_and_twice_is_once(approved):
    started = services.start_due(at(2025, 12, 4))
    again = services.start_due(at(2025, 12, 4))
    assert [s.run.pk for s in started] == [s.run.pk for s in again]
    for each in started:
        jobs.run_now(each.job)
    assert services.start_due(at(2025, 12, 4)) == []
    assert ScoringRun.objects.count() == Job.objects.count() == 2
    period = approved.period()
    assert (period.status, period.scored_by.username) == ("scored", "system")
    assert approved.card("E1").composite == 87.5
    assert PeriodAction.objects.filter(verb="score").count() == 2


def test_what_the_schedule_scored_is_reviewed_by_people(approved):
    (first, *_rest) = services.start_due(at(2025, 12, 4))
    jobs.run_now(first.job)
    shown = evidence_hash(approved.period("2025-10"))
    period = services.review_period("2025-10", actor=approved.scorer, confirm=shown)
    assert period.status == "in_review"


def test_task_enqueues_what_is_due(approved, monkeypatch):
    rung = []
    monkeypatch.setattr("assessments.tasks.timezone.now", lambda: at(2025, 11, 4))
    monkeypatch.setattr(jobs, "enqueue", lambda job, copies=1: rung.append(job.params["run"]))
    start_due_periods()
    assert rung == [Period.objects.get(key="2025-10").runs.get().pk]


def test_a_period_that_cannot_be_scored_does_not_hold_up_the_others(approved):
    CalendarDay.objects.filter(day__gte="2025-12-01").delete()
    with_calendar = [s.run.period.key for s in services.start_due(at(2026, 1, 4))]
    assert with_calendar == ["2025-10", "2025-11"]
