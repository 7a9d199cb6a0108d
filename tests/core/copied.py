"""A new database beside the test's own, and manage.py on it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.conf import settings
from django.db import connection
from psycopg2 import sql

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def administer(statement: str, name: str) -> None:
    """A statement about a database or a role, by whoever may make them."""
    own = settings.DATABASES["default"]
    access = {key.lower(): own[key] for key in ("HOST", "PORT", "USER", "PASSWORD") if own[key]}
    admin = psycopg2.connect(dbname="postgres", **access)
    admin.autocommit = True
    try:
        with admin.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(sql.Identifier(name)))
    finally:
        admin.close()


@contextmanager
def copied(folder: Path, name: str = "copy") -> Iterator["Copy"]:
    """A new database of that name; dropped at the end."""
    new = Copy(folder, name)
    administer("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", new.name)
    try:
        yield new
    finally:
        administer("DROP DATABASE {} WITH (FORCE)", new.name)


class Copy:
    """Without a table, until something is restored; its media in a folder of their own."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = f"{connection.settings_dict['NAME']}_{name}"
        self.media = folder / f"media of {name}"
        self.url = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + self.name))

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        own = {"DATABASE_URL": self.url, "MEDIA_ROOT": str(self.media)}
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=REPOSITORY, env={**os.environ, **own}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        database = psycopg2.connect(self.url)
        try:
            with database.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall()
        finally:
            database.close()

    def execute(self, statement: str) -> None:
        database = psycopg2.connect(self.url)
        try:
            with database, database.cursor() as cursor:
                cursor.execute(statement)
        finally:
            database.close()
