"""The daily erasure in a real worker that is killed in the middle: nothing lost, counted once."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core import jobs
from core.locks import Lock, take
from core.models import AuditEntry, Job, JobChunk
from core.tasks import run_job
from surveys.models import ResponsePersonal
from surveys.privacy import services as privacy
from surveys.privacy.services import retaining
from tests.conftest_worker import eventually
from tests.surveys.cleaning_world import NOW, event, make_survey, staff, take_in
from tests.surveys.erasing import EIGHT, clean, judged, row

pytestmark = pytest.mark.worker


def waits_for_the_month():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


def test_kill_9_in_the_middle_erases_everything_once(worker, settings, monkeypatch):
    monkeypatch.setattr(retaining, "SIZE", 1)
    settings.RETENTION_JOB_DAYS = 0  # the job of the cleaning is a step of its own otherwise
    people = staff(1)
    survey = make_survey(EIGHT)
    for i in (1, 2, 3):
        event(f"EV{i}", people[:1], customer=f"C{i}")
    take_in(survey, [row(f"R{i}", event_no=f"EV{i}", device="tablet") for i in (1, 2, 3)])
    clean(survey)
    kept = judged()
    job = privacy.start(NOW + timedelta(days=800))
    assert job.total == 3
    worker.start()
    with transaction.atomic():
        take(Lock.RESPONSES, f"{survey.pk}:2025-11")
        run_job.delay(job.pk)
        eventually(waits_for_the_month)
        worker.kill()
    assert ResponsePersonal.objects.filter(erased_at=None).count() == 3
    JobChunk.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    Job.objects.filter(pk=job.pk).update(lease_until=None)
    done = jobs.run_now(Job.objects.get(pk=job.pk))
    assert done.result["answers"] == 3
    assert ResponsePersonal.objects.filter(erased_at=None).count() == 0
    assert AuditEntry.objects.filter(verb="retention.done").count() == 1
    clean(survey)
    assert judged() == kept
