"""Statements planned once a connection."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DataError, connection, transaction

from core.prepared import Prepared, execute, make_ready

SUM = Prepared("SELECT $1::int + $2::int", 2)
ONE = Prepared("SELECT 1", 0)

pytestmark = pytest.mark.django_db(transaction=True)


def names() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE name LIKE 'hp\\_%'")
        return [row[0] for row in cursor.fetchall()]


def add(*values: int) -> Any:
    with connection.cursor() as cursor:
        execute(cursor, SUM, values)
        return cursor.fetchone()[0]


@pytest.fixture(autouse=True)
def fresh() -> None:
    connection.close()


def test_it_is_planned_once(django_assert_num_queries: Any) -> None:
    assert add(2, 3) == 5
    assert names() == [SUM.name]
    with django_assert_num_queries(1):
        assert add(4, 5) == 9


def test_without_values() -> None:
    with connection.cursor() as cursor:
        execute(cursor, ONE, [])
        assert cursor.fetchone() == (1,)


def test_a_new_connection_plans_anew() -> None:
    add(1, 1)
    connection.close()
    assert names() == []
    assert add(1, 1) == 2


def test_a_rollback_forgets_no_plan() -> None:
    with transaction.atomic():
        add(1, 1)
        transaction.set_rollback(True)
    assert names() == [SUM.name]
    assert add(1, 2) == 3


def test_what_a_faulty_one_left_behind_is_found() -> None:
    bad = Prepared("SELECT 'x'::int", 0)
    with connection.cursor() as cursor:
        with pytest.raises(DataError):
            make_ready(cursor, [SUM, bad])
        assert names() == [SUM.name]
    assert add(3, 4) == 7


def test_the_name_follows_the_text() -> None:
    assert SUM.name == Prepared("SELECT $1::int + $2::int", 2).name != ONE.name
    assert len(SUM.name) < 64
