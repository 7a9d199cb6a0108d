"""XLSX workbooks: guarded before a reader unpacks them, then read by calamine.

A workbook of a few KB can describe gigabytes: deep compression, one cell in the last corner of the
sheet (readers allocate the whole rectangle), one long text used a million times. All three are
measured here on the packed stream, in constant memory, before anything is built.
"""

import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, WorksheetNotFound

from core.errors import BadRows, InvalidInput, RowError
from core.tables.model import letters

MAX_UNPACKED = 600 * 1024 * 1024
MAX_CELLS = 25_000_000
MAX_TEXT = 400 * 1024 * 1024
MAX_PARTS = 2_000
_CHUNK = 1 << 20
_OVERLAP = 1 << 14  # longer than a cell with its formula

# The first four begin with plain letters, which the matcher finds at memory speed; files that put
# white space around "=" are legal, are never written by a program, and are counted exactly.
_ROW = re.compile(rb"""<row [^<>]*?\br=["'](\d+)""")
_WIDE = re.compile(rb"""r=["']([A-Z]{2,})\d""")
_BEYOND = rb"""r=(?:\s|["'][A-Z]+(?:%s)["'])"""
_ODD = (b"r =", b"r\t=", b"r\n=", b"r\r=", b":row")
_ANY_ROW = re.compile(rb"""<(?:\w+:)?row\b[^<>]*?\br\s*=\s*["'](\d+)""")
_CELL = re.compile(rb"""\br\s*=\s*["']([A-Z]+)(\d+)""")
# No pattern may look at the same bytes more than a few times, or a hostile sheet would hold the
# reader for hours: nothing crosses a "<", and what was found once is not tried again "(?>".
_TEXT_USE = re.compile(rb"""t\s*=\s*["']s["'][^<>]{0,300}>\s*<(?:\w+:)?v>(\d+)<""")
_OPEN_CELL = rb"""<(?:\w+:)?c\b(?>[^<>]*?\br\s*=\s*["']([A-Z]+)(\d+)["'])[^<>]*?"""
_ERROR = re.compile(_OPEN_CELL + rb"""\bt\s*=\s*["']e["']""")
_NO_RESULT = re.compile(
    _OPEN_CELL + rb""">\s*<(?:\w+:)?f\b(?:[^<>]*/>|[^<]*</(?:\w+:)?f>)\s*"""
    rb"""(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"""
)
_END_OF_TEXT = re.compile(rb"</(?:\w+:)?si>")


def _too_large() -> InvalidInput:
    return InvalidInput(_("The workbook unpacks to more than this system takes."))


def sheets(raw: bytes, wanted: str | None) -> Iterator[tuple[str, Iterator[list[Any]]]]:
    """(name, rows of cells from row 1 on) of each worksheet, after the guards."""
    _guard(raw)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        names = [wanted] if wanted is not None else book.sheet_names
        for name in names:
            sheet = book.get_sheet_by_name(name)
            if sheet.end is not None:
                _refuse_merged(sheet)
                yield name, _rows(sheet)
    except WorksheetNotFound:
        raise InvalidInput(_("The workbook has no sheet %(name)s.") % {"name": wanted}) from None
    except CalamineError as error:
        raise InvalidInput(_("The workbook is damaged: %(error)s.") % {"error": error}) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what a Rust library raises on a bug
            raise
        raise InvalidInput(_("The workbook is damaged: %(error)s.") % {"error": error}) from error


def _rows(sheet: CalamineSheet) -> Iterator[list[Any]]:
    start = sheet.start or (0, 0)
    for _row in range(start[0]):
        yield []
    pad = [None] * start[1]
    for cells in sheet.iter_rows():
        yield pad + cells if pad else cells


def _refuse_merged(sheet: CalamineSheet) -> None:
    merged = sheet.merged_cell_ranges or []
    if merged:
        message = _("merged cells cannot be read; unmerge them and fill each one")
        raise BadRows(
            [RowError(first[0] + 1, letters(first[1]), message) for first, _last in merged[:100]]
        )


# --- guards ------------------------------------------------------------------------------------


def _guard(raw: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            _guard_archive(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        # RuntimeError: an encrypted member; NotImplementedError: an unknown compression.
        raise InvalidInput(_("The workbook is damaged: %(error)s.") % {"error": error}) from error


def _guard_archive(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or len({part.filename for part in parts}) != len(parts):
        raise _too_large()
    unpacked = cells = text_uses = 0
    longest = 0
    for part in parts:
        is_sheet = part.filename.lower().startswith("xl/worksheets/")
        scan = _Scan()
        for chunk in _unpack(archive, part):
            unpacked += len(chunk)
            if unpacked > MAX_UNPACKED:
                raise _too_large()
            if is_sheet:
                scan.sheet(chunk)
            elif part.filename.lower() == "xl/sharedstrings.xml":
                scan.strings(chunk)
        cells += _exact_cells(archive, part) if scan.count_exactly else scan.cells()
        text_uses += scan.text_uses
        longest = max(longest, scan.longest)
        if cells > MAX_CELLS:
            raise InvalidInput(_("A sheet spans more cells than this system takes."))
        if scan.faults:
            raise BadRows(scan.faults)
    if text_uses * longest > MAX_TEXT:
        _guard_texts(archive)


def _unpack(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part's bytes as they really unpack, whatever size its entry claims."""
    part.file_size = 1 << 62  # the claimed size would end the reading early
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _greater(number: int) -> bytes:
    """A pattern for the decimal numbers above `number`: one alternative per digit."""
    text = str(number)
    above = [rb"\d{%d,}" % (len(text) + 1)]
    for place, digit in enumerate(text):
        if digit != "9":
            rest = len(text) - place - 1
            above.append(b"%s[%d-9]\\d{%d}" % (text[:place].encode(), int(digit) + 1, rest))
    return b"|".join(above)


class _Scan:
    """What one part of the archive amounts to, seen chunk by chunk."""

    def __init__(self) -> None:
        self.tail = b""
        self.rows = self.row_tags = 0
        self.width = 26
        self.count_exactly = False
        self.text_uses = 0
        self.longest = self.open_text = 0
        self.faults: list[RowError] = []

    def sheet(self, chunk: bytes) -> None:
        if not self.tail:
            _refuse_encoding(chunk)
        window = self.tail + chunk
        self.row_tags += chunk.count(b"<row") + chunk.count(b":row ")
        self.text_uses += chunk.count(b"<v>") + chunk.count(b":v>")
        self.rows = max([self.rows, self.row_tags, *map(int, _ROW.findall(window))])
        for name in set(_WIDE.findall(window)):
            self.width = max(self.width, _number(name))
        if not self.count_exactly:
            beyond = re.search(_BEYOND % _greater(self.rows), window)
            self.count_exactly = bool(beyond) or any(odd in window for odd in _ODD)
        if b'"e"' in window or b"'e'" in window:
            self._note(_ERROR, window, _("the cell holds an error instead of a value"))
        if b"<f" in window or b":f" in window:
            self._note(_NO_RESULT, window, _("the formula has no stored result; paste its value"))
        self.tail = window[-_OVERLAP:]

    def _note(self, pattern: re.Pattern[bytes], window: bytes, message: str) -> None:
        for name, row in pattern.findall(window)[: max(0, 1000 - len(self.faults))]:
            fault = RowError(int(row), name.decode(), message)
            if fault not in self.faults:
                self.faults.append(fault)

    def strings(self, chunk: bytes) -> None:
        """The longest run between two ends of shared strings."""
        pieces = _END_OF_TEXT.split(chunk)
        self.open_text += len(pieces[0])
        self.longest = max(self.longest, self.open_text, *map(len, pieces))
        if len(pieces) > 1:
            self.open_text = len(pieces[-1])

    def cells(self) -> int:
        """The rectangle that a reader will allocate, if no cell lies beyond the last row."""
        return self.rows * self.width


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters[:8]:
        number = number * 26 + letter - 64
    return number


def _refuse_encoding(chunk: bytes) -> None:
    start = chunk[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    declared = re.search(rb"""encoding\s*=\s*["']([^"']+)""", start)
    if not start.startswith(b"<") or (declared and declared[1].lower() not in {b"utf-8", b"utf8"}):
        raise InvalidInput(_("The workbook is damaged: %(error)s.") % {"error": "not UTF-8"})


def _exact_cells(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """The rectangle that the cells' own references span."""
    rows = width = 0
    tail = b""
    for chunk in _unpack(archive, part):
        window = tail + chunk
        for name, row in set(_CELL.findall(window)):
            rows, width = max(rows, int(row)), max(width, _number(name))
        rows = max([rows, *map(int, _ANY_ROW.findall(window))])
        tail = window[-_OVERLAP:]
    return rows * width


def _guard_texts(archive: zipfile.ZipFile) -> None:
    """Add up the shared texts as often as cells use them."""
    name = next(n for n in archive.namelist() if n.lower() == "xl/sharedstrings.xml")
    packed = b"".join(_unpack(archive, archive.getinfo(name)))
    sizes = [len(piece) for piece in _END_OF_TEXT.split(packed)]
    total = 0
    for part in archive.infolist():
        if not part.filename.lower().startswith("xl/worksheets/"):
            continue
        tail = b""
        for chunk in _unpack(archive, part):
            window = tail + chunk
            cut = window.rfind(b"<") if len(chunk) == _CHUNK else len(window)
            uses = Counter(map(int, _TEXT_USE.findall(window[:cut])))
            total += sum(
                sizes[place] * count for place, count in uses.items() if place < len(sizes)
            )
            tail = window[cut:]
            if total > MAX_TEXT:
                raise _too_large()
