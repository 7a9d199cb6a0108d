"""Copies of the test's database, so that the same step starts from the same rows each time, and
what a database holds, written so that two runs can be compared byte for byte."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.apps import apps
from django.db import connection, connections

from core.models import AuditEntry
from tests.conftest_worker import eventually

# What a run that was disturbed may hold differently: who worked on what when and how often
# somebody asked, not what came out.
PASSING = ("core.Job", "core.JobChunk", "core.Heartbeat", "surveys.AnswerRate")
# Of audit rows: their order is compared, and what they are about, but not the server's own clock
# and count of transactions.
OF_THE_SERVER = {"id", "xid", "at"}
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d:\d\d")
OURS = ("core", "organization", "customers", "surveys", "assessments", "incentives")


class Copies:
    """`fresh()` leads the test to a new copy of what its database held at the beginning."""

    def __init__(self) -> None:
        self._base = str(connection.settings_dict["NAME"])
        self._copy = f"{self._base}_copy"

    def fresh(self) -> None:
        self.drop()
        with self._server() as cursor:
            eventually(lambda: self._unused(cursor, self._base))
            cursor.execute(f'CREATE DATABASE "{self._copy}" TEMPLATE "{self._base}"')
        connection.settings_dict["NAME"] = self._copy

    def drop(self) -> None:
        """Back to the test's own database."""
        connections.close_all()
        connection.settings_dict["NAME"] = self._base
        with self._server() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{self._copy}" WITH (FORCE)')

    def _server(self) -> Any:
        connections.close_all()
        return connection._nodb_cursor()

    @staticmethod
    def _unused(cursor: Any, name: str) -> bool:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [name])
        return bool(cursor.fetchone()[0] == 0)


def content() -> str:
    """Every row of every table of ours, a line each. Keys are written as ranks within their table:
    a transaction that was rolled back has used numbers up, and nothing else may show of it."""
    known = [m for m in apps.get_models(include_auto_created=True) if m._meta.app_label in OURS]
    ranks: dict[str, dict[Any, int]] = {}
    for model in known:
        key = "id" if _has_id(model) else "pk"  # of a partitioned table the pk is more than the id
        ids = model._default_manager.order_by(key).values_list(key, flat=True)
        ranks[model._meta.db_table] = {pk: rank for rank, pk in enumerate(ids, start=1)}
    lines = []
    for model in known:
        if model._meta.label in PASSING:
            continue
        for row in model._default_manager.order_by("pk").values():
            hidden = OF_THE_SERVER if model is AuditEntry else set()
            fields = (f for f in model._meta.fields if f.attname in row.keys() - hidden)
            shown = {f.attname: _shown(f, row[f.attname], ranks) for f in fields}
            if model is AuditEntry:
                shown["object_id"] = _named(row["object_type"], row["object_id"], ranks)
            text = json.dumps(shown, ensure_ascii=False, sort_keys=True, default=str)
            lines.append(f"{model._meta.label} {text}")
    return _TIME.sub(_unless_of_the_server, "\n".join(lines) + "\n")


def _unless_of_the_server(found: re.Match[str]) -> str:
    """A time the server took from its own clock is within minutes of now; the clock of a test that
    compares stands still an hour ahead."""
    real = datetime.fromtimestamp(time_machine.escape_hatch.time.time(), UTC)
    close = abs(datetime.fromisoformat(found[0]) - real) < timedelta(minutes=30)
    return "now" if close else found[0]


def _has_id(model: Any) -> bool:
    return any(field.attname == "id" for field in model._meta.fields)


def _named(label: str, key: str, ranks: dict[str, dict[Any, int]]) -> Any:
    """The rank of what an audit row is about."""
    if not label or not key.isdigit():
        return key
    return ranks.get(apps.get_model(label)._meta.db_table, {}).get(int(key), key)


def _shown(field: Any, value: Any, ranks: dict[str, dict[Any, int]]) -> Any:
    if isinstance(value, memoryview):
        return bytes(value).hex()
    if field.attname == "id" and isinstance(value, int):
        return ranks[field.model._meta.db_table][value]
    if field.attname == "response_id":  # of a partitioned table, so without a foreign key
        return ranks["surveys_response"].get(value)
    target = field.related_model
    if target is not None and value is not None:
        return ranks.get(target._meta.db_table, {}).get(value, value)
    return value
