"""Two hosts share one database and one broker: what both do together is what one does alone.

The second host (see hosts.py) has a worker that reaches database and broker only over the network,
through a road that counts what passes; it has a folder of files of its own. Which kind of host ran
is said at the end of the tests.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from assessments import services as assessments
from assessments.models import Scorecard
from assessments.services import scoring
from core import jobs
from core.models import Job
from surveys.cleaning import services as cleaning
from surveys.models import RatingRollup, Survey, Verdict
from surveys.services.verifying import verify_rollups
from tests.assessments.world import LATER
from tests.assessments.world import Company as Assessed
from tests.conftest_worker import WORKER, RealProcess, addresses, eventually
from tests.faults.copies import Copies
from tests.faults.hosts import Host, Road, second_host
from tests.surveys.conftest import World, answer


@pytest.fixture
def host(record_property: Callable[[str, object], None]) -> Iterator[Host]:
    with second_host() as found:
        record_property("second_host", found.kind)
        yield found


@pytest.fixture
def roads(copies: Copies) -> Iterator[list[Road]]:
    found: list[Road] = []
    yield found
    for road in found:
        road.close()


def _together(
    worker: RealProcess, host: Host, roads: list[Road], folder: Path,
    begin: Callable[[], Job], word: bytes,
) -> int:  # fmt: skip
    """Let both hosts do the job; how often the second one wrote."""
    here = addresses()
    database = Road(here["DATABASE_URL"], host.address, word)
    broker = Road(here["REDIS_URL"], host.address)
    roads += [database, broker]
    there = {
        "DATABASE_URL": database.url, "REDIS_URL": broker.url, "MEDIA_ROOT": str(folder / "media2"),
    }  # fmt: skip
    second = RealProcess(WORKER, " ready.", folder / "second.log", there, host.enter)
    try:
        worker.start("--hostname", "first@%h")
        second.start("--hostname", "second@%h")
        job = begin()
        jobs.enqueue(job, copies=2)
        eventually(lambda: not Job.objects.get(pk=job.pk).is_live)
        done = Job.objects.get(pk=job.pk)
        assert (done.status, done.error) == ("done", "")
        return database.passed
    finally:
        worker.stop()
        second.stop()


def _scores() -> list[Any]:
    cards = Scorecard.objects.order_by("employee__employee_no").values_list(
        "employee__employee_no", "version", "corrected", "content_hash", "run__evidence_hash"
    )
    return list(cards)


@pytest.mark.worker
def test_two_hosts_score_what_one_scores(
    copies: Copies, worker: RealProcess, host: Host, roads: list[Road], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(scoring, "SMALLEST", 1)
    monkeypatch.setattr(scoring, "CHUNKS", 40)
    company = Assessed()
    company.scheme()
    company.crowd(40)
    copies.fresh()
    company.score()
    alone = _scores()
    assert len(alone) == 40
    copies.fresh()

    def begin() -> Job:
        job = assessments.begin_scoring("2025-11", actor=company.scorer, now=LATER).job
        assert job is not None
        assert job.total == 40
        return job

    written = _together(worker, host, roads, tmp_path, begin, b"COPY assessments_scorecard ")
    assert _scores() == alone
    assert 0 < written < 40
    assert assessments.verify_scorecards() is None


def _verdicts() -> tuple[list[Any], list[Any]]:
    verdicts = Verdict.objects.order_by("response_id", "seq").values_list(
        "response__response_no", "seq", "verdict", "checks", "evidence"
    )
    sums = RatingRollup.objects.order_by(
        "month", "survey", "department", "employee", "position"
    ).values_list(
        "month", "employee__employee_no", "n", "total", "sumsq", "dimensions", "ns", "totals",
        "sumsqs",
    )  # fmt: skip
    return list(verdicts), list(sums)


@pytest.mark.worker
def test_two_hosts_clean_what_one_cleans(
    copies: Copies, worker: RealProcess, host: Host, roads: list[Road], tmp_path: Path
) -> None:
    world = World()
    Survey.objects.update(opens_on="2025-01-01", closes_on="2026-12-31")
    months = [f"{2025 + at // 12}-{at % 12 + 1:02d}" for at in range(20)]
    world.send(
        *(
            answer(
                100 * at + i, employee_no=f"E{1 + 2 * (i % 2)}", q_clear=str(1 + i % 5),
                started_at=f"{month}-10T10:00:00", submitted_at=f"{month}-10T10:00:{2 + i:02d}",
            )
            for at, month in enumerate(months) for i in range(12)
        )
    )  # fmt: skip
    survey = Survey.objects.get()
    now = timezone.now()
    copies.fresh()
    before = _verdicts()
    cleaning.clean_survey(survey, actor=None, now=now)
    alone = _verdicts()
    assert alone != before
    copies.fresh()

    def begin() -> Job:
        return cleaning.start_cleaning(survey, actor=None, now=now)

    written = _together(worker, host, roads, tmp_path, begin, b"COPY surveys_verdict ")
    assert _verdicts() == alone
    assert 0 < written < len(months)
    assert verify_rollups() is None


_ASK = """
import sys, psycopg2
cursor = psycopg2.connect(sys.argv[1], connect_timeout=10).cursor()
cursor.execute("SELECT 'x', current_database()")
print(*cursor.fetchone())
"""


def _ask(host: Host, url: str) -> subprocess.CompletedProcess[str]:
    """Ask the database at that address from the host."""
    words = [*host.enter, sys.executable, "-c", _ASK, url]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_the_second_host_has_no_other_way(copies: Copies, host: Host, roads: list[Road]) -> None:
    """The control: what the road carries is the database, and nothing where it is closed."""
    direct = addresses()["DATABASE_URL"]
    assert (_ask(host, direct).returncode != 0) is host.is_apart
    road = Road(direct, host.address, b"SELECT 'x'")
    roads.append(road)
    name = connection.settings_dict["NAME"]
    assert _ask(host, road.url).stdout == f"x {name}\n"
    assert road.passed == 1
    road.close()
    assert _ask(host, road.url).returncode != 0
