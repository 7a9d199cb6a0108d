"""Months get their tables by a function that the application's role may call."""

import datetime

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from surveys.services.intake.store import ensure_partitions
from surveys.services.months import prepare_months
from surveys.tasks import prepare_months as task

ROLE = "hp_test_partitions"


def run(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else None


def ensure(first, last):
    return run("SELECT hp_ensure_partitions(%s, %s)", first, last)[0][0]


@pytest.fixture
def application_role(db):
    """A role with the rights of the application: it owns nothing."""
    exists = run("SELECT 1 FROM pg_roles WHERE rolname = %s", ROLE)
    if not exists:
        run(f"CREATE ROLE {ROLE}")
    run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE}")
    run(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
    run(f"REVOKE UPDATE, DELETE ON surveys_verdict FROM {ROLE}")
    run(f"SET LOCAL ROLE {ROLE}")
    return ROLE


@pytest.mark.django_db
def test_missing_months_are_made_once():
    assert ensure("2041-11-15", "2042-01-01") == 3
    assert ensure("2041-11-01", "2042-01-31") == 0
    assert ensure_partitions([datetime.date(2042, 1, 9), datetime.date(2042, 3, 1)]) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "last"),
    [("1999-12-31", "2000-01-01"), ("2026-01-01", "2100-01-01"), ("2026-01-01", "2037-01-01")],
)
def test_an_implausible_range_is_refused(first, last):
    with pytest.raises(DatabaseError, match="not a plausible range"), transaction.atomic():
        ensure(first, last)


def test_the_application_role_makes_months_with_the_rights_of_their_parents(application_role):
    with pytest.raises(DatabaseError), transaction.atomic():
        run(
            "CREATE TABLE surveys_response_204106 PARTITION OF surveys_response "
            "FOR VALUES FROM ('2041-06-01') TO ('2041-07-01')"
        )
    assert ensure("2041-06-01", "2041-06-30") == 1
    rights = run(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
        "WHERE grantee = %s AND table_name LIKE '%%204106'",
        application_role,
    )
    every = {"SELECT", "INSERT", "UPDATE", "DELETE"}
    expected = {
        (f"surveys_{name}_204106", right)
        for name in ("response", "responsepersonal", "rating", "verdict")
        for right in (every if name != "verdict" else {"SELECT", "INSERT"})
    }
    assert set(rights) == expected


@pytest.mark.django_db
def test_coming_months_are_made_ahead():
    assert prepare_months(datetime.date(2041, 11, 30)) == 4
    assert ensure("2041-11-01", "2042-02-28") == 0
    assert prepare_months(datetime.date(2041, 12, 1)) == 1
    assert ensure("2042-03-01", "2042-03-31") == 0
    assert "surveys.tasks.prepare_months" in {
        entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()
    }
    task()
    assert prepare_months(timezone.localdate()) == 0


@pytest.mark.django_db(transaction=True)
def test_nobody_queues_behind_a_table_that_cannot_be_made_now(monkeypatch, caplog):
    monkeypatch.setattr("surveys.services.months._WAIT_MS", 50)
    reader = connection.copy()
    try:
        with reader.cursor() as cursor:
            reader.set_autocommit(False)
            cursor.execute("SELECT count(*) FROM surveys_response")  # a long read holds its lock
            assert prepare_months(datetime.date(2043, 1, 1)) == 0
            assert "not made now" in caplog.text
            reader.rollback()
    finally:
        reader.close()
    assert prepare_months(datetime.date(2043, 1, 1)) == 4


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["response", "verdict", "rating"])
def test_a_months_table_cannot_be_emptied(table):
    ensure("2041-06-01", "2041-06-30")
    for name in (f"surveys_{table}", f"surveys_{table}_204106"):
        with pytest.raises(DatabaseError, match=r"refused|constraint"), transaction.atomic():
            run(f"TRUNCATE {name} CASCADE")


@pytest.mark.django_db
def test_a_rating_without_its_response_is_refused():
    ensure("2041-06-01", "2041-06-30")
    with pytest.raises(DatabaseError, match="foreign key"), transaction.atomic():
        run(
            "INSERT INTO surveys_rating (answered_on, response_id, survey_id, score, dimensions, "
            "scores, person_scores, counted_from) "
            "VALUES ('2041-06-01', 1, 1, 1, '{}', '{}', '{}', now())"
        )
