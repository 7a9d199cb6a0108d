"""Two at the same moment, where tests/surveys, tests/incentives and tests/core do not look yet.

Each race has its control: the same two without the lock, or with the other reading, end
differently. So the harness does see what the lock prevents.
"""

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError

from assessments.models import Period, ScoringRun
from assessments.queries import evidence_hash, facts
from assessments.services import due, scoring
from core.models import Job
from incentives.models import Appeal, PayrollEvent, PayrollFile
from incentives.services import appeals, payroll
from incentives.services.appeals import filing
from incentives.services.payroll import workbooks
from organization.services import import_roster
from surveys import services as surveys
from surveys.cleaning import services as cleaning
from surveys.models import Survey
from tests.assessments.test_scoring_job import computed_here
from tests.assessments.world import LATER
from tests.assessments.world import Company as Assessed
from tests.core.conftest import race
from tests.incentives import surveyed
from tests.incentives.batches import approved
from tests.incentives.company import Company, account
from tests.incentives.filed import objection
from tests.incentives.surveyed import EMPLOYEE_COLUMNS
from tests.organization.conftest import table

PATIENCE = 30

pytestmark = pytest.mark.django_db(transaction=True)


def unlocked(*_args: Any, **_options: Any) -> None:
    """In the place of core.locks.take: the lock is taken away."""


def together(function: Callable[..., Any], count: int = 2) -> Callable[..., Any]:
    """The function, whose first `count` callers wait for each other behind it."""
    gate = threading.Barrier(count)
    left = [count]

    def waiting(*args: Any, **options: Any) -> Any:
        result = function(*args, **options)
        if left[0] > 0:
            left[0] -= 1
            gate.wait(PATIENCE)
        return result

    return waiting


def names(outcomes: list[Any]) -> list[str]:
    return sorted(type(outcome).__name__ for outcome in outcomes)


# -- the same batch exported ----------------------------------------------------------------------


@pytest.fixture
def batch() -> Any:
    company = Company.create()
    company.hire("E0001")
    company.pay("E0001")
    account("hilda", "hr")
    return approved()


def generate_twice(batch: Any) -> list[Any]:
    users = (account("hana"), account("hilda"))
    return race(2, lambda number: payroll.generate(batch, actor=users[number]))


def test_two_exports_of_one_batch_are_given_the_same_file(batch: Any) -> None:
    outcomes = generate_twice(batch)
    assert names(outcomes) == ["PayrollFile", "PayrollFile"]
    assert {outcome.pk for outcome in outcomes} == {PayrollFile.objects.get().pk}
    assert PayrollEvent.objects.filter(verb="generated").count() == 1


def test_control_without_the_lock_two_exports_make_two_files(
    batch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "_alone", unlocked)
    monkeypatch.setattr(workbooks, "take", unlocked)
    monkeypatch.setattr(workbooks, "locked", lambda found, _state: found)
    # Behind the second look for a stored file.
    monkeypatch.setattr(workbooks, "check_figures", together(workbooks.check_figures))
    assert names(generate_twice(batch)) == ["IntegrityError", "PayrollFile"]
    assert PayrollFile.objects.count() == 1  # the database's last line of defence


# -- appeals filed at once ------------------------------------------------------------------------


def file_two() -> list[Any]:
    scene = surveyed.create(decide=False)
    numbers = ("E0001", "E0005")
    cards = [scene.card(number) for number in numbers]
    users = [scene.user(number) for number in numbers]
    return race(2, lambda n: appeals.file_appeal(cards[n], objection(), actor=users[n]))


def test_two_people_appealing_at_once_get_a_number_each() -> None:
    outcomes = file_two()
    assert names(outcomes) == ["Appeal", "Appeal"]
    assert sorted(outcome.appeal_no[-3:] for outcome in outcomes) == ["001", "002"]


def test_control_without_the_lock_one_of_two_appellants_is_turned_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(filing, "take", unlocked)
    # Read after the number was chosen and before it is used.
    calendar = SimpleNamespace(load=together(filing.Calendar.load))
    monkeypatch.setattr(filing, "Calendar", calendar)
    assert names(file_two()) == ["Appeal", "Conflict"]
    assert Appeal.objects.count() == 1


# -- the same period begun by two beats -----------------------------------------------------------


def two_beats() -> list[Any]:
    company = Assessed()
    company.scheme(effective_from="2026-12-01")
    company.crowd(6)
    due.system_account()
    later = LATER.replace(year=2027)
    return race(2, lambda _n: [each.run.pk for each in due.start_due(later)])


def test_two_beats_at_once_begin_each_period_once() -> None:
    outcomes = two_beats()
    runs = list(ScoringRun.objects.order_by("pk").values_list("pk", flat=True))
    # The second joins the run of the first or, where that is done already, finds nothing due.
    found = sorted(sorted(outcome) for outcome in outcomes)
    assert found in ([[], runs], [runs, runs])
    assert list(Period.objects.values_list("key", flat=True)) == ["2026-12"]
    assert (len(runs), Job.objects.count()) == (1, 1)


def test_control_without_the_lock_one_of_two_beats_breaks_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scoring, "take", unlocked)
    monkeypatch.setattr(scoring, "create_period", _create_after(threading.Barrier(2)))
    outcomes = two_beats()
    assert sum(isinstance(outcome, IntegrityError) for outcome in outcomes) == 1
    assert Period.objects.count() == 1


def _create_after(gate: threading.Barrier) -> Callable[..., Any]:
    create = scoring.create_period

    def waiting(*args: Any, **options: Any) -> Any:
        gate.wait(PATIENCE)
        return create(*args, **options)

    return waiting


# -- cleaned again, or the roster imported, while a period is scored ------------------------------


def build() -> Assessed:
    company = Assessed()
    company.scheme()
    company.crowd(8)
    return company


def clean_again(company: Assessed) -> None:
    """Somebody excludes three answers of a person and has everything judged anew."""
    survey, executor = Survey.objects.get(), account("executor", "executor")
    for number in ("R1", "R2", "R3"):
        response = company.response(number)
        surveys.record_verdict(response, "excluded", reason="staff", actor=executor)
    cleaning.clean_survey(survey, actor=executor, now=LATER)


def transfer(company: Assessed) -> None:
    """A roster moves one of them to the other shop for all of the month, and brings another."""
    rows = [EMPLOYEE_COLUMNS, *(f"{n},{n},S2,LECT,2020-01-01,,,,6000,2000" for n in ("K0", "K9"))]
    import_roster([table(rows)], actor=company.admin, effective=LATER.date().replace(2025, 11, 1))


def scored(company: Assessed) -> str:
    company.score()
    return evidence_hash(company.period())


CHANGES = pytest.mark.parametrize("change", [clean_again, transfer])


@CHANGES
def test_a_score_is_of_its_cut_off_whatever_happens_while_it_is_made(
    change: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = build()
    undisturbed = _now()
    inside, go = threading.Event(), threading.Event()
    read = facts.schemes_for  # after the placements were read, before the answers are

    def paused(*args: Any, **options: Any) -> Any:
        if threading.current_thread() is not threading.main_thread() and not inside.is_set():
            inside.set()
            assert go.wait(PATIENCE)
        return read(*args, **options)

    monkeypatch.setattr(facts, "schemes_for", paused)

    def act(number: int) -> Any:
        if number == 0:
            return scored(company)
        assert inside.wait(PATIENCE)
        try:
            return change(company)
        finally:
            go.set()

    assert race(2, act) == [undisturbed, None]


@CHANGES
def test_control_the_same_before_the_cut_off_gives_another_score(change: Any) -> None:
    company = build()
    undisturbed = _now()
    change(company)
    assert scored(company) != undisturbed


def _now() -> str:
    """What scoring at this moment would give."""
    return computed_here(Period(key="2025-11", cutoff_at=None))
