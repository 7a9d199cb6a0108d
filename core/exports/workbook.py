"""XLSX by rust_xlsxwriter; here only what a cell may hold, and the clock taken out of the file."""

import datetime
import math
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _
from rustpy_xlsxwriter import Format, write_worksheets

from core.errors import InvalidInput
from core.exports.files import EVERY, OnProgress, local, to_file
from core.tables.text import neutralise

MAX_ROWS = 1_048_576  # of one sheet, the header included
_MAX_TEXT = 32_767
_CLOCK, _FIXED = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), b"1980-01-01T00:00:00Z"
_WHOLE = re.compile(rb"(<v>-?[0-9]+)\.0</v>")
_CHUNK = 1 << 20


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    text: str = value if type(value) is str else str(value)
    if text[0] in "'=+-@\t\r\n＝＋－＠":
        text = neutralise(text)
    if len(text) > _MAX_TEXT:
        raise InvalidInput(
            _("A cell takes %(most)d characters, not %(count)d.")
            % {"most": _MAX_TEXT, "count": len(text)}
        )
    return text


def _number(value: Any) -> float | None:
    """The double a cell holds, which is what Excel calculates with."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError(f"{value!r} is not a number.")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value!r} cannot stand in a cell.")
    return number


def _exact(value: Any) -> float | None:
    """A number whose every digit counts, of which Excel keeps fifteen."""
    number = _number(value)
    if number is not None and Decimal(f"{number:.15g}") != value:
        raise ValueError(f"{value!r} has more digits than a cell keeps.")
    return number


def _money(value: Any) -> float | None:
    if isinstance(value, float):
        raise TypeError("Money is never a float.")
    return _exact(value)


def _date(value: Any) -> datetime.date | None:
    return value if value is None or type(value) is datetime.date else local(value).date()


def _datetime(value: Any) -> datetime.datetime | None:
    return None if value is None else local(value)


# kind -> how a cell shows its value, what the library is given for it.
_KINDS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "text": ("@", _text),
    "int": ("General", _exact),
    "number": ("General", _number),
    "money": ("#,##0.00", _money),
    "date": (r"yyyy\-mm\-dd", _date),
    "datetime": (r"yyyy\-mm\-dd\ hh:mm:ss", _datetime),
}
KINDS = tuple(_KINDS)


@dataclass(frozen=True)
class Column:
    """A column of a sheet. `kind` is one of KINDS; ids are text; money is yuan with two places."""

    key: str
    title: str
    kind: str = "text"
    width: float = 14

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise ValueError(f"Unknown kind of column: {self.kind!r}.")


@dataclass(frozen=True)
class Sheet:
    """A sheet: rows are sequences in column order or mappings by column key."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Any] = field(default=())


def write_xlsx(
    target: str | Path | IO[bytes],
    sheets: Sequence[Sheet],
    *,
    on_progress: OnProgress | None = None,
) -> int:
    """A workbook, sheet by sheet, row by row; returns the number of rows without headings.

    `target` is a path (written whole or not at all) or a binary file, which may be a stream.
    """
    if isinstance(target, str | Path):
        with to_file(target) as file:
            return write_xlsx(file, sheets, on_progress=on_progress)
    _check_names(sheets)
    records = _Records(on_progress)
    formats = {kind: Format().set_num_format(shown) for kind, (shown, _given) in _KINDS.items()}
    heading = Format().set_bold().set_num_format("@")
    # Given a path the library writes in constant memory, given an object it does not. This path
    # leads to a file without a name, so nothing stays behind however the process ends.
    with tempfile.TemporaryFile() as draft:
        write_worksheets(
            [(sheet.name, records.of(sheet)) for sheet in sheets],
            f"/dev/fd/{draft.fileno()}",
            freeze_panes={sheet.name: {"row": 1, "col": 0} for sheet in sheets},
            column_widths={sheet.name: [float(c.width) for c in sheet.columns] for sheet in sheets},
            column_formats={
                sheet.name: [formats[c.kind] for c in sheet.columns] for sheet in sheets
            },
            header_format={sheet.name: heading for sheet in sheets},
            autofilter={sheet.name: True for sheet in sheets},
        )
        _pack(draft, target)
    return records.count


def _check_names(sheets: Sequence[Sheet]) -> None:
    names = [sheet.name for sheet in sheets]
    if not names or len({name.lower() for name in names}) != len(names):
        raise ValueError("A workbook needs sheets with different names.")
    for name in names:
        if not 1 <= len(name) <= 31 or re.search(r"[\[\]:*?/\\]|^'|'$", name):
            raise ValueError(f"{name!r} cannot be the name of a sheet.")
    for sheet in sheets:
        titles = {column.title for column in sheet.columns}
        if not titles or len(titles) != len(sheet.columns):
            raise ValueError(f"The sheet {sheet.name!r} needs columns with different titles.")


class _Records:
    """The rows as the library takes them, made one at a time, and their number so far."""

    def __init__(self, on_progress: OnProgress | None) -> None:
        self.count = 0
        self.on_progress = on_progress or (lambda done: None)

    def of(self, sheet: Sheet) -> Iterator[dict[str, Any]]:
        """Cells by title. A sheet without rows gives one of empty cells, for its heading."""
        keys = [column.key for column in sheet.columns]
        titles = [_text(column.title) or "" for column in sheet.columns]
        given = [_KINDS[column.kind][1] for column in sheet.columns]
        number = 1
        for number, row in enumerate(sheet.rows, start=2):
            if number > MAX_ROWS:
                raise InvalidInput(_("A sheet takes %(most)d rows.") % {"most": MAX_ROWS})
            values = [row[key] for key in keys] if isinstance(row, dict) else row
            cells = [give(value) for give, value in zip(given, values, strict=True)]
            yield dict(zip(titles, cells, strict=True))
            self.count += 1
            if number % EVERY == 0:
                self.on_progress(self.count)
        if number == 1:
            yield dict.fromkeys(titles)
        self.on_progress(self.count)


def _pack(draft: IO[bytes], target: IO[bytes]) -> None:
    """Copy the archive part by part; zipfile dates a part given by name 1980, not by the clock."""
    with (
        zipfile.ZipFile(draft) as made,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed,
    ):
        for part in made.infolist():
            large = part.file_size >= 1 << 31
            with (
                made.open(part) as source,
                packed.open(part.filename, "w", force_zip64=large) as copy,
            ):
                if part.filename == "docProps/core.xml":
                    copy.write(_CLOCK.sub(_FIXED, source.read()))
                elif part.filename.startswith("xl/worksheets/"):
                    _copy_cells(source, copy)
                else:
                    shutil.copyfileobj(source, copy, _CHUNK)


def _copy_cells(source: IO[bytes], target: IO[bytes]) -> None:
    """Copy a sheet, whole numbers written as such: of "1.0" readers make a fraction, of "1" a
    line's number."""
    rest = b""
    while part := source.read(_CHUNK):
        part = rest + part
        # The last cell may go on in the next part.
        end = max(part.rfind(b"<c "), 0)
        target.write(_WHOLE.sub(rb"\1</v>", part[:end]))
        rest = part[end:]
    target.write(_WHOLE.sub(rb"\1</v>", rest))
