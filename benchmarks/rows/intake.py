"""Answers over the API: batches of 500, each with an idempotency key."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import numpy as np
from django.db import connection
from django.test import Client

from benchmarks.company import FIRST, QUESTIONS, Company
from benchmarks.harness import Row, measured
from core.api import MAX_ITEMS, create_client

SIZE = 20_000
PEOPLE = 2_000


def run(size: int, runs: int) -> Iterator[Row]:
    company = Company()
    company.hire(PEOPLE)
    company.open_survey("API")
    _client, token = create_client("benchmark", ["responses"], actor=company.operator)
    sent = [_bodies(number, size) for number in range(runs)]

    def taken(number: int) -> None:
        client = Client(headers={"authorization": f"Bearer {token}"}, HTTP_HOST="127.0.0.1")
        for place, body in enumerate(sent[number]):
            answer = client.post(
                "/api/v1/responses/", body, content_type="application/json",
                headers={"idempotency-key": f"{number}-{place}"},
            )  # fmt: skip
            if answer.status_code != 201:
                raise RuntimeError(answer.content[:500])

    def bare(number: int) -> None:
        for body in sent[number]:
            _copied(body)

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bare_intake (survey text, no text, who text, began timestamptz,"
            " ended timestamptz, answers jsonb, PRIMARY KEY (survey, no))"
        )
    job = measured("API, batches of 500", size, taken, runs=runs)
    yield Row(job, measured("COPY of the same rows", size, bare, runs=runs), 1 / 0.34)


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


def _copied(body: bytes) -> None:
    text = StringIO()
    for item in json.loads(body):
        text.write(
            f"{item['survey_code']}\t{item['response_no']}\t{item['employee_no']}"
            f"\t{item['started_at']}\t{item['submitted_at']}\t{json.dumps(item['answers'])}\n"
        )
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert("COPY bare_intake FROM STDIN", text)
