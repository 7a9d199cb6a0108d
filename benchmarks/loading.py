"""Many rows at once into the tables of answers: durable, and quicker than one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection

TABLES = ("surveys_response", "surveys_verdict", "surveys_rating")
_SESSION = {
    "maintenance_work_mem": "1GB", "max_parallel_maintenance_workers": "2", "work_mem": "256MB",
    # Triggers and foreign keys rest: what is stored here follows from rows that are there.
    "session_replication_role": "replica",
}  # fmt: skip
# Of a partitioned table; those that are keys stay.
_INDEXES = """
SELECT indexrelid::regclass::text, replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')
FROM pg_index
WHERE indrelid = ANY(%s::regclass[])
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
ORDER BY 1
"""


@contextmanager
def loading(tables: Sequence[str] = TABLES) -> Iterator[None]:
    """Inside, the tables have no index but their keys, and rows are not checked one by one; after
    it the indexes are there again. For a database nobody else works with."""
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES, [list(tables)])
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        for name, value in _SESSION.items():
            cursor.execute(f"SET {name} = '{value}'")
        yield
        for _name, definition in indexes:
            cursor.execute(definition)
        for name in _SESSION:
            cursor.execute(f"RESET {name}")
