"""Sums of a filled database go into one row a person and back; no sum is lost on the way."""

from importlib import import_module

import pytest
from django.db import DatabaseError, connection, transaction

from surveys import services
from surveys.models import RatingRollup
from surveys.services import Proposed
from surveys.services.verifying import verify_rollups
from tests.surveys.conftest import answer
from tests.surveys.test_partitions import application_role  # noqa: F401 - a fixture

migration = import_module("surveys.migrations.0008_sums_per_person")
ADVICE, WHOLE, REPAIR = 87_500_000, 92_500_000, 100_000_000
NARROW = """SELECT to_char(month, 'MM'), d.code, e.employee_no, dimension, n, total, sumsq,
        person_n, person_total, person_sumsq
    FROM surveys_ratingrollup r JOIN organization_department d ON d.id = department_id
    LEFT JOIN organization_employee e ON e.id = employee_id"""
KEYS = """SELECT conname, confrelid::regclass::text, condeferred FROM pg_constraint
    WHERE conrelid = 'surveys_ratingrollup'::regclass AND contype IN ('f', 'p') ORDER BY 1"""
INDEXES = """SELECT indexname FROM pg_indexes WHERE tablename = 'surveys_ratingrollup'
    ORDER BY 1"""


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


def wide():
    """Every row, but for its own number."""
    rows = RatingRollup.objects.order_by("month", "department", "employee", "position")
    return [{**row, "id": None} for row in rows.values()]


@pytest.fixture
def filled(world):
    """Two months; somebody asked about one dimension, nobody named, a dimension missing; one whose
    only answer was excluded, which leaves sums of zero."""
    world.event("EV1", "E2", "E1", customer="C1")
    world.send(
        answer(1, event_no="EV1"),
        answer(2, employee_no="E3", q_fixed="na"),
        answer(3, employee_no=None, department_code="S2"),
        answer(4, submitted_at="2026-04-01T08:00:00", started_at=None),
        answer(5, submitted_at="2026-04-01T08:00:00", started_at=None, employee_no="E3"),
    )
    fifth = world.response(5)
    services.apply_verdicts(
        world.survey,
        [Proposed(fifth.answered_on, fifth.id, "excluded", ["partial"])],
        rule_set=None,
    )
    run("SET CONSTRAINTS ALL IMMEDIATE")  # a table cannot change while a check is outstanding
    return world


def sums(*scores):
    """n, total and sum of squares of a score or of none."""
    return tuple(
        figure for each in scores for figure in ((1, each, each * each) if each else (0, 0, 0))
    )


def test_there_and_back_every_sum_is_what_it_was(filled):
    assert RatingRollup.objects.filter(n=0, person_n=0, totals=[0, 0]).count() == 1
    before = [row for row in wide() if any(row["ns"] + row["person_ns"])]
    assert [(row["n"], row["dimensions"], row["ns"], row["person_ns"]) for row in before] == [
        (0, ["advice"], [0], [1]),
        (1, ["advice", "repair"], [1, 1], [0, 1]),
        (0, ["advice"], [1], [1]),
        (1, ["advice", "repair"], [1, 1], [0, 0]),
        (1, ["advice", "repair"], [1, 1], [1, 0]),
    ]
    run(migration.BACKWARD)
    assert sorted(run(NARROW), key=str) == sorted([
        ("03", "S1", "E1", "advice", *sums(None, ADVICE)),
        ("03", "S1", "E1", "overall", *sums(None, ADVICE)),
        ("03", "S1", "E2", "advice", *sums(ADVICE, None)),
        ("03", "S1", "E2", "overall", *sums(WHOLE, REPAIR)),
        ("03", "S1", "E2", "repair", *sums(REPAIR, REPAIR)),
        ("03", "S2", "E3", "advice", *sums(ADVICE, ADVICE)),
        ("03", "S2", "E3", "overall", *sums(None, ADVICE)),
        ("03", "S2", None, "advice", *sums(ADVICE, None)),
        ("03", "S2", None, "overall", *sums(WHOLE, None)),
        ("03", "S2", None, "repair", *sums(REPAIR, None)),
        ("04", "S1", "E1", "advice", *sums(ADVICE, ADVICE)),
        ("04", "S1", "E1", "overall", *sums(WHOLE, ADVICE)),
        ("04", "S1", "E1", "repair", *sums(REPAIR, None)),
    ], key=str)  # fmt: skip
    run(migration.FORWARD)
    assert wide() == before
    assert verify_rollups() is None
    services.rebuild_rollups(actor=None)
    assert wide() == before  # not a row would have been written


def test_answers_can_be_counted_after_the_way_back_and_forth(filled):
    run(migration.BACKWARD)
    run(migration.FORWARD)
    filled.send(answer(6, event_no=None), answer(7, employee_no="E3"))
    assert verify_rollups() is None


@pytest.mark.parametrize(
    ("statement", "lossy"),
    [
        ("FORWARD", ("max(n) FILTER", "min(7) FILTER")),
        ("FORWARD", ("GROUP BY month", "AND dimension <> 'repair' GROUP BY month")),
        ("BACKWARD", ("unnest(array_append(totals, total)) AS total, unnest(array_append(sumsqs",
                      "1::bigint AS total, unnest(array_append(sumsqs")),
    ],
)  # fmt: skip
def test_a_sum_that_would_be_lost_stops_the_migration(filled, statement, lossy):
    if statement == "FORWARD":
        run(migration.BACKWARD)
    before = run("SELECT * FROM surveys_ratingrollup ORDER BY id")
    text = getattr(migration, statement)
    assert lossy[0] in text
    with pytest.raises(DatabaseError, match="sums would not stay the same"), transaction.atomic():
        run(text.replace(*lossy, 1))
    assert run("SELECT * FROM surveys_ratingrollup ORDER BY id") == before


def test_keys_rights_and_indexes_are_those_of_before(filled, application_role):  # noqa: F811
    rights = (
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
        f"WHERE grantee = '{application_role}' AND table_name = 'surveys_ratingrollup' ORDER BY 2"
    )
    run("RESET ROLE")
    before = run(rights), run(KEYS), run(INDEXES)
    assert len(before[0]) >= 4
    assert [row[1] for row in before[1] if row[0].endswith("_pkey")] == ["-"]
    assert len(before[1]) == 5
    assert [row[0] for row in before[2]] == [
        "surveys_ratingrollup_pkey", "surveys_rollup_survey", "surveys_rollup_unique",
    ]  # fmt: skip
    run(migration.BACKWARD)
    assert (run(rights), run(KEYS)) == before[:2]
    assert len(run(INDEXES)) == 8
    run(migration.FORWARD)
    assert (run(rights), run(KEYS), run(INDEXES)) == before
    run(migration.NO_FUNCTIONS)
    run(migration.FUNCTIONS)
    for name in (
        "hp_sums_added(varchar[], anyarray, varchar[], anyarray)",
        "hp_names_joined(varchar[], varchar[])",
    ):
        may = f"SELECT has_function_privilege('{application_role}', '{name}', 'EXECUTE')"
        assert run(may) == [(True,)]


def test_a_row_with_arrays_of_unequal_length_is_refused(filled):
    with pytest.raises(DatabaseError, match="surveys_rollup_places"), transaction.atomic():
        run("UPDATE surveys_ratingrollup SET ns = ns || 1::bigint")
