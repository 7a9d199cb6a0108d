"""COPY of rows that Python made; values are written as text that PostgreSQL reads exactly."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from io import StringIO
from typing import Any

from django.db import connection

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
BATCH = 20_000


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows to a table within the current transaction, in batches of bounded size.

    dict becomes jsonb, list or tuple a text array; everything else its plain text; None NULL.
    """
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor:
        for text in _batches(rows):
            cursor.copy_expert(statement, StringIO(text))


def _batches(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    lines: list[str] = []
    for row in rows:
        lines.append("\t".join(map(_text, row)))
        if len(lines) == BATCH:
            yield "\n".join(lines) + "\n"
            lines = []
    if lines:
        yield "\n".join(lines) + "\n"


def _text(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Json):
        return value.text.translate(_ESCAPES)
    if isinstance(value, list | tuple):
        quoted = ",".join(
            '"' + str(v).replace("\\", "\\\\").replace('"', '\\"') + '"' for v in value
        )
        return "{" + quoted.translate(_ESCAPES) + "}"
    raise TypeError(f"{type(value).__name__} cannot be copied.")


class Json:
    """A value for a jsonb column, in one canonical text."""

    __slots__ = ("text",)

    def __init__(self, value: Any) -> None:
        self.text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
