"""Service events, read from rows of a file or objects of the API; nothing is looked up here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.tables import Table, columns
from core.tables.cells import Cells, Faults, rows_of
from customers.models import Stage

REQUIRED = (
    "event_no",
    "customer_no",
    "customer_name",
    "phone",
    "email",
    "employee_no",
    "department_code",
    "stage",
    "channel",
    "occurred_at",
)


@dataclass(slots=True)
class EventRow:
    """One event as stated. Empty contact fields state nothing."""

    cells: Cells
    event_no: str
    customer_no: str
    name: str
    phone: str
    email: str
    employee_nos: tuple[str, ...]
    department_code: str
    stage: str
    channel: str
    occurred_at: datetime


@dataclass
class EventFile:
    """`rows` holds the faulty ones too, so that unknown numbers in them can be named."""

    faults: Faults
    rows: list[EventRow] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def take(self, cells: Cells) -> None:
        row = _row(cells)
        if row.event_no and row.event_no in self._seen:
            cells.fault("event_no", _("%(code)s stands in the file twice") % {"code": row.event_no})
        self._seen.add(row.event_no)
        self.rows.append(row)


def read_tables(tables: Sequence[Table]) -> EventFile:
    """Every row of the tables; faults of rows are collected, wrong columns are BadRows at once."""
    used = [table for table in tables if table.header or table.rows]
    if not used:
        raise InvalidInput(_("The file holds no table."))
    file = EventFile(Faults(many=len(used) > 1))
    for table in used:
        for cells in rows_of(table, columns(table, required=REQUIRED), file.faults):
            file.take(cells)
    return file


def read_items(items: Sequence[Mapping[str, Any]]) -> EventFile:
    """Objects of the API: the columns as keys, all values text (employee_no also a list of
    texts). Row 1 is the first object."""
    file = EventFile(Faults())
    for number, item in enumerate(items, start=1):
        values: dict[str, str | None] = {}
        cells = Cells(number, values, file.faults)
        for key, value in item.items():
            if key not in REQUIRED:
                cells.fault(key, _("the key is unknown"))
            elif value is None or isinstance(value, str):
                values[key] = value
            elif key == "employee_no" and _is_texts(value):
                values[key] = ";".join(value)
            else:
                cells.fault(key, _("must be a text"))
        file.take(cells)
    return file


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def _row(cells: Cells) -> EventRow:
    stage = cells.text("stage", longest=12, required=True)
    if stage and stage not in Stage.values:
        cells.fault("stage", _("must be one of %(known)s") % {"known": ", ".join(Stage.values)})
    numbers = tuple(no.strip() for no in cells.raw("employee_no").split(";") if no.strip())
    if len(set(numbers)) < len(numbers):
        cells.fault("employee_no", _("somebody is named twice"))
    department = cells.code("department_code", required=False)
    if not numbers and not department:
        cells.fault("employee_no", _("without an employee a department_code is required"))
    moment = cells.moment("occurred_at", required=True)
    return EventRow(
        cells=cells,
        event_no=cells.number("event_no", longest=60),
        customer_no=cells.number("customer_no", longest=60),
        name=cells.text("customer_name", longest=120),
        phone=cells.text("phone", longest=40),
        email=cells.email("email"),
        employee_nos=numbers,
        department_code=department,
        stage=stage,
        channel=cells.text("channel", longest=40),
        occurred_at=moment or datetime.min,  # noqa: DTZ901 - a faulty row is never used
    )
