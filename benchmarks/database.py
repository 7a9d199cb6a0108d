"""A database of its own for the benchmarks, beside the instance's, dropped at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql


@contextmanager
def own_database() -> Iterator[str]:
    """DATABASE_URL names a database without rows inside. The role must be allowed to create one."""
    address = os.environ["DATABASE_URL"]
    template = os.environ.get("TEMPLATE_DATABASE", "template0")
    name = f"{urlsplit(address).path.lstrip('/')}_bench_{os.getpid()}"
    _administer(address, "CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'", name, template)
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
    try:
        yield name
    finally:
        os.environ["DATABASE_URL"] = address
        _administer(address, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _administer(address: str, statement: str, *names: str) -> None:
    database = psycopg2.connect(address)
    database.autocommit = True
    try:
        with database.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
    finally:
        database.close()
