"""A database of its own for the benchmarks, beside the instance's, dropped at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

WHOLE = "whole"  # the comment on a database that may be used again


@contextmanager
def own_database(kept: str = "", *, keep: bool = False) -> Iterator[str]:
    """DATABASE_URL names a database without rows inside, or the one that an earlier run has kept
    under the name `kept`. Dropped at the end, unless it is to be kept and `mark_whole` has been
    called. The role must be allowed to create one."""
    address = os.environ["DATABASE_URL"]
    start = f"{urlsplit(address).path.lstrip('/')}_bench_"
    found = bool(kept) and _is_whole(address, start + kept)
    name = f"{start}{kept if found or keep else os.getpid()}"
    if not found:
        _drop(address, name)
        template = os.environ.get("TEMPLATE_DATABASE", "template0")
        _administer(address, "CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'", name, template)
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
    try:
        yield name
    finally:
        os.environ["DATABASE_URL"] = address
        if not (keep and _is_whole(address, name)):
            _drop(address, name)


def mark_whole() -> None:
    """The database of DATABASE_URL holds all it was made for."""
    address = os.environ["DATABASE_URL"]
    name = urlsplit(address).path.lstrip("/")
    _administer(address, f"COMMENT ON DATABASE {{}} IS '{WHOLE}'", name)


def _is_whole(address: str, name: str) -> bool:
    asked = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    return _administer(address, asked, values=[name]) == [(WHOLE,)]


def _drop(address: str, name: str) -> None:
    _administer(address, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _administer(address: str, statement: str, *names: str, values: Any = None) -> list[Any]:
    database = psycopg2.connect(address)
    database.autocommit = True
    try:
        with database.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)), values)
            return cursor.fetchall() if cursor.description else []
    finally:
        database.close()
