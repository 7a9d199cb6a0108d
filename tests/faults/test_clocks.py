"""Clocks that jump: what is due is begun once and caught up; leases and links lose nothing."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from assessments.models import Period, ScoringRun
from assessments.services.due import start_due
from core import jobs
from core.errors import Conflict
from core.models import Job, JobChunk, User
from surveys.collection.queries.links import form_for, opened
from surveys.collection.services import Answer, submit
from surveys.models import Response
from tests.assessments.world import Company
from tests.core import worker_jobs
from tests.core.worker_jobs import KIND
from tests.surveys.collecting import NOW, Phone, executor, link
from tests.surveys.conftest import World

DAY = dt.timedelta(days=1)
MADE = ["by chunk 1", "by chunk 2", "by chunk 3", "by finish"]

pytestmark = pytest.mark.django_db(transaction=True)


def made() -> list[str]:
    found = User.objects.filter(username__startswith="by ").order_by("username")
    return list(found.values_list("username", flat=True))


def claimed_by_a_worker_that_died(ahead: dt.timedelta) -> Job:
    """Three chunks; a worker whose clock is ahead has taken the first and died with it."""
    assert worker_jobs.KIND in jobs._handlers
    job = jobs.create(KIND, chunks=[{"n": number} for number in (1, 2, 3)], actor=None)
    with time_machine.travel(timezone.now() + ahead, tick=False):
        Job.objects.filter(pk=job.pk).update(queued_at=timezone.now())
        assert jobs._claim(job) is not None
    return job


@pytest.mark.parametrize("ahead", [dt.timedelta(0), DAY, 365 * DAY])
def test_a_lease_of_a_clock_that_was_ahead_holds_nothing_up(ahead: dt.timedelta) -> None:
    job = claimed_by_a_worker_that_died(ahead)
    with time_machine.travel(timezone.now() + 2 * jobs.LEASE, tick=False):
        assert jobs.recover() == [job.pk]
        assert jobs.run(job.pk).status == "done"
    assert made() == MADE
    assert [chunk.claims for chunk in JobChunk.objects.order_by("number")] == [2, 1, 1]


def test_a_lease_that_stands_is_left_alone() -> None:
    job = claimed_by_a_worker_that_died(dt.timedelta(0))
    assert jobs.recover() == []
    assert jobs.run(job.pk).status == "running"
    assert made() == MADE[1:3]


def test_a_clock_behind_finishes_what_a_clock_ahead_began() -> None:
    job = jobs.create(KIND, chunks=[{"n": number} for number in (1, 2, 3)], actor=None)
    with time_machine.travel(timezone.now() - DAY, tick=False):
        assert jobs.run(job.pk).status == "done"
    with time_machine.travel(timezone.now() + DAY, tick=False):
        assert jobs.recover() == []
        assert jobs.run(job.pk).status == "done"
    assert made() == MADE


def test_periods_missed_by_a_jump_are_begun_once_and_a_jump_back_begins_nothing() -> None:
    company = Company()
    company.scheme(effective_from="2026-12-01")
    company.crowd(6)
    today = timezone.now()
    later = dt.datetime(2027, 3, 10, tzinfo=dt.UTC)
    assert start_due(today) == []
    begun = [each.run.period.key for each in start_due(later)]
    assert begun == ["2026-12", "2027-01", "2027-02"]
    again = [(each.run.period.key, each.job.is_live) for each in start_due(later) if each.job]
    assert again == [(key, True) for key in begun]
    assert start_due(today) == []
    assert start_due(later - 400 * DAY) == []
    assert sorted(Period.objects.values_list("key", flat=True)) == begun
    assert ScoringRun.objects.count() == Job.objects.count() == 3


def test_a_link_is_used_once_whatever_the_clock_says() -> None:
    world = World()
    with time_machine.travel(NOW, tick=False):
        token = link(world, executor())[1]
    long_after = NOW + 365 * DAY
    with time_machine.travel(long_after, tick=False):
        assert Phone(token).open().status_code in (404, 410)
    with time_machine.travel(NOW + DAY, tick=False):
        Phone(token).answer_all()
    assert Response.objects.count() == 1
    for jump in (-DAY, dt.timedelta(0), 2 * DAY):
        with time_machine.travel(NOW + jump, tick=False):
            found = opened(token, NOW)
            sent = Answer("", {"clear": "4", "pushed": "1", "fixed": "na"}, NOW, "", "", "en")
            with pytest.raises(Conflict):
                submit(found, form_for(found), sent, now=NOW + jump)
    assert Response.objects.count() == 1
