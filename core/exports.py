"""Files out: CSV and XLSX with typed cells, the same bytes for the same rows, in constant memory.

Text that a spreadsheet would run as a formula is neutralised (core.tables.text) in both formats,
and our own reader gives it back unchanged. The workbook is written here and not by a package: those
tried put the clock into the file or take several times as long (100,000 x 20 cells).
"""

import datetime
import math
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

from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.tables.model import letters
from core.tables.text import neutralise

SHANGHAI = ZoneInfo("Asia/Shanghai")
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
        if self.kind not in _KINDS:
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
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_MAX_TEXT = 32_767


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    text: str = value if type(value) is str else str(value)
    if text[0] in "'=+-@\t\r":
        text = neutralise(text)
    if _MARKUP.search(text) or "_x" in text:
        # Characters XML cannot hold are written as the format asks for: _x000D_.
        text = escape(_CONTROL.sub(lambda match: f"_x{ord(match[0]):04X}_", text))
    if len(text) > _MAX_TEXT:
        raise InvalidInput(
            _("A cell takes %(most)d characters, not %(count)d.")
            % {"most": _MAX_TEXT, "count": len(text)}
        )
    return text


def _number(value: Any) -> str | None:
    if value is None or type(value) is int:
        return value if value is None else str(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError(f"{value!r} is not a number.")
    if not math.isfinite(value):
        raise ValueError(f"{value!r} cannot stand in a cell.")
    return f"{value:f}" if isinstance(value, Decimal) else repr(value)


def _money(value: Any) -> str | None:
    if isinstance(value, float):
        raise TypeError("Money is never a float.")
    return _number(value)


def _date(value: Any) -> str | None:
    return None if value is None else str(value.toordinal() - _EPOCH)


def _datetime(value: Any) -> str | None:
    if value is None:
        return None
    local = _local(value)
    seconds = local.hour * 3600 + local.minute * 60 + local.second
    # Twelve places of a day are a tenth of a microsecond: enough for the second to read back.
    return f"{local.toordinal() - _EPOCH}{f'{seconds / 86_400:.12f}'[1:]}"


_AS_TEXT = ('" s="1" t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>")
# kind -> what stands between a cell's reference and its content, what follows, how it is written.
_KINDS: dict[str, tuple[str, str, Callable[[Any], str | None]]] = {
    "text": (*_AS_TEXT, _text),
    "int": ('"><v>', "</v></c>", _number),
    "number": ('"><v>', "</v></c>", _number),
    "money": ('" s="2"><v>', "</v></c>", _money),
    "date": ('" s="3"><v>', "</v></c>", _date),
    "datetime": ('" s="4"><v>', "</v></c>", _datetime),
}
KINDS = tuple(_KINDS)


class _Line:
    """Writes the rows of one sheet: the fixed pieces are laid out once, each row fills the gaps."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.keys = [column.key for column in columns]
        before, after, self.convert = zip(*(_KINDS[c.kind] for c in columns), strict=True)
        opens = [f'<c r="{letters(place)}' for place in range(len(columns))]
        self.count = len(columns)
        # One cell is (what ends the cell before + its own start, row number, before, content).
        self.pieces = [""] * (4 * self.count)
        self.pieces[0::4] = [end + start for end, start in zip(("", *after), opens, strict=False)]
        self.pieces[2::4] = before
        self.cells = list(zip(opens, before, after, strict=True))

    def __call__(self, number: int, row: Any) -> str:
        values = [row[key] for key in self.keys] if isinstance(row, dict) else row
        texts = [write(value) for write, value in zip(self.convert, values, strict=True)]
        name = str(number)
        if None in texts:
            body = "".join(
                f"{start}{name}{before}{text}{after}"
                for (start, before, after), text in zip(self.cells, texts, strict=True)
                if text is not None
            )
        else:
            self.pieces[1::4] = [name] * self.count
            self.pieces[3::4] = texts
            body = "".join(self.pieces) + self.cells[-1][2]
        return f'<row r="{name}">{body}</row>'


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
applyFont="1"/></cellXfs><cellStyles count="1">\
<cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""


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
    write = _Line(sheet.columns)
    lines = [_sheet_start(sheet)]
    number = 1
    for row in sheet.rows:
        number += 1
        if number > MAX_ROWS:
            raise InvalidInput(_("A sheet takes %(most)d rows.") % {"most": MAX_ROWS})
        lines.append(write(number, row))
        if number % _EVERY == 0:
            part.write("".join(lines).encode())
            lines = []
            if on_progress is not None:
                on_progress(total + number - 1)
    last = f"{letters(len(sheet.columns) - 1)}{number}"
    lines.append(f'</sheetData><autoFilter ref="A1:{last}"/></worksheet>')
    part.write("".join(lines).encode())
    if on_progress is not None:
        on_progress(total + number - 1)
    return total + number - 1


def _sheet_start(sheet: Sheet) -> str:
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{column.width}" customWidth="1"/>'
        for n, column in enumerate(sheet.columns, start=1)
    )
    heading = "".join(
        f'<c r="{letters(place)}1" s="5" t="inlineStr"><is>'
        f"<t>{_text(column.title) or ''}</t></is></c>"
        for place, column in enumerate(sheet.columns)
    )
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        f'<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>'
        f"</sheetViews><cols>{widths}</cols><sheetData>"
        f'<row r="1">{heading}</row>'
    )
