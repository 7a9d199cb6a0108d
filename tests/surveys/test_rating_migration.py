"""Ratings of a filled database go into one row a person and back; no score is lost on the way."""

import datetime
from importlib import import_module

import pytest
from django.db import DatabaseError, connection, transaction

from surveys import queries, services
from surveys.models import Rating
from surveys.services import Proposed
from surveys.services.intake.store import ensure_partitions
from surveys.services.verifying import verify_rollups
from tests.surveys.conftest import answer
from tests.surveys.test_partitions import application_role  # noqa: F401 - a fixture

migration = import_module("surveys.migrations.0007_rating_per_person")
YEAR = (datetime.date(2026, 1, 1), datetime.date(2026, 12, 31))
NARROW = """SELECT r.response_no, e.employee_no, t.dimension, t.score, t.person_score,
        t.counted_to IS NULL
    FROM surveys_rating t JOIN surveys_response r ON r.id = t.response_id
    LEFT JOIN organization_employee e ON e.id = t.employee_id ORDER BY t.counted_from, t.id"""
FACTS = """SELECT answered_on, response_id, survey_id, employee_id, department_id, position_id,
        customer_id, dimension, score, person_score, counted_from, counted_to
    FROM surveys_rating ORDER BY 1, 2, 4, 8, 11"""
SAME_AGAIN = """INSERT INTO surveys_rating (answered_on, response_id, survey_id, employee_id,
        department_id, position_id, customer_id, dimension, score, person_score, counted_from,
        counted_to)
    SELECT answered_on, response_id, survey_id, employee_id, department_id, position_id,
        customer_id, dimension, score, person_score, counted_from, counted_to
    FROM surveys_rating WHERE counted_to IS NOT NULL"""


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


def wide():
    """Every rating, but for its own number."""
    return sorted(
        (each.response_id, each.employee_id or 0, each.counted_from, each.counted_to is None,
         each.answered_on, each.survey_id, each.department_id, each.position_id, each.customer_id,
         each.score, each.person_score, each.dimensions, each.scores, each.person_scores)
        for each in Rating.objects.all()
    )  # fmt: skip


def figures():
    return [
        read(*YEAR, dimension=dimension).to_dict("records")
        for read in (queries.person_totals, queries.department_totals)
        for dimension in ("overall", "advice", "repair")
    ]


@pytest.fixture
def filled(world, director):
    """Two months; two people, nobody, a dimension missing; an answer that ended, one that moved."""
    world.event("EV1", "E2", "E1", customer="C1")
    world.send(
        answer(1, event_no="EV1"),
        answer(2, employee_no="E3", q_fixed="na"),
        answer(3, employee_no=None, department_code="S2"),
        answer(4, submitted_at="2026-04-01T08:00:00", started_at=None),
        answer(5),
    )
    fifth = world.response(5)
    services.apply_verdicts(
        world.survey,
        [Proposed(fifth.answered_on, fifth.id, "excluded", ["partial"])],
        rule_set=None,
    )
    services.reattribute_response(
        world.response(4), [world.person("E3")], reason="mix-up", actor=director
    )
    run("SET CONSTRAINTS ALL IMMEDIATE")  # a table cannot change while a check is outstanding
    return world


def test_there_and_back_every_rating_is_what_it_was(filled):
    before, sums = wide(), figures()
    run(migration.BACKWARD)
    advice, whole, repair = 87_500_000, 92_500_000, 100_000_000
    rows = run(NARROW)
    assert sorted(rows[:10]) == sorted([
        ("R1", "E2", "advice", advice, None, True),
        ("R1", "E2", "repair", repair, repair, True),
        ("R1", "E2", "overall", whole, repair, True),
        ("R1", "E1", "advice", None, advice, True),
        ("R1", "E1", "overall", None, advice, True),
        ("R2", "E3", "advice", advice, advice, True),
        ("R2", "E3", "overall", None, advice, True),
        ("R3", None, "advice", advice, None, True),
        ("R3", None, "repair", repair, None, True),
        ("R3", None, "overall", whole, None, True),
    ])  # fmt: skip
    assert [(row[0], row[1], row[2], row[5]) for row in rows[10:]] == [
        *(("R5", "E1", name, False) for name in ("advice", "repair", "overall")),
        *(("R4", "E1", name, False) for name in ("advice", "repair", "overall")),
        *(("R4", "E3", name, True) for name in ("advice", "repair", "overall")),
    ]
    run(migration.FORWARD)
    assert wide() == before
    assert figures() == sums
    assert verify_rollups() is None


def test_the_same_rating_twice_stays_two(filled):
    run(migration.BACKWARD)
    run(SAME_AGAIN)
    narrow = run(FACTS)
    assert len(narrow) == 9 + 10 + 6
    run(migration.FORWARD)
    assert Rating.objects.count() == 7 + 2
    run(migration.BACKWARD)
    assert run(FACTS) == narrow
    run(migration.FORWARD)
    assert verify_rollups() is None


def test_a_score_that_would_be_lost_stops_the_migration(filled):
    run(migration.BACKWARD)
    before = run(FACTS)
    whole = "max(score) FILTER (WHERE dimension = ''overall'')"
    assert migration.FORWARD.count(whole) == 1
    lossy = migration.FORWARD.replace(whole, "NULL::bigint")
    with pytest.raises(DatabaseError, match="of 202603 would not"), transaction.atomic():
        run(lossy)
    assert run(FACTS) == before


def test_the_new_table_is_guarded_as_the_old_one_was(filled, application_role):  # noqa: F811
    rights = (
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
        f"WHERE grantee = '{application_role}' AND table_name LIKE 'surveys_rating%' ORDER BY 1, 2"
    )
    keys = (
        "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint "
        "WHERE contype = 'f' AND conrelid::regclass::text LIKE 'surveys_rating_2%' ORDER BY 1"
    )
    before = run(rights), run(keys)
    assert len(before[1]) >= 2
    run("RESET ROLE")
    run(migration.BACKWARD)
    run(migration.FORWARD)
    assert (run(rights), run(keys)) == before
    assert ensure_partitions([datetime.date(2026, 3, 1), datetime.date(2026, 4, 1)]) == 0
    for statement in (
        "UPDATE surveys_rating SET score = 1",
        "DELETE FROM surveys_rating",
        "TRUNCATE surveys_rating",
        "TRUNCATE surveys_rating_202603",
        "INSERT INTO surveys_rating (answered_on, response_id, survey_id, employee_id, score, "
        "dimensions, scores, person_scores, counted_from) SELECT answered_on, response_id, "
        "survey_id, employee_id, score, dimensions, scores, person_scores, counted_from "
        "FROM surveys_rating WHERE counted_to IS NULL",  # somebody's rating that is live already
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            run(statement)
