"""What has been kept long enough is erased by the clock: once, in steps, with one audit entry."""

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env
from core import jobs
from core.models import AuditEntry, Job, JobChunk
from customers.models import Customer, CustomerContact, ServiceEvent
from surveys.cleaning import services as cleaning
from surveys.models import (
    AnswerDraft,
    Invitation,
    InvitationLink,
    KeptFinding,
    ResponsePersonal,
    Survey,
)
from surveys.privacy import services as privacy
from surveys.privacy.services import retaining
from surveys.tasks import retain
from tests.surveys.cleaning_world import NOW, event, make_survey, staff, sums_agree, take_in
from tests.surveys.erasing import EIGHT, WORDS, clean, figures, judged, row

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=800)  # answers of November 2025 are past two years, contacts are not
NOTHING = {"answers": 0, "contacts": 0, "drafts": 0, "links": 0, "steps": 0, "postponed": 0}


@pytest.fixture(autouse=True)
def _jobs_stay(settings):
    """Steps of jobs end by the clock on the wall; the test about them says so."""
    settings.RETENTION_JOB_DAYS = 0


@pytest.fixture
def people():
    return staff(2)


@pytest.fixture
def survey(people):
    return make_survey(EIGHT)


def run(now):
    """The day's job to its end; None where nothing is due."""
    job = privacy.start(now)
    return None if job is None else jobs.run_now(job).result


def three(people, survey):
    """Three customers answer alike from one tablet."""
    for i in (1, 2, 3):
        event(f"EV{i}", people[:1], customer=f"C{i}", phone=f"1380000000{i}")
    take_in(
        survey,
        [row(f"R{i}", event_no=f"EV{i}", device="tablet", q_comment=WORDS) for i in (1, 2, 3)],
    )
    clean(survey)


def test_old_answers_lose_what_is_personal_and_no_verdict_changes(survey, people):
    three(people, survey)
    before, kept = figures(), judged()
    assert run(NOW + timedelta(days=700)) is None
    assert ResponsePersonal.objects.filter(erased_at=None).count() == 3
    result = run(LATER)
    assert result == NOTHING | {"answers": 3}
    assert ResponsePersonal.objects.exclude(erased_at=None).filter(
        device="", network="", phone="", email="", texts={}
    ).count() == 3  # fmt: skip
    assert figures() == before
    clean(survey)
    assert judged() == kept
    assert sums_agree()
    entry = AuditEntry.objects.get(verb="retention.done")
    assert (entry.actor, entry.data) == (None, result)


def test_a_second_run_finds_nothing_and_records_nothing(survey, people):
    three(people, survey)
    run(LATER)
    assert privacy.start(LATER + timedelta(hours=6)) is None  # the same day
    assert run(LATER + timedelta(days=1)) is None
    assert AuditEntry.objects.filter(verb="retention.done").count() == 1
    assert KeptFinding.objects.count() == 6


def test_steps_are_bounded_and_each_erases_its_own_part(survey, people, monkeypatch):
    monkeypatch.setattr(retaining, "SIZE", 1)
    three(people, survey)
    kept = judged()
    steps = [step for step in privacy.due(LATER) if step["kind"] == "answers"]
    assert [(step["part"], step["of"]) for step in steps] == [(0, 3), (1, 3), (2, 3)]
    assert run(LATER)["answers"] == 3
    clean(survey)
    assert judged() == kept  # whatever the order of the parts


def test_a_day_that_was_missed_is_caught_up(survey, people):
    three(people, survey)
    assert run(LATER + timedelta(days=40))["answers"] == 3


def test_a_contact_goes_three_years_after_the_last_service(survey, people):
    three(people, survey)
    CustomerContact.objects.update(updated_at=NOW)
    ServiceEvent.objects.filter(event_no="EV2").update(occurred_at=NOW + timedelta(days=900))
    kept = judged()
    result = run(NOW + timedelta(days=1096))
    assert result["contacts"] == 2
    assert CustomerContact.objects.get().customer.customer_no == "C2"
    assert set(Customer.objects.values_list("erased_at", flat=True)) == {None}
    clean(survey)
    assert judged() == kept


def test_links_and_drafts_go_after_their_days(survey, people):
    one = event("EV1", people[:1], customer="C1")
    invitation = Invitation.objects.create(
        survey=survey, kind="event", channel="qr", event=one, customer=one.customer,
        expires_at=NOW, created_at=NOW - timedelta(days=14),
    )  # fmt: skip
    InvitationLink.objects.create(invitation=invitation, digest="0" * 64, created_at=NOW)
    AnswerDraft.objects.create(
        invitation=invitation, answers={"comment": WORDS}, started_at=NOW, updated_at=NOW
    )
    assert run(NOW + timedelta(days=13)) is None
    assert run(NOW + timedelta(days=15)) == NOTHING | {"drafts": 1}
    assert InvitationLink.objects.count() == 1
    assert run(NOW + timedelta(days=91)) == NOTHING | {"links": 1}
    assert InvitationLink.objects.count() == 0
    assert Invitation.objects.get().expires_at == NOW  # that somebody was asked stays


def test_steps_of_done_jobs_go_and_those_of_failed_ones_stay(survey, people, settings):
    settings.RETENTION_JOB_DAYS = 90
    event("EV1", people[:1], customer="C1")
    take_in(survey, [row("R1", event_no="EV1")])
    clean(survey)
    failed = jobs.create(cleaning.KIND, chunks=[{"a": 1}], actor=None)
    old = NOW - timedelta(days=100)
    Job.objects.update(finished_at=old)
    Job.objects.filter(pk=failed.pk).update(status="failed")
    assert run(NOW) == NOTHING | {"steps": 1}
    assert set(JobChunk.objects.values_list("job__kind", "status")) == {
        (cleaning.KIND, "pending"),
        (privacy.KIND, "done"),
    }
    assert Job.objects.get(status="done", finished_at=old).result["responses"] == 1


def test_zero_days_keep_without_end(survey, people, settings):
    settings.RETENTION_ANSWER_DAYS = settings.RETENTION_CONTACT_DAYS = 0
    three(people, survey)
    assert run(NOW + timedelta(days=9000)) is None


def test_a_survey_that_is_being_cleaned_waits_for_the_next_day(survey, people):
    three(people, survey)
    busy = cleaning.start_cleaning(Survey.objects.get(pk=survey.pk), actor=None, now=NOW)
    assert run(LATER)["answers"] == 0
    assert ResponsePersonal.objects.filter(erased_at=None).count() == 3
    jobs.run_now(busy)
    assert run(LATER + timedelta(days=1))["answers"] == 3


def test_the_task_starts_the_job_of_the_day_once(survey, people, monkeypatch):
    three(people, survey)
    monkeypatch.setattr("surveys.tasks.timezone.now", lambda: LATER)
    retain()
    retain()
    job = Job.objects.get(kind=privacy.KIND)
    assert job.key == "surveys.retention:2028-02-09"
    assert jobs.run_now(job).result["answers"] == 3


def test_days_below_the_floor_are_refused(monkeypatch):
    monkeypatch.setenv("SOME_DAYS", "30")
    assert env.days("SOME_DAYS", 730, least=30) == 30
    with pytest.raises(ImproperlyConfigured, match="must be 0 or at least 180 days, not 30"):
        env.days("SOME_DAYS", 730, least=180)
    monkeypatch.setenv("SOME_DAYS", "0")
    assert env.days("SOME_DAYS", 730, least=180) == 0
    with pytest.raises(ImproperlyConfigured, match="must be at least 1 days, not 0"):
        env.days("SOME_DAYS", 14, least=1, endless=False)
    monkeypatch.setenv("SOME_DAYS", "-5")
    with pytest.raises(ImproperlyConfigured, match="must be 0 or at least 180 days, not -5"):
        env.days("SOME_DAYS", 730, least=180)
