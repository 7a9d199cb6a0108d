"""kill -9 at random moments of each long step: run again, it gives what an undisturbed run gives,
in every row of every table; nothing twice, nothing lost."""

import contextlib
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from assessments import services as assessments
from assessments.services import scoring
from core.errors import Conflict
from core.models import Job, JobChunk
from incentives.models import PayrollBatch, PayrollFile
from incentives.services.decisions import decide_incentives
from incentives.services.proposals import propose_incentives
from surveys.cleaning import services as cleaning
from surveys.services.verifying import verify_rollups
from tests.assessments.world import Company as Assessed
from tests.faults.copies import Copies, content
from tests.faults.killing import killed, some_of, undisturbed
from tests.incentives import released
from tests.incentives.company import account
from tests.incentives.test_export_killed import approved_batch
from tests.surveys.cleaning_world import NOW, answers, make_survey, rating, staff, take_in
from tests.surveys.collecting import GOOD, Phone, executor, link
from tests.surveys.collecting import NOW as IN_MARCH
from tests.surveys.conftest import World, answer


@pytest.fixture(autouse=True)
def _the_same_second() -> Iterator[None]:
    """The clock stands still, so that times are compared too."""
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        yield


KILLS = 1  # besides the moments before and after the last commit


def leases_run_out() -> None:
    """As if five minutes had passed since the process died."""
    past = timezone.now() - timedelta(minutes=5)
    Job.objects.filter(status__in=["pending", "running"]).update(lease_until=past, queued_at=past)
    JobChunk.objects.filter(status="running").update(lease_until=past)


def prove(copies: Copies, name: str, step: Any, *, asked_again: str = " nothing ") -> str:
    """The content after the step, which is the same wherever the step was killed before.

    Who asks again for what is done already leaves that in the audit trail and nowhere else; the
    lines with `asked_again` say so.
    """
    copies.fresh()
    before = content()
    moments = undisturbed(step)
    whole = content()
    assert whole != before
    for moment in some_of(moments, KILLS, name):
        copies.fresh()
        killed(step, moment)
        leases_run_out()
        undisturbed(step)
        left = _without(content(), asked_again)
        assert left == _without(whole, asked_again), f"killed at moment {moment} of {moments}"
    return whole


def _without(text: str, words: str) -> str:
    lines = text.splitlines(keepends=True)
    kept = [x for x in lines if not (x.startswith("core.AuditEntry") and words in x)]
    return "".join(kept)


def test_import_of_answers(copies: Copies) -> None:
    world = World()
    rows = [answer(i, employee_no=f"E{1 + 2 * (i % 2)}") for i in range(1, 31)]
    whole = prove(copies, "import", lambda: world.send(*rows))
    assert whole.count("\nsurveys.Response ") == 30
    assert verify_rollups() is None


def test_answer_of_a_customer(copies: Copies) -> None:
    """The process that serves the last page dies; the customer presses the button again."""
    world = World()
    with time_machine.travel(IN_MARCH, tick=False):
        phone = Phone(link(world, executor())[1])
        phone.open()
        phone.send(GOOD[0])
        phone.send(GOOD[1])
        data = {**phone.hidden(), **GOOD[2], "go": "next"}

        def press() -> None:
            answer = phone.client.post(phone.url, data, follow=True)
            assert (answer.status_code, "Thank you" in answer.content.decode()) == (200, True)

        whole = prove(copies, "answer", press)
    assert whole.count("\nsurveys.Response ") == whole.count("\nsurveys.AnswerConsent ") == 1
    assert whole.count("\nsurveys.AnswerDraft ") == 0


def test_cleaning(copies: Copies) -> None:
    staff(1)
    questions = [rating(f"q{i}", reverse=i == 3) for i in range(1, 9)]
    survey = make_survey(questions, opens_on=date(2025, 10, 1))
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
            for day in ("2025-10-10", "2025-11-10")
            for i in range(3)
        ],
    )
    survey.refresh_from_db()
    step = partial(cleaning.clean_survey, survey, actor=None, now=NOW)
    whole = prove(copies, "cleaning", step, asked_again='"changed": 0')
    assert whole.count("\nsurveys.Verdict ") == 12
    assert verify_rollups() is None


def test_scoring(copies: Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "SMALLEST", 1)
    monkeypatch.setattr(scoring, "CHUNKS", 4)
    company = Assessed()
    company.scheme()
    company.crowd(8)
    whole = prove(copies, "scoring", company.score)
    assert whole.count("\nassessments.Scorecard ") == 8
    assert assessments.verify_scorecards() is None


def test_deciding(copies: Copies) -> None:
    director = account("director", "group")
    month = released.period("2025-11")
    probe = released.period("2024-11")
    released.scorecard(probe, released.employee(9999, position="GHOST"))
    released.active_policy(released.lect_policy(), director, simulated="2024-11")
    released.staff(month, 6)
    propose_incentives("2025-11", actor=director)
    decide = partial(decide_incentives, "2025-11", actor=director, confirm=released.shown())

    def once() -> None:
        """Who is told that it was decided already has lost nothing."""
        with contextlib.suppress(Conflict):
            decide()

    whole = prove(copies, "deciding", once)
    assert whole.count("\nincentives.LedgerEntry ") == 7


def test_export_of_pay(copies: Copies, tmp_path: Any) -> None:
    approved_batch()
    output = tmp_path / "pay.xlsx"
    words = ("export_payroll", "2025-11", "--actor", "hana", "--output", str(output))
    step = partial(call_command, *words, stdout=StringIO())
    prove(copies, "export", step, asked_again='"payroll.handed_out"')
    assert PayrollBatch.objects.get().state == "delivered"
    assert output.read_bytes() == bytes(PayrollFile.objects.get().content)
    assert [path.name for path in tmp_path.glob("*pay.xlsx*")] == ["pay.xlsx"]
