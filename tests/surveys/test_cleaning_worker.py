"""Cleaning in a real worker that is killed in the middle: run again, the same result."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core import jobs
from core.locks import Lock, take
from core.models import Job, JobChunk
from core.tasks import run_job
from surveys.cleaning import services
from surveys.models import Verdict
from tests.conftest_worker import eventually
from tests.surveys.cleaning_world import (
    NOW,
    answers,
    make_survey,
    rating,
    staff,
    sums_agree,
    take_in,
)

pytestmark = pytest.mark.worker


def waits_for_the_month():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


def verdicts():
    rows = Verdict.objects.select_related("response").order_by("response__response_no", "seq")
    return [(v.response.response_no, v.seq, v.verdict, v.checks, v.evidence) for v in rows]


def test_kill_9_in_the_middle_of_cleaning_judges_nothing_twice_and_loses_nothing(worker):
    staff(1)
    survey = make_survey(
        [rating(f"q{i}", reverse=i == 3) for i in range(1, 9)], opens_on=date(2025, 10, 1)
    )
    days = ["2025-10-10", "2025-11-10"]
    take_in(
        survey,
        [
            {
                "response_no": f"R{day[5:7]}-{i}",
                "employee_no": "E1",
                "started_at": f"{day}T10:00:00",
                "submitted_at": f"{day}T10:00:{4 + 5 * i:02}",
            }
            | answers([4] * 8)
            for day in days
            for i in range(3)
        ],
    )
    survey.refresh_from_db()
    job = services.start_cleaning(survey, actor=None, now=NOW)
    worker.start()
    with transaction.atomic():
        take(Lock.RESPONSES, f"{survey.pk}:2025-11")  # the second month waits
        run_job.delay(job.pk)
        eventually(waits_for_the_month)
        worker.kill()
    assert {number[:3] for number, seq, *_ in verdicts() if seq == 2} == {"R10"}
    past = timezone.now() - timedelta(minutes=5)
    Job.objects.update(lease_until=past, queued_at=past)
    JobChunk.objects.filter(status="running").update(lease_until=past)
    worker.start()
    assert jobs.recover() == [job.pk]
    eventually(lambda: Job.objects.get(pk=job.pk).status == "done")
    found = verdicts()
    assert [row[:4] for row in found if row[1] == 2] == [
        (f"R{month}-{i}", 2, verdict, checks)
        for month in ("10", "11")
        for i, (verdict, checks) in enumerate(
            [
                ("excluded", ["too_fast", "straight_line", "irv"]),
                ("review", ["too_fast", "straight_line", "irv"]),
                ("review", ["too_fast", "straight_line", "irv"]),
            ]
        )
    ]
    assert sums_agree()
    again = services.clean_survey(survey, actor=None, now=NOW)
    assert (again["responses"], again["changed"]) == (6, 0)
    assert verdicts() == found
