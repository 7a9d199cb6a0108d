"""Statements the server plans once a connection, for the few that every customer's page sends: to
plan a join of seven tables takes it ten times as long as to run it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.backends.utils import CursorWrapper

# Of each session of the server, which is gone with its connection.
_known: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


class Prepared:
    """A statement; `text` has $1, $2 … where its `count` values go, in their order."""

    __slots__ = ("call", "name", "text")

    def __init__(self, text: str, count: int) -> None:
        self.text = text
        self.name = f"hp_{hashlib.sha256(text.encode()).hexdigest()[:24]}"
        places = f" ({', '.join(['%s'] * count)})" if count else ""
        self.call = f"EXECUTE {self.name}{places}"


def make_ready(cursor: CursorWrapper, statements: Iterable[Prepared]) -> None:
    """Prepare those that this connection does not know yet, so that their `call` may be sent, by
    itself or within a message of several."""
    known = _known.setdefault(connection.connection, set())
    missing = {each.name: each for each in statements if each.name not in known}
    if not missing:
        return
    # What failed half-way may have prepared some: a rollback does not take that back.
    cursor.execute("SELECT name FROM pg_prepared_statements")
    there = {row[0] for row in cursor.fetchall()}
    for name, each in missing.items():
        if name not in there:
            cursor.execute(f"PREPARE {name} AS {each.text}")
        known.add(name)


def execute(cursor: CursorWrapper, statement: Prepared, values: Sequence[Any]) -> None:
    """As cursor.execute."""
    make_ready(cursor, [statement])
    cursor.execute(statement.call, values)
