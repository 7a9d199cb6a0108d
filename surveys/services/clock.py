"""The moment a verdict is stamped with, so that reading as of a cut-off is exact.

Whoever judges holds Lock.VERDICTS shared and asks for the moment afterwards; whoever locks the data
of a period holds it alone. So when a cut-off is taken, every earlier judgement is committed, and
every later one is stamped after the cut-off, whatever the servers' clocks do.
"""

from datetime import datetime

from django.db import connection

from core.locks import Lock, take

# For who holds the lock already: the moment of a judgement.
MOMENT = """greatest(clock_timestamp(),
    (SELECT max(cutoff_at) FROM surveys_datalock) + interval '1 microsecond')"""


def judging_moment(*, wait_ms: int = 10_000) -> datetime:
    """Take the shared lock of those who judge, then the moment of this judgement."""
    take(Lock.VERDICTS, shared=True, wait_ms=wait_ms)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {MOMENT}")
        return _moment(cursor.fetchone())


def cutoff_moment(now: datetime | None) -> datetime:
    """Take the lock alone, then the moment of the cut-off: not before any judgement so far."""
    take(Lock.VERDICTS, wait_ms=30_000)
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(clock_timestamp(), %s::timestamptz)", [now])
        return _moment(cursor.fetchone())


def _moment(row: tuple[datetime] | None) -> datetime:
    assert row is not None
    return row[0]
