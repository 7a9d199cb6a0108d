"""Answers over the API: batches of 500, each with an idempotency key."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import numpy as np
from django.db import connection, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.test import Client

from benchmarks.company import FIRST, QUESTIONS, Company
from benchmarks.harness import Row, measured
from core.api import MAX_ITEMS, create_client

SIZE = 20_000
PEOPLE = 2_000
_TABLES = {
    "response": "id", "responsekey": "response_id", "responsepersonal": "response_id",
    "verdict": "response_id", "rating": "response_id",
}  # fmt: skip


def run(size: int, runs: int) -> Iterator[Row]:
    company = Company()
    company.hire(PEOPLE)
    company.open_survey("API")
    _client, token = create_client("benchmark", ["responses"], actor=company.operator)
    sent = [_bodies(number, size) for number in range(runs)]

    client = Client(headers={"authorization": f"Bearer {token}"}, HTTP_HOST="127.0.0.1")

    def posted(body: bytes, key: str, status: int) -> None:
        answer = client.post(
            "/api/v1/responses/", body, content_type="application/json",
            headers={"idempotency-key": key},
        )  # fmt: skip
        if answer.status_code != status:
            raise RuntimeError(answer.content[:500])

    def taken(number: int) -> None:
        for place, body in enumerate(sent[number]):
            posted(body, f"{number}-{place}", 201)

    # By a process that has been asked before, as the served ones.
    company.open_survey("BEFORE")
    first = json.loads(sent[0][0])[0] | {"survey_code": "BEFORE", "response_no": "before"}
    posted(json.dumps([first]).encode(), "before", 201)
    job = measured("API, batches of 500", size, taken, runs=runs)
    copies = [_stored(f"R{number}-") for number in range(runs)]
    connections.close_all()

    def bare(number: int) -> None:
        for batch in copies[number]:
            _copied(batch)

    yield Row(job, measured("COPY of the rows it stored", size, bare, runs=runs), 1 / 0.34)


def _bodies(number: int, size: int) -> list[bytes]:
    """`size` answers over the year as the JSON of batches."""
    random = np.random.default_rng(number)
    marks = random.choice([1, 2, 3, 4, 5], p=[0.03, 0.05, 0.12, 0.35, 0.45], size=(size, QUESTIONS))
    people, days = random.integers(1, PEOPLE + 1, size), random.integers(0, 365, size)
    seconds = random.integers(60, 600, size)
    noon = datetime.datetime.combine(FIRST, datetime.time(12))
    items: list[dict[str, Any]] = []
    for i in range(size):
        began = noon + datetime.timedelta(days=int(days[i]))
        ended = began + datetime.timedelta(seconds=int(seconds[i]))
        items.append(
            {
                "survey_code": "API", "response_no": f"R{number}-{i}", "channel": "online",
                "employee_no": f"B{people[i]:07d}", "device": f"device-{number}-{i}",
                "started_at": began.isoformat(), "submitted_at": ended.isoformat(),
                "answers": {f"a{q:02d}": int(mark) for q, mark in enumerate(marks[i])},
            }
        )  # fmt: skip
    return [json.dumps(items[at : at + MAX_ITEMS]).encode() for at in range(0, size, MAX_ITEMS)]


def _stored(prefix: str) -> list[dict[str, str]]:
    """Batch by batch what a run has stored, table -> its rows as COPY writes them. The tables they
    go into have the columns and indexes of ours, but neither months nor keys to other tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM surveys_response WHERE response_no LIKE %s ORDER BY id", [f"{prefix}%"]
        )
        ids = [row[0] for row in cursor.fetchall()]
        for table in _TABLES:
            cursor.execute(
                f"CREATE TABLE IF NOT EXISTS bare_{table}"
                f" (LIKE surveys_{table} INCLUDING DEFAULTS INCLUDING INDEXES)"
            )
        return [
            {
                table: _rows(cursor, table, column, ids[at : at + MAX_ITEMS])
                for table, column in _TABLES.items()
            }
            for at in range(0, len(ids), MAX_ITEMS)
        ]


def _rows(cursor: CursorWrapper, table: str, column: str, ids: list[int]) -> str:
    text = StringIO()
    wanted = ",".join(map(str, ids))
    chosen = f"SELECT * FROM surveys_{table} WHERE {column} IN ({wanted})"  # noqa: S608
    cursor.copy_expert(f"COPY ({chosen}) TO STDOUT", text)
    return text.getvalue()


@transaction.atomic
def _copied(batch: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        for table, rows in batch.items():
            cursor.copy_expert(f"COPY bare_{table} FROM STDIN", StringIO(rows))
