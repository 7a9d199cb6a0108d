"""A transaction of few messages: its beginning and its end travel with what is asked in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import Error, connection, transaction
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, TRANSACTION_STATUS_UNKNOWN


@dataclass(frozen=True, slots=True)
class Ends:
    """What the first message begins with, and what the last one may end with; empty where a
    transaction is under way already."""

    first: str = ""
    last: str = ""


@contextmanager
def brief_transaction() -> Iterator[Ends]:
    """As `transaction.atomic()`, which it is to everything inside; the caller writes `first` before
    its first statement and may write `last` after its last one, whose rows nobody reads.

    Whatever was not ended by then is committed at the end, or rolled back after an error.
    """
    nested = connection.in_atomic_block
    with transaction.atomic():
        if nested:
            yield Ends()
            return
        session = connection.connection
        # The driver sends a BEGIN of its own otherwise, and alone.
        session.autocommit = True
        ended = TRANSACTION_STATUS_IDLE, TRANSACTION_STATUS_UNKNOWN  # unknown: the session is gone
        try:
            yield Ends("BEGIN;\n", ";\nCOMMIT")
            if session.info.transaction_status not in ended:
                _end("ROLLBACK" if connection.needs_rollback else "COMMIT")
        except BaseException:
            if session.info.transaction_status not in ended:
                _roll_back()
            raise


def _roll_back() -> None:
    """Else the session goes: what it has begun must not meet the next request."""
    try:
        _end("ROLLBACK")
    except Error:
        connection.connection.close()


def _end(word: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(word)
