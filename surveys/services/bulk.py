"""COPY of rows that Python made; values are written as text that PostgreSQL reads exactly. A few
rows of many tables go over in one message instead."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from itertools import islice
from typing import Any

import psycopg2
from django.db import connection

from core.prepared import Prepared, execute, make_ready

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
PIECE = 50  # rows, some kilobytes
_waiting: ContextVar[list[tuple[Prepared, Sequence[Any]]] | None] = ContextVar(
    "waiting", default=None
)


@contextmanager
def together(last: str = "") -> Iterator[None]:
    """Inside, `copy_rows` and `send` wait for the end and go over in one message: for an answer by
    itself, of which each table's own would cost more than the row. What reads the rows before the
    end calls `send_waiting` first. `last` goes after them (core.brief.Ends)."""
    token = _waiting.set([])
    try:
        yield
        send_waiting(last)
    finally:
        _waiting.reset(token)


def send(statement: Prepared, values: Sequence[Any]) -> None:
    """Execute a statement whose result nobody asks for."""
    waiting = _waiting.get()
    if waiting is not None:
        waiting.append((statement, values))
        return
    with connection.cursor() as cursor:
        execute(cursor, statement, values)


def send_waiting(last: str = "") -> None:
    """What waits inside `together` is executed now; elsewhere nothing waits."""
    waiting = _waiting.get()
    if not waiting:
        return
    with connection.cursor() as cursor:
        make_ready(cursor, [statement for statement, _values in waiting])
        calls = ";\n".join([statement.call for statement, _values in waiting])
        cursor.execute(calls + last, [value for _statement, values in waiting for value in values])
    waiting.clear()


@lru_cache(maxsize=64)
def _insertion(table: str, columns: Sequence[str]) -> Prepared:
    places = ", ".join([f"${number}" for number in range(1, len(columns) + 1)])
    # The names of table and columns are constants of the callers.
    text = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608
    return Prepared(text, len(columns))


def _plain(value: Any) -> Any:
    """As a parameter: what COPY reads from a text, PostgreSQL reads from a literal alike."""
    if isinstance(value, Json):
        return value.text
    return array_text(value) if isinstance(value, list | tuple) else value


def copy_rows(
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    same: Mapping[str, Any] | None = None,
) -> None:
    """Append rows to a table within the current transaction. `same`: further columns, whose value
    is that of every row.

    Json becomes jsonb, list or tuple a text array; None NULL; other values their plain text. The
    server takes in what is written while the next rows are made; so making them asks it nothing.
    """
    same = same or {}
    names = (*columns, *same)
    if _waiting.get() is not None:
        for row in rows:
            send(_insertion(table, names), [_plain(value) for value in (*row, *same.values())])
        return
    statement = f"COPY {table} ({', '.join(names)}) FROM STDIN"
    with connection.cursor() as cursor:
        lines = _Lines(rows, same.values())
        if lines.empty:
            return
        try:
            cursor.copy_expert(statement, lines)
        except psycopg2.Error:
            if lines.fault is not None:  # it is no fault of the server
                raise lines.fault from None
            raise


class _Lines:
    """Rows as a file that COPY reads, made piece by piece while they are read."""

    def __init__(self, rows: Iterable[Sequence[Any]], same: Iterable[Any]) -> None:
        self._rows = iter(rows)
        self._end = "".join([f"\t{_TEXT_OF[type(value)](value)}" for value in same]) + "\n"
        self._first: str | None = self._next()
        self.empty = not self._first
        self.fault: Exception | None = None

    def _next(self) -> str:
        end = self._end
        return "".join(
            [
                "\t".join([_TEXT_OF[type(value)](value) for value in row]) + end
                for row in islice(self._rows, PIECE)
            ]
        )

    def read(self, _size: int = -1) -> str:
        """The next piece, of any size; empty at the end."""
        first, self._first = self._first, None
        if first is not None:
            return first
        try:
            return self._next()
        except Exception as error:
            self.fault = error
            raise


class Json:
    """A value for a jsonb column, in one canonical text."""

    __slots__ = ("text",)

    def __init__(self, value: Any) -> None:
        self.text = _encode(value)

    @classmethod
    def of_answers(cls, answers: Mapping[str, Any]) -> "Json":
        """The same text, put together: the few different answers come over and over."""
        made = cls.__new__(cls)
        try:
            made.text = f"{{{','.join(map(_member, answers.keys(), answers.values()))}}}"
        except TypeError:  # a list of choices
            made.text = _encode(answers)
        return made


@lru_cache(maxsize=10_000, typed=True)  # 1 and true are equal, and not the same
def _member(code: str, value: Any) -> str:
    return _encode({code: value})[1:-1]


EMPTY = Json({})


def _escaped(text: str) -> str:
    # Most texts need no escape, and asking is cheaper than translating.
    return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)


def array_text(values: Iterable[Any]) -> str:
    """Numbers and texts as the text of a PostgreSQL array; None becomes NULL."""
    return "{" + ",".join([str(v) if type(v) is int else _element(v) for v in values]) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


def _array(values: Sequence[Any]) -> str:
    return _escaped(array_text(values))


_TEXT_OF: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "\\N",
    str: _escaped,
    int: str,
    bool: lambda value: "t" if value else "f",
    date: lru_cache(maxsize=4096)(date.isoformat),  # the same few days over and over
    datetime: datetime.isoformat,
    Json: lambda value: _escaped(value.text),
    list: _array,
    tuple: _array,
}
