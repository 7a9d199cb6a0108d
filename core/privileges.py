"""What the application's database role may do. It owns no table: migrations run as the owner, the
web server and the workers as this role, so that not even a flaw in the application can change
rows that are evidence, or the triggers that guard them."""

import logging
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg2 import sql

from core.errors import InvalidInput

logger = logging.getLogger(__name__)

_TABLE_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"
_SEQUENCE_RIGHTS = "USAGE, SELECT, UPDATE"
_LATER = "ALTER DEFAULT PRIVILEGES IN SCHEMA public"

# Per guarded table: whether DELETE and UPDATE are refused, and the columns an UPDATE may change
# all the same: those the trigger names as arguments, or those its UPDATE OF list leaves out. A
# guard with a function of its own (a row that may only be ended) judges each UPDATE itself.
_GUARDED = """
SELECT c.relname,
       bool_or(t.tgtype & 8 > 0) AS no_delete,
       bool_or(t.tgtype & 16 > 0 AND f.proname = 'hp_append_only') AS no_update,
       (SELECT array_agg(a.attname::text ORDER BY a.attnum)
          FROM pg_attribute a
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
           AND NOT EXISTS (
               SELECT FROM pg_trigger u
                WHERE u.tgrelid = c.oid AND u.tgname LIKE 'append\\_only%%' AND u.tgtype & 16 > 0
                  AND CASE WHEN cardinality(u.tgattr::int2[]) > 0
                           THEN a.attnum = ANY (u.tgattr::int2[])
                           ELSE NOT a.attname = ANY (
                               string_to_array(encode(u.tgargs, 'escape'), '\\000')) END
           )) AS mutable
  FROM pg_trigger t
  JOIN pg_class c ON c.oid = t.tgrelid
  JOIN pg_proc f ON f.oid = t.tgfoid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'public' AND t.tgname LIKE 'append\\_only%%'
 GROUP BY c.oid, c.relname
 ORDER BY c.relname
"""


@transaction.atomic
def grant(role: str) -> int:
    """Give the role what the application needs, and no more; returns the number of tables whose
    rows it may not change. Repeatable. The connection must be the tables' owner's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user = %s, EXISTS (SELECT FROM pg_roles WHERE rolname = %s)",
            [role, role],
        )
        is_self, exists = cursor.fetchone()
        if not exists:
            raise InvalidInput(f"There is no database role {role!r}.")
        if is_self:
            raise InvalidInput(
                "The role is the owner's own; there is nothing to grant or withhold."
            )
        _grant_all(cursor, role)
        _run(cursor, "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}", role)
        cursor.execute(_GUARDED)
        guarded = cursor.fetchall()
        for table, no_delete, no_update, mutable in guarded:
            _withhold(cursor, role, table, no_delete, mutable or [] if no_update else None)
    return len(guarded)


def _grant_all(cursor: CursorWrapper, role: str) -> None:
    for text in (
        "GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT {_TABLE_RIGHTS} ON ALL TABLES IN SCHEMA public TO {{role}}",
        f"GRANT {_SEQUENCE_RIGHTS} ON ALL SEQUENCES IN SCHEMA public TO {{role}}",
        "GRANT EXECUTE ON ALL ROUTINES IN SCHEMA public TO {role}",
        f"{_LATER} GRANT {_TABLE_RIGHTS} ON TABLES TO {{role}}",
        f"{_LATER} GRANT {_SEQUENCE_RIGHTS} ON SEQUENCES TO {{role}}",
        f"{_LATER} GRANT EXECUTE ON ROUTINES TO {{role}}",
    ):
        _run(cursor, text, role)


def _withhold(
    cursor: CursorWrapper, role: str, table: str, no_delete: bool, mutable: list[str] | None
) -> None:
    """`mutable` None: every column may change."""
    name = sql.Identifier(table)
    _run(cursor, "REVOKE TRUNCATE ON {table} FROM {role}", role, table=name)
    if no_delete:
        _run(cursor, "REVOKE DELETE ON {table} FROM {role}", role, table=name)
    if mutable is None:
        return
    _run(cursor, "REVOKE UPDATE ON {table} FROM {role}", role, table=name)
    if mutable:
        columns = sql.SQL(", ").join(map(sql.Identifier, mutable))
        _run(
            cursor,
            "GRANT UPDATE ({columns}) ON {table} TO {role}",
            role,
            table=name,
            columns=columns,
        )


def _run(cursor: CursorWrapper, text: str, role: str, **parts: Any) -> None:
    cursor.execute(sql.SQL(text).format(role=sql.Identifier(role), **parts))
