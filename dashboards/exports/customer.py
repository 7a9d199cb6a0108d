"""What is stored about a customer as one file for them: a workbook to read, JSON to take along."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from django.utils import timezone

from core.errors import InvalidInput
from core.exports import Sheet, write_xlsx
from customers.queries import Part

FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json; charset=utf-8",
}


def customer_file(parts: Sequence[Part], kind: str) -> bytes:
    """The parts as bytes, the same for the same data; InvalidInput for another kind."""
    if kind == "xlsx":
        target = BytesIO()
        write_xlsx(target, [Sheet(part.title, part.columns, part.rows) for part in parts])
        return target.getvalue()
    if kind != "json":
        raise InvalidInput(f"{kind}: {', '.join(FORMATS)}")
    data = {
        part.key: {
            "title": part.title,
            "columns": {column.key: str(column.title) for column in part.columns},
            "rows": [
                {column.key: _plain(value) for column, value in zip(part.columns, row, strict=True)}
                for row in part.rows
            ],
        }
        for part in parts
    }
    return json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    return value if value is None else str(value)
