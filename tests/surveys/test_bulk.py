"""Rows by COPY, and a few of many tables in one message: the same rows."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.db import connection, transaction

from core.prepared import Prepared
from surveys.services.bulk import Json, copy_rows, send, send_waiting, together

pytestmark = pytest.mark.django_db

COLUMNS = ("word", "words", "figures", "day", "at", "flag", "data", "n")
AT = datetime.datetime(2026, 3, 10, 2, tzinfo=datetime.UTC)
ROWS = [
    ('\\ \t \n \r "q" \'s\' %s ; $1 换', ("a,b", '"c"', "\\d", "{e}", "NULL", ""), [1, None],
     datetime.date(2026, 3, 10), AT, True, Json({"k": 'v"\\\n', "n": [1, None]}), 2**40),
    (None, (), (), None, None, False, Json({}), 0),
]  # fmt: skip


@pytest.fixture(autouse=True)
def tables() -> None:
    for name in ("one", "other"):
        run(f"""CREATE TEMPORARY TABLE {name} (word text, words text[], figures bigint[], day date,
            at timestamptz, flag boolean, data jsonb, n bigint) ON COMMIT DROP""")


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def stored(table: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY n")
        return cursor.fetchall()


def test_both_ways_store_the_same() -> None:
    copy_rows("one", COLUMNS, ROWS)
    with together():
        copy_rows("other", COLUMNS, ROWS)
    assert stored("one") == stored("other")
    assert stored("one")[1][:4] == (
        ROWS[0][0], ["a,b", '"c"', "\\d", "{e}", "NULL", ""], [1, None], ROWS[0][3],
    )  # fmt: skip


def test_columns_that_all_rows_share_are_said_once() -> None:
    columns, same = COLUMNS[:-2], dict(zip(COLUMNS[-2:], ROWS[0][-2:], strict=True))
    rows = [row[:-2] for row in ROWS]
    copy_rows("one", columns, rows, same)
    with together():
        copy_rows("other", columns, rows, same)
    assert stored("one") == stored("other")
    assert [json.loads(row[-2]) for row in stored("one")] == [{"k": 'v"\\\n', "n": [1, None]}] * 2
    assert [row[-1] for row in stored("one")] == [2**40] * 2


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 100, 1_001])
def test_any_number_of_rows_is_copied(count: int) -> None:
    copy_rows("one", ("word", "n"), ((f"w{n}", n) for n in range(count)))
    assert [(row[0], row[-1]) for row in stored("one")] == [(f"w{n}", n) for n in range(count)]


@pytest.mark.parametrize("good", [0, 120])
def test_a_row_that_cannot_be_made_stores_nothing_and_says_why(good: int) -> None:
    def rows() -> Iterator[tuple[Any, ...]]:
        yield from ((f"w{n}", n) for n in range(good))
        raise LookupError("no such thing")

    with pytest.raises(LookupError, match="no such thing"), transaction.atomic():
        copy_rows("one", ("word", "n"), rows())
    assert stored("one") == []


def test_what_the_server_refuses_is_its_own_fault() -> None:
    with pytest.raises(psycopg2.DataError, match="invalid input syntax"), transaction.atomic():
        copy_rows("one", ("n",), [("word",)])
    assert stored("one") == []


def test_together_is_one_message_in_order(django_assert_num_queries: Any) -> None:
    change = Prepared("UPDATE one SET n = n + $1", 1)
    with together():  # the first time plans them
        copy_rows("one", COLUMNS, ROWS)
        send(change, [1])
    with django_assert_num_queries(1), together():
        copy_rows("one", COLUMNS, ROWS)
        send(change, [1])
    assert [row[7] for row in stored("one")] == [1, 2, 2**40 + 1, 2**40 + 2]


def test_what_waits_can_be_sent_before_it_is_read() -> None:
    with together():
        copy_rows("one", COLUMNS, ROWS)
        assert stored("one") == []
        send_waiting()
        assert len(stored("one")) == 2
        copy_rows("other", COLUMNS, ROWS)
    assert (len(stored("one")), len(stored("other"))) == (2, 2)


def test_nothing_goes_over_after_a_fault() -> None:
    def fails() -> None:
        with together():
            copy_rows("one", COLUMNS, ROWS)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert stored("one") == []
    send_waiting()  # and nothing is left over
    assert stored("one") == []


def test_alone_it_is_executed_at_once() -> None:
    copy_rows("one", COLUMNS, ROWS)
    send(Prepared("DELETE FROM one WHERE n > $1", 1), [5])
    assert [row[7] for row in stored("one")] == [0]


def test_answers_that_are_equal_and_not_the_same_keep_their_text() -> None:
    for answers in ({"a": 1, "b": "x"}, {"a": True, "b": "x"}, {"a": 1.0, "b": ["x", "y"]}):
        assert Json.of_answers(answers).text == Json(answers).text
