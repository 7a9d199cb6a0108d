"""Which scorecards are valid: those of the run the period names, one a person, by the database."""

from importlib import import_module

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from assessments import services
from assessments.models import Scorecard
from assessments.services import scoring
from core.jobs import JobFailed
from organization.models import Attendance
from tests.assessments.test_period_steps import forward
from tests.assessments.world import disk_full_after

KEY = "2025-11"
migration = import_module("assessments.migrations.0006_valid_by_run")
BACKWARD = (
    "DROP INDEX scorecard_one_current",
    "ALTER TABLE assessments_scorecard ADD is_current boolean NOT NULL DEFAULT false",
    "CREATE UNIQUE INDEX scorecard_one_current ON assessments_scorecard (period_id, employee_id)"
    " WHERE is_current",
    migration.MARKED,
    migration.PROOF,
    "ALTER TABLE assessments_scorecard DROP corrected",
)
FORWARD = (
    "ALTER TABLE assessments_scorecard ADD corrected boolean NOT NULL DEFAULT false",
    migration.CORRECTED,
    migration.PROOF,
    "DROP INDEX scorecard_one_current",
    "ALTER TABLE assessments_scorecard DROP is_current",
    "CREATE UNIQUE INDEX scorecard_one_current ON assessments_scorecard (run_id, employee_id)"
    " WHERE NOT corrected",
)


def run(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture
def corrected(company):
    """K0 to K2 scored, K0 absent meanwhile and scored again, released; then K1 was corrected."""
    company.scheme()
    company.crowd(3)
    company.score()
    absent = company.card("K0").employee
    Attendance.objects.create(employee=absent, month="2025-11-01", working_days=20, present_days=3)
    company.score()
    forward(company, "release")
    card = company.card("K1")
    answer = company.response("R13").id
    preview = services.preview_revision(card, exclude=[answer])
    services.revise_scorecard(card, preview, actor=company.approver, cause="AP-1")
    run("SET CONSTRAINTS ALL IMMEDIATE")  # a table cannot change while a check is outstanding
    return company


def versions():
    """Number, version, run, corrected, valid of every scorecard."""
    cards = Scorecard.objects.select_related("period", "run", "employee").order_by("id")
    return [
        (card.employee.employee_no, card.version, card.run.number, card.corrected, card.is_current)
        for card in cards
    ]


VERSIONS = [
    *((number, 1, 1, False, False) for number in ("K0", "K1", "K2")),
    ("K0", 2, 2, False, True),
    ("K1", 2, 2, True, False),
    ("K2", 2, 2, False, True),
    ("K1", 3, 2, False, True),
]


def test_valid_are_those_of_the_periods_run_that_were_not_corrected(corrected):
    assert versions() == VERSIONS
    listed = (
        Scorecard.objects.current().order_by("id").values_list("employee__employee_no", "version")
    )
    assert list(listed) == [("K0", 2), ("K2", 2), ("K1", 3)]
    assert set(Scorecard.objects.current_in(corrected.period())) == set(Scorecard.objects.current())
    assert services.verify_scorecards() is None


def test_there_and_back_the_same_scorecards_are_valid(corrected):
    run(*BACKWARD)
    marked = run(
        "SELECT employee_no, version FROM assessments_scorecard s"
        " JOIN organization_employee e ON e.id = s.employee_id WHERE is_current ORDER BY s.id"
    )
    assert marked == [("K0", 2), ("K2", 2), ("K1", 3)]
    run(*FORWARD)
    assert versions() == VERSIONS
    assert services.verify_scorecards() is None


def test_a_scorecard_that_would_become_valid_stops_the_migration(corrected):
    run(*BACKWARD)
    run("UPDATE assessments_scorecard SET is_current = false WHERE version = 3")
    with pytest.raises(DatabaseError, match=r"^1 scorecards would not stay"), transaction.atomic():
        run(*FORWARD)


def test_the_database_takes_no_second_valid_scorecard(corrected):
    card = corrected.card("K2")
    card.pk, card.version = None, 9
    with pytest.raises(IntegrityError, match="scorecard_one_current"), transaction.atomic():
        card.save(force_insert=True)
    with pytest.raises(IntegrityError, match="scorecard_one_current"), transaction.atomic():
        run("UPDATE assessments_scorecard SET corrected = false WHERE corrected")
    assert versions() == VERSIONS


def test_what_a_run_wrote_is_valid_for_nobody_before_its_end(corrected, monkeypatch):
    """A month scored before stays as it was while another run fails half-way."""
    monkeypatch.setattr(scoring, "SMALLEST", 1)
    corrected.score("2025-10")
    before = list(Scorecard.objects.current().order_by("id"))
    Attendance.objects.create(
        employee=before[0].employee, month="2025-10-01", working_days=20, present_days=3
    )
    disk_full_after(2, monkeypatch)
    with pytest.raises(JobFailed, match="disk full"):
        corrected.score("2025-10")
    assert Scorecard.objects.filter(period__key="2025-10").count() == 3 + 2
    assert list(Scorecard.objects.current().order_by("id")) == before
    assert services.verify_scorecards() is None


def test_becoming_valid_writes_no_scorecard_again(company):
    company.scheme()
    company.crowd(3)
    company.score()
    assert Scorecard.objects.current().count() == 3
    assert run("SELECT DISTINCT xmax::text FROM assessments_scorecard") == [("0",)]
