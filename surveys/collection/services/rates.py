"""A brake on posting: so many within a span, per link and per network address."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection

from core.prepared import Prepared, make_ready

SPAN = 600  # seconds
MOST_PER_LINK = 120  # a questionnaire has some ten pages
MOST_PER_POSTER = 3000
MOST_PER_ADDRESS = 300  # a shop's customers may share one address

_COUNT = Prepared(
    """INSERT INTO surveys_answerrate (key, since, count)
    SELECT key, $1, 1 FROM unnest($2::text[]) AS key
    ON CONFLICT (key, since) DO UPDATE SET count = surveys_answerrate.count + 1
    RETURNING key, count""",
    2,
)
# A server that dies may forget the posts of its last second: no customer shall wait for a disk to
# keep a count of ten minutes. What a transaction around it stores stays as durable as it was.
_NO_WAIT = "SELECT set_config('synchronous_commit', 'off', true);\n"


def count_post(limits: Iterable[tuple[str, int]], *, now: datetime) -> bool:
    """Count one post against each (name, limit); False: one of them is over. One message.

    The names are stored as keyed hashes that change with each span, so that nobody can be
    followed by them.
    """
    start = int(now.timestamp()) // SPAN * SPAN
    keys = {_hashed(name, start): limit for name, limit in limits}
    with connection.cursor() as cursor:
        make_ready(cursor, [_COUNT])
        alone = "" if connection.in_atomic_block else _NO_WAIT
        cursor.execute(alone + _COUNT.call, [datetime.fromtimestamp(start, UTC), sorted(keys)])
        return all(count <= keys[key] for key, count in cursor.fetchall())


def _hashed(name: str, start: int) -> str:
    secret = settings.SECRET_KEY.encode()
    return hmac.new(secret, f"rate:{start}:{name}".encode(), hashlib.sha256).hexdigest()
