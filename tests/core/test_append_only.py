"""Evidence cannot be changed through SQL either."""

import pytest
from django.db import IntegrityError, connection, transaction

from core import audit
from core.migrations_sql import append_only
from core.models import AuditEntry, User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_auditentry SET verb = 'forged'",
        "DELETE FROM core_auditentry",
        "TRUNCATE core_auditentry CASCADE",
    ],
)
def test_an_audit_row_stays_as_it_is(statement: str) -> None:
    audit.record(None, "thing.done", User.objects.create(username="x"))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # TRUNCATE wants no check outstanding
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            cursor.execute(statement)
    assert AuditEntry.objects.filter(verb="thing.done").count() == 1


def test_named_columns_may_change_and_others_not_even_with_them() -> None:
    def run(statement: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    run("CREATE TEMP TABLE paper (id int, fact text, state text, seen int)")
    for statement in append_only("paper", mutable=["state", "seen"]).sql:
        run(statement)
    run("INSERT INTO paper VALUES (1, 'true', 'new', 0)")
    run("UPDATE paper SET state = 'old', seen = 1")
    for forbidden in (
        "UPDATE paper SET fact = 'false'",
        "UPDATE paper SET fact = 'false', state = 'new'",
        "UPDATE paper SET fact = NULL",
        "DELETE FROM paper",
        "TRUNCATE paper",
    ):
        with pytest.raises(IntegrityError, match="append-only"):
            run(forbidden)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM paper")
        assert cursor.fetchall() == [(1, "true", "old", 1)]


def test_names_that_are_no_plain_sql_names_are_refused() -> None:
    with pytest.raises(ValueError, match="not a plain SQL name"):
        append_only('x"; DROP TABLE y')
