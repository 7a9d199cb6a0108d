"""Named advisory locks: one list, only inside a transaction, before row locks, short wait."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from core.errors import Busy


class Lock(IntEnum):
    """What can be locked; the number is the lock's address, so never reuse one."""

    AUDIT = 1
    CALENDAR = 2
    IDEMPOTENCY = 3
    OPERATOR = 4
    ROSTER = 10
    ATTENDANCE = 11
    ROLES = 12
    CUSTOMERS = 20
    EVENTS = 21
    QUESTIONNAIRE = 30
    SURVEY = 31
    RESPONSES = 32
    VERDICTS = 33
    PARTITIONS = 34
    ROLLUPS = 35
    INVITATIONS = 36
    SCHEME = 50
    MEASUREMENTS = 51
    PERIOD = 52
    SCORECARD = 53
    POLICY = 60
    PROPOSAL = 61
    AWARD = 62
    LEDGER = 63
    APPEAL = 64
    PAYROLL = 65
    RECOVERY = 66
    JURISDICTION = 67


_BUSY = {"55P03", "40P01"}  # lock_not_available (timeout), deadlock_detected


def _address(key: int | str) -> int:
    """A signed 32-bit number for the key; small whole numbers stand for themselves."""
    if isinstance(key, int) and -(2**31) <= key < 2**31:
        return key
    digest = hashlib.blake2b(str(key).encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big", signed=True)


_FUNCTION = {False: "pg_advisory_xact_lock", True: "pg_advisory_xact_lock_shared"}

# One message to the server: a small page takes three locks.
_WAIT = """SELECT set_config('hp.lock_timeout', current_setting('lock_timeout'), true);
SELECT set_config('lock_timeout', %%s, true);
SELECT %s(%%s, key) FROM unnest(%%s::int[]) AS key;
SELECT set_config('lock_timeout', current_setting('hp.lock_timeout'), true)"""


def take(lock: Lock, key: int | str = 0, *, shared: bool = False, wait_ms: int = 5000) -> None:
    """Hold the lock until the transaction ends. After `wait_ms`: Busy, nothing broken.

    Two keys may share an address by chance (1 in 4 billion): they then wait for each other, which
    costs time and never correctness.
    """
    _take(lock, [_address(key)], shared, wait_ms)


def take_all(lock: Lock, keys: Iterable[int | str], *, wait_ms: int = 5000) -> None:
    """As take, of many keys in one statement; at most some thousands, the server's table of locks
    is finite. In the order of their addresses, so that two who want the same never block each
    other."""
    _take(lock, sorted({_address(key) for key in keys}), False, wait_ms)


def _limit(wait_ms: int) -> str:
    return f"{max(1, wait_ms)}ms"


def _take(lock: Lock, addresses: list[int], shared: bool, wait_ms: int) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("An advisory lock needs a transaction.")
    # The savepoint keeps the transaction usable when the wait times out.
    with or_busy(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_WAIT % _FUNCTION[shared], [_limit(wait_ms), int(lock), addresses])


def message(
    wanted: Sequence[tuple[Lock, int | str, bool]], *, wait_ms: int
) -> tuple[str, list[Any]]:
    """The beginning of a message to the server that takes locks, (lock, key, shared) each in this
    order, before it goes on: (statements, values). To be sent within `or_busy`.

    From then on nothing in the transaction waits longer, be it for a row.
    """
    statements = ["SELECT set_config('lock_timeout', %s, true)"]
    values: list[Any] = [_limit(wait_ms)]
    for lock, key, shared in wanted:
        statements.append(f"SELECT {_FUNCTION[shared]}(%s, %s)")
        values += [int(lock), _address(key)]
    return ";\n".join(statements), values


@contextmanager
def or_busy() -> Iterator[None]:
    """A wait inside that took too long, or a deadlock, becomes Busy."""
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) not in _BUSY:
            raise
        raise Busy(
            _("Somebody else is working on this right now. Please try again in a moment.")
        ) from error
