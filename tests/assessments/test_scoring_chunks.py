"""What a run's chunks have in common is made once a process, and never taken for another run's."""

import pytest
from django.db import DatabaseError, connection, transaction

from assessments import services
from assessments.models import Scorecard, ScoringRun
from assessments.services import job as scoring_job
from assessments.services import scoring
from core.errors import InvalidTransition
from core.jobs import JobFailed
from organization.models import Attendance
from tests.assessments.world import courtesy, disk_full_after

KEY = "2025-11"


@pytest.fixture
def made(monkeypatch):
    """The run of each time that something is made for chunks; three chunks of two people."""
    monkeypatch.setattr(scoring, "SMALLEST", 2)
    runs = []

    class Counted(scoring_job.Chunks):
        def __init__(self, run):
            runs.append(run.pk)
            super().__init__(run)

    monkeypatch.setattr(scoring_job, "Chunks", Counted)
    return runs


@pytest.fixture
def filled(company):
    company.scheme()
    company.crowd(6)
    return company


def test_the_chunks_of_a_run_share_what_is_made_once(filled, made):
    run = filled.score()
    assert run.job.total == 3
    assert made == [run.pk]
    absent = filled.card("K0").employee
    Attendance.objects.create(employee=absent, month="2025-11-01", working_days=20, present_days=3)
    again = filled.score()
    assert made == [run.pk, again.pk]
    assert services.verify_scorecards() is None


def test_where_people_share_little_nothing_is_kept(filled, made, monkeypatch):
    monkeypatch.setattr(scoring_job, "MOST_KEPT", -1)
    run = filled.score()
    assert made == [run.pk] * 3
    assert services.verify_scorecards() is None


def test_a_worker_keeps_nothing_of_a_discarded_run(filled, made, monkeypatch):
    store = disk_full_after(1, monkeypatch)
    with pytest.raises(JobFailed, match="disk full"):
        filled.score()
    failed = ScoringRun.objects.get()
    monkeypatch.setattr(scoring_job.Chunks, "score", store)
    run = filled.score()
    assert set(made) == {failed.pk, run.pk}
    assert failed.pk != run.pk
    assert Scorecard.objects.filter(run=run).count() == Scorecard.objects.count() == 6


def test_a_number_that_a_restored_backup_gives_again_is_another_run(filled, made):
    run = filled.score()
    handler = scoring_job.ScoringHandler()
    first = handler._last = scoring_job.Chunks(run)
    assert handler._chunks(run.pk) is first
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE assessments_scoringrun DISABLE TRIGGER USER")
            cursor.execute("UPDATE assessments_scoringrun SET started_at = now()")
        assert handler._chunks(run.pk) is not first
        transaction.set_rollback(True)
    with pytest.raises(InvalidTransition):
        handler._chunks(run.pk + 1)


def test_texts_of_a_persons_own_results_are_not_kept(filled):
    """Answers make a result a person's own; kept, everybody's would stay in the worker."""
    run = filled.score()
    chunks = scoring_job.Chunks(run)
    texts, scored = chunks._texts, []
    for card in Scorecard.objects.order_by("id"):
        scored += chunks._scorer.score(card.facts).results
    answered = [row for row in scored if row.indicator == "satisfaction" and row.n]
    assert len(answered) == 6
    lines = [line for _row, _own, line in texts.of(answered, shared=True)]
    assert texts.kept == 0
    assert lines == [line for _row, _own, line in texts.of(answered, shared=True)]


def test_figures_that_people_share_are_told_once(company):
    company.scheme(items=[courtesy()])
    company.crowd(4)
    rows = [("courtesy_rate", f"K{i}", KEY, 19, 20, "audit") for i in range(4)]
    company.measure(*rows)
    chunks = scoring_job.Chunks(company.score())
    for card in Scorecard.objects.order_by("id"):
        chunks._texts.of(chunks._scorer.score(card.facts).results, shared=True)
    assert chunks.kept == 1


def test_a_predecessor_cannot_go_and_only_successors_are_in_its_index(filled):
    filled.score()
    card = filled.card("K1")
    successor = {"version": 2, "corrected": False, "supersedes_id": card.pk}
    values = {**Scorecard.objects.filter(pk=card.pk).values()[0], **successor}
    Scorecard.objects.filter(pk=card.pk).update(corrected=True)
    del values["id"], values["created_at"]
    Scorecard.objects.create(**values)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT pg_get_expr(indpred, indrelid) FROM pg_index"
            " WHERE indexrelid = 'scorecard_supersedes'::regclass"
        )
        assert cursor.fetchall() == [("(supersedes_id IS NOT NULL)",)]
        cursor.execute("ALTER TABLE assessments_scorecard DISABLE TRIGGER USER")
        with pytest.raises(DatabaseError, match="violates foreign key"), transaction.atomic():
            cursor.execute("DELETE FROM assessments_scorecard WHERE id = %s", [card.pk])
