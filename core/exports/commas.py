"""CSV: UTF-8 with BOM, LF, one header line."""

import datetime
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from core.exports.files import EVERY, OnProgress, local, to_file
from core.tables.text import neutralise

_QUOTED = re.compile(r'[",\r\n]')


def csv_cell(value: Any) -> str:
    """A value as CSV text: None is empty, numbers and dates plain, text neutralised and quoted."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = neutralise(value)
        return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime.datetime):
        return local(value).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, int | float):
        return repr(value)
    raise TypeError(f"{type(value).__name__} cannot be written to a CSV file.")


def write_csv(
    target: str | Path | IO[bytes],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    on_progress: OnProgress | None = None,
) -> int:
    """UTF-8 with BOM, LF, one header line; returns the number of rows. A path is written whole."""
    if isinstance(target, str | Path):
        with to_file(target) as file:
            return write_csv(file, columns, rows, on_progress=on_progress)
    count, lines = 0, ["\ufeff" + ",".join(map(csv_cell, columns))]
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"Row {count + 2} has {len(row)} cells, not {len(columns)}.")
        count += 1
        lines.append(",".join(map(csv_cell, row)))
        if count % EVERY == 0:
            target.write(("\n".join(lines) + "\n").encode())
            lines = []
            if on_progress is not None:
                on_progress(count)
    if lines:
        target.write(("\n".join(lines) + "\n").encode())
    if on_progress is not None:
        on_progress(count)
    return count
