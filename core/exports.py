"""Files out: CSV and XLSX with typed cells, the same bytes for the same rows, in constant memory.

Text that a spreadsheet would run as a formula is neutralised (core.tables.text) in both formats,
and our own reader gives it back unchanged. The workbook is written here and not by a package: those
tried put the clock into the file or take several times as long (100,000 x 20 cells).
"""

import datetime
import os
import re
import secrets
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from core.errors import InvalidInput
from core.tables.model import letters
from core.tables.text import neutralise

SHANGHAI = ZoneInfo("Asia/Shanghai")
KINDS = ("text", "int", "number", "money", "date", "datetime")
MAX_ROWS = 1_048_576  # of one sheet, the header included
_STAMP = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold: never the clock's
_EPOCH = datetime.date(1899, 12, 30).toordinal()
_EVERY = 1000

OnProgress = Callable[[int], None]


@dataclass(frozen=True)
class Column:
    """A column of a sheet. `kind` is one of KINDS; ids are text; money is yuan with two places."""

    key: str
    title: str
    kind: str = "text"
    width: float = 14

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"Unknown kind of column: {self.kind!r}.")


@dataclass(frozen=True)
class Sheet:
    """A sheet: rows are sequences in column order or mappings by column key."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Any] = field(default=())


@contextmanager
def to_file(path: str | Path) -> Iterator[IO[bytes]]:
    """A binary file that takes its place under `path` only when it was written to the end."""
    target = Path(path)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with draft.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError as error:
        raise InvalidInput(f"{target}: {error.strerror or error}") from error
    finally:
        draft.unlink(missing_ok=True)


# --- CSV ---------------------------------------------------------------------------------------

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
        return _local(value).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, int | float):
        return repr(value)
    raise TypeError(f"{type(value).__name__} cannot be written to a CSV file.")


def _local(value: datetime.datetime) -> datetime.datetime:
    """Wall-clock time in Shanghai, which is what a reader takes a naive time for."""
    return value.astimezone(SHANGHAI).replace(tzinfo=None) if value.tzinfo else value


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
        if count % _EVERY == 0:
            target.write(("\n".join(lines) + "\n").encode())
            lines = []
            if on_progress is not None:
                on_progress(count)
    if lines:
        target.write(("\n".join(lines) + "\n").encode())
    if on_progress is not None:
        on_progress(count)
    return count


# --- XLSX --------------------------------------------------------------------------------------

_MARKUP = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_MAX_TEXT = 32_767


def _xml_text(value: Any) -> str:
    text = neutralise(str(value))
    if len(text) > _MAX_TEXT:
        raise InvalidInput(f"A cell takes {_MAX_TEXT} characters, not {len(text)}.")
    if _MARKUP.search(text) or "_x" in text:
        # Characters XML cannot hold are written as the format asks for: _x000D_.
        text = escape(_CONTROL.sub(lambda match: f"_x{ord(match[0]):04X}_", text))
    return text


def _text(ref: str, value: Any) -> str:
    return (
        f'<c r="{ref}" s="1" t="inlineStr"><is><t xml:space="preserve">'
        f"{_xml_text(value)}</t></is></c>"
    )


def _plain_number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError(f"{value!r} is not a number.")
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError(f"{value!r} cannot stand in a cell.")
    return f"{value:f}" if isinstance(value, Decimal) else repr(value)


def _number(ref: str, value: Any) -> str:
    return f'<c r="{ref}"><v>{_plain_number(value)}</v></c>'


def _money(ref: str, value: Any) -> str:
    if isinstance(value, float):
        raise TypeError("Money is never a float.")
    return f'<c r="{ref}" s="2"><v>{_plain_number(value)}</v></c>'


def _date(ref: str, value: Any) -> str:
    return f'<c r="{ref}" s="3"><v>{value.toordinal() - _EPOCH}</v></c>'


def _datetime(ref: str, value: Any) -> str:
    local = _local(value)
    seconds = local.hour * 3600 + local.minute * 60 + local.second
    # Twelve places of a day are a tenth of a microsecond: enough for the second to read back.
    days = Decimal(local.toordinal() - _EPOCH) + round(Decimal(seconds) / 86_400, 12)
    return f'<c r="{ref}" s="4"><v>{days:f}</v></c>'


_WRITERS: dict[str, Callable[[str, Any], str]] = {
    "text": _text,
    "int": _number,
    "number": _number,
    "money": _money,
    "date": _date,
    "datetime": _datetime,
}

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

# Cell styles by number: 0 general, 1 text, 2 money, 3 date, 4 date and time, 5 heading.
_STYLES = f"""{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="2">\
<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>\
<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>\
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>\
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill>\
<fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" \
applyFont="1"/></cellXfs></styleSheet>"""


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
    total = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path, xml in _frame(sheets):
            archive.writestr(_member(path), xml)
        for number, sheet in enumerate(sheets, start=1):
            with archive.open(_member(f"xl/worksheets/sheet{number}.xml"), "w") as part:
                total = _write_sheet(part, sheet, total, on_progress)
    return total


def _member(path: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, _STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3  # said the same on every system, for the same bytes
    info.external_attr = 0o600 << 16
    return info


def _check_names(sheets: Sequence[Sheet]) -> None:
    names = [sheet.name for sheet in sheets]
    if not names or len({name.lower() for name in names}) != len(names):
        raise ValueError("A workbook needs sheets with different names.")
    for name in names:
        if not 1 <= len(name) <= 31 or re.search(r"[\[\]:*?/\\]|^'|'$", name):
            raise ValueError(f"{name!r} cannot be the name of a sheet.")


def _frame(sheets: Sequence[Sheet]) -> Iterator[tuple[str, str]]:
    numbers = range(1, len(sheets) + 1)
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for n in numbers
    )
    yield (
        "[Content_Types].xml",
        (
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>{parts}'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>'
        ),
    )
    yield (
        "_rels/.rels",
        (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
    )
    named = "".join(
        f'<sheet name="{escape(sheet.name, {chr(34): "&quot;"})}" sheetId="{n}" r:id="rId{n}"/>'
        for n, sheet in zip(numbers, sheets, strict=True)
    )
    yield (
        "xl/workbook.xml",
        (f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{named}</sheets></workbook>'),
    )
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{_REL}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{related}<Relationship '
            f'Id="rId{len(sheets) + 1}" Type="{_REL}/styles" Target="styles.xml"/></Relationships>'
        ),
    )
    yield "xl/styles.xml", _STYLES


def _write_sheet(part: IO[bytes], sheet: Sheet, total: int, on_progress: OnProgress | None) -> int:
    names = [letters(place) for place in range(len(sheet.columns))]
    writers = [_WRITERS[column.kind] for column in sheet.columns]
    keys = [column.key for column in sheet.columns]
    lines = [_sheet_start(sheet, names)]
    number = 1
    for row in sheet.rows:
        number += 1
        if number > MAX_ROWS:
            raise InvalidInput(f"A sheet takes {MAX_ROWS} rows.")
        values = [row[key] for key in keys] if isinstance(row, dict) else row
        cells = [
            write(f"{name}{number}", value)
            for write, name, value in zip(writers, names, values, strict=True)
            if value is not None and value != ""
        ]
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
        if number % _EVERY == 0:
            part.write("".join(lines).encode())
            lines = []
            if on_progress is not None:
                on_progress(total + number - 1)
    lines.append(_sheet_end(names, number))
    part.write("".join(lines).encode())
    if on_progress is not None:
        on_progress(total + number - 1)
    return total + number - 1


def _sheet_start(sheet: Sheet, names: list[str]) -> str:
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{column.width}" customWidth="1"/>'
        for n, column in enumerate(sheet.columns, start=1)
    )
    heading = "".join(
        f'<c r="{name}1" s="5" t="inlineStr"><is><t>{_xml_text(column.title)}</t></is></c>'
        for name, column in zip(names, sheet.columns, strict=True)
    )
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        f'<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>'
        f"</sheetViews><cols>{widths}</cols><sheetData>"
        f'<row r="1">{heading}</row>'
    )


def _sheet_end(names: list[str], rows: int) -> str:
    return f'</sheetData><autoFilter ref="A1:{names[-1]}{rows}"/></worksheet>'
