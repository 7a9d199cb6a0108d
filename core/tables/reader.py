"""Open a file of unknown quality: which kind it is, how large it may be, what its cells say."""

import csv
import datetime
import io
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.garbage import resting
from core.tables import workbook
from core.tables.model import Errors, Row, Table, letters
from core.tables.text import restore

MAX_FILE = 200 * 1024 * 1024
MAX_CELL = 32_767  # what a spreadsheet cell can hold
MAX_ROWS = 2_000_000
MAX_COLUMNS = 1_000
MAX_ERRORS = 1_000  # a file wrong in every row needs no million lines to say so


class File(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


@resting()
def read(source: str | Path | File, *, sheet: str | None = None) -> list[Table]:
    """The tables of a CSV (UTF-8, BOM or not, GB18030) or XLSX file; see core.tables.

    Empty sheets are left out. `sheet` asks for one by name. Unreadable, too large or hostile
    files: InvalidInput; faulty cells: BadRows with each row and column.
    """
    name, raw = _load(source)
    if raw.startswith(b"PK\x03\x04"):
        named: Iterable[tuple[str, Iterable[list[Any]]]] = workbook.sheets(raw, sheet)
    elif raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise InvalidInput(
            _("This is an old .xls or an encrypted workbook; save it as plain .xlsx.")
        )
    elif sheet is not None:
        raise InvalidInput(_("A CSV file has no sheets."))
    else:
        named = [(Path(name).stem, _csv_rows(_decode(raw)))]
    errors = Errors()
    tables = []
    for title, rows in named:
        if (table := _table(title, rows, errors)) is not None:
            tables.append(table)
    errors.raise_if_any()
    if not tables:
        raise InvalidInput(_("The file is empty."))
    return tables


def _load(source: str | Path | File) -> tuple[str, bytes]:
    if isinstance(source, str | Path):
        try:
            with Path(source).open("rb") as file:
                raw = file.read(MAX_FILE + 1)
        except OSError as error:
            raise InvalidInput(
                _("%(path)s cannot be read: %(error)s.")
                % {"path": source, "error": error.strerror or error}
            ) from error
        name = str(source)
    else:
        raw, name = source.read(MAX_FILE + 1), str(getattr(source, "name", "") or "table")
    if len(raw) > MAX_FILE:
        raise InvalidInput(
            _("The file is larger than %(size)d MB.") % {"size": MAX_FILE // 1024 // 1024}
        )
    return name, raw


# --- CSV ---------------------------------------------------------------------------------------


def _decode(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidInput(_("The file is UTF-16; save it as UTF-8."))
    has_mark = raw.startswith(b"\xef\xbb\xbf")
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        # GB18030 reads almost anything. Where most letters are sound UTF-8, a damaged byte must
        # not turn every name of the file into other characters.
        around = raw.decode("utf-8", errors="replace")
        broken = around.count("\ufffd")
        sound = sum(1 for letter in around if letter > "\x7f") - broken
        if has_mark or sound > broken:
            row = raw.count(b"\n", 0, error.start) + 1
            raise InvalidInput(
                _("Row %(row)d holds a byte that is not UTF-8.") % {"row": row}
            ) from error
    try:
        return raw.decode("gb18030")
    except UnicodeDecodeError as error:
        raise InvalidInput(_("The file is neither UTF-8 nor GB18030 text.")) from error


def _csv_rows(text: str) -> Iterator[list[str]]:
    # The csv module takes at most 131,072 characters a field: one cell cannot fill the memory.
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    try:
        for number, row in enumerate(rows, start=1):  # noqa: B007 - used in the except
            yield row
    except csv.Error as error:
        raise InvalidInput(
            _("Row %(row)d is not CSV: %(error)s.") % {"row": number + 1, "error": error}
        ) from error


# --- cells -------------------------------------------------------------------------------------


class _Fault(ValueError):
    """What is wrong with a cell."""


def _text(value: str) -> str | None:
    value = value.strip()
    if not value:
        return None
    if len(value) > MAX_CELL:
        raise _Fault(_("the text has more than %(count)d characters") % {"count": MAX_CELL})
    if "\x00" in value:
        raise _Fault(_("the text holds a NUL character"))
    return restore(value) if value[0] == "'" else value


def _number(value: float) -> str:
    if abs(value) >= 1e15:
        raise _Fault(_("a number of more than 15 digits loses its last ones; store it as text"))
    if value.is_integer():
        return str(int(value))
    text = repr(value)
    if len(text) > 16:
        text = f"{value:.15g}"  # a spreadsheet keeps 15 digits; the rest is noise of the format
    return f"{Decimal(text):f}" if "e" in text else text


_CELLS: dict[type, Callable[[Any], str | None]] = {
    str: _text,
    float: _number,
    int: lambda value: _number(float(value)) if abs(value) < 1e15 else _number(1e15),
    bool: lambda value: "true" if value else "false",
    datetime.date: datetime.date.isoformat,
    datetime.datetime: datetime.datetime.isoformat,
    datetime.time: datetime.time.isoformat,
    datetime.timedelta: str,
    type(None): lambda value: None,
}


def _table(title: str, rows: Iterable[list[Any]], errors: Errors) -> Table | None:
    stream = iter(rows)
    header = _header(next(stream, []), errors)
    width = len(header)
    blank: Row = (None,) * width
    body: list[Row] = []
    last = 0
    for cells in stream:
        if not header and any(cells):
            raise InvalidInput(_("Row 1 must hold the column names."))
        try:
            row: Row = tuple([_CELLS[type(cell)](cell) for cell in cells])
        except _Fault:
            row = _faulty(cells, header, len(body) + 2, errors)
        if len(row) != width:
            row = _fit(row, header, len(body) + 2, errors)
        body.append(row)
        if row != blank:
            last = len(body)
        if len(body) > MAX_ROWS:
            raise InvalidInput(_("More than %(count)d rows.") % {"count": MAX_ROWS})
        if len(errors) > MAX_ERRORS:
            errors.raise_if_any()
    del body[last:]  # rows that were formatted and never filled
    return Table(title, header, body) if header else None


def _header(cells: list[Any], errors: Errors) -> tuple[str, ...]:
    if len(cells) > MAX_COLUMNS:
        raise InvalidInput(_("More than %(count)d columns.") % {"count": MAX_COLUMNS})
    names = []
    for place, cell in enumerate(cells):
        try:
            names.append(_CELLS[type(cell)](cell))
        except _Fault as fault:
            names.append("")
            errors.add(1, letters(place), fault)
    while names and names[-1] is None:
        names.pop()
    for place, name in enumerate(names):
        if name is None:
            errors.add(1, letters(place), _("the column has no name"))
    return tuple(re.sub(r"\s+", " ", name or "") for name in names)


def _faulty(cells: list[Any], header: tuple[str, ...], number: int, errors: Errors) -> Row:
    row: list[str | None] = []
    for place, cell in enumerate(cells):
        try:
            row.append(_CELLS[type(cell)](cell))
        except _Fault as fault:
            row.append(None)
            errors.add(number, header[place] if place < len(header) else letters(place), fault)
    return tuple(row)


def _fit(row: Row, header: tuple[str, ...], number: int, errors: Errors) -> Row:
    width = len(header)
    for place in range(width, len(row)):
        if row[place] is not None:
            errors.add(number, letters(place), _("the cell stands beside the table"))
            break
    return row[:width] + (None,) * (width - len(row))
