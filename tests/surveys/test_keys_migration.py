"""Keys that other rows hold are taken away and given back on a database with answers and with the
tables of coming months."""

import datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from surveys.models import CleaningRuleSet
from surveys.services.intake.store import ensure_partitions
from tests.surveys.conftest import answer

BEFORE, AFTER = "0011_sums_of_departments", "0012_keys_held_elsewhere"
KEYS = """SELECT conrelid::regclass::text, confrelid::regclass::text, count(*) FROM pg_constraint
    WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s) GROUP BY 1, 2 ORDER BY 1, 2"""
TABLES = ["surveys_responsekey", "surveys_verdict", "surveys_verdict_202603",
          "surveys_verdict_203001"]  # fmt: skip
STAY = {
    ("surveys_verdict", "core_user"),
    ("surveys_verdict_202603", "core_user"),
    ("surveys_verdict_202603", "surveys_response_202603"),
    ("surveys_verdict_203001", "core_user"),
    ("surveys_verdict_203001", "surveys_response_203001"),
}
GO = {
    ("surveys_responsekey", "customers_serviceevent"),
    ("surveys_responsekey", "surveys_survey"),
    ("surveys_verdict", "surveys_cleaningruleset"),
    ("surveys_verdict_202603", "surveys_cleaningruleset"),
    ("surveys_verdict_203001", "surveys_cleaningruleset"),
}


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def migrated(name):
    run("SET CONSTRAINTS ALL IMMEDIATE")  # a table cannot change while a check is outstanding
    MigrationExecutor(connection).migrate([("surveys", name)])


def keys():
    with connection.cursor() as cursor:
        cursor.execute(KEYS, [TABLES])
        return {(table, other) for table, other, _count in cursor.fetchall()}


@pytest.fixture
def filled(world):
    world.event("EV1", "E2", customer="C1")
    world.send(answer(1, event_no="EV1"), answer(2))
    ensure_partitions([datetime.date(2030, 1, 1)])
    return world


def test_the_keys_go_and_come_back(filled):
    assert keys() == STAY
    migrated(BEFORE)
    assert keys() == STAY | GO
    migrated(AFTER)
    assert keys() == STAY


def test_months_made_while_the_keys_are_there_lose_them_too(filled):
    migrated(BEFORE)
    ensure_partitions([datetime.date(2030, 2, 1)])
    migrated(AFTER)
    with connection.cursor() as cursor:
        cursor.execute(KEYS, [["surveys_verdict_203002"]])
        assert [row[1] for row in cursor.fetchall()] == ["core_user", "surveys_response_203002"]


def test_what_is_wrong_meanwhile_stops_the_way_back(filled):
    run("SET LOCAL session_replication_role = replica")
    run("UPDATE surveys_verdict SET rule_set_id = 1000000")
    run("SET LOCAL session_replication_role = DEFAULT")
    refused = pytest.raises(IntegrityError, match="surveys_verdict_rule_set_id_fkey")
    with refused, transaction.atomic():
        migrated(BEFORE)
    assert keys() == STAY


def test_a_rule_set_cannot_go(filled):
    run("SET CONSTRAINTS ALL IMMEDIATE")
    for statement in ("DELETE FROM", "TRUNCATE"):
        with pytest.raises(DatabaseError), transaction.atomic():
            run(f"{statement} surveys_cleaningruleset")
    assert CleaningRuleSet.objects.count() == 1
