"""Files in: what is read from good files, and what is said about bad and hostile ones."""

import datetime as dt
import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from core.errors import BadRows, InvalidInput, RowError
from core.tables import (
    Errors,
    Table,
    columns,
    neutralise,
    parse_date,
    parse_datetime,
    parse_decimal,
    parse_int,
    read,
    reader,
    restore,
    workbook,
)


def _csv(text: str | bytes) -> Table:
    raw = text.encode() if isinstance(text, str) else text
    (table,) = read(io.BytesIO(raw))
    return table


def _saved(book: openpyxl.Workbook) -> io.BytesIO:
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def _book(*rows: list[Any]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return book


# --- CSV ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_every_accepted_encoding(encoding: str) -> None:
    table = _csv("employee_no,name\r\n007,张三\r\n008,李四\r\n".encode(encoding))
    assert table.header == ("employee_no", "name")
    assert table.rows == [("007", "张三"), ("008", "李四")]


def test_cells_are_text_trimmed_or_none() -> None:
    table = _csv('a,b,c\n 1 ,"x,\ny", \n\n2.50,,\u3000\n,,\n\n')
    assert table.rows == [("1", "x,\ny", None), (None,) * 3, ("2.50", None, None)]


def test_a_table_is_named_after_its_file(tmp_path: Path) -> None:
    path = tmp_path / "departments.csv"
    path.write_text("a\n1\n")
    assert [table.name for table in read(path)] == ["departments"]
    assert [table.name for table in read(str(path))] == ["departments"]


def test_a_short_row_is_filled_and_a_long_one_is_an_error() -> None:
    assert _csv("a,b\n1\n").rows == [("1", None)]
    assert _csv("a,b\n1,2,,\n").rows == [("1", "2")]
    with pytest.raises(BadRows) as caught:
        _csv("a,b\n1,2\n1,2,3\n")
    assert caught.value.errors == [RowError(3, "C", "the cell stands beside the table")]
    assert str(caught.value) == "row 3, column C: the cell stands beside the table"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"\n1,2\n", "Row 1 must hold the column names"),
        ("a\n1\n".encode("utf-16"), "UTF-16"),
        (b"\xef\xbb\xbfa\n\xff\n", "Row 2 holds a byte that is not UTF-8"),
        ("姓名\n张三\n李四".encode() + b"\xe4\n", "Row 3 holds a byte that is not UTF-8"),
        (b"a\n\x80\xff\xff\n", "neither UTF-8 nor GB18030"),
        (b'a,b\n"1,2\n', "Row 2 is not CSV"),
        (b'a,b\n1,2\n"1"x,2\n', "Row 3 is not CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old .xls"),
        (b"a\n" + b"x" * 200_000, "Row 2 is not CSV: field larger than field limit"),
    ],
)
def test_unreadable_text_is_refused_with_its_reason(raw: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        _csv(raw)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("x\x00y", "NUL"),
        ("x" * 32_768, "more than 32767 characters"),
    ],
)
def test_cells_that_cannot_be_stored_are_named(cell: str, message: str) -> None:
    with pytest.raises(BadRows, match=f"row 3, column b: .*{message}"):
        _csv(f"a,b\n1,2\n3,{cell}\n")


def test_a_file_that_is_not_there_or_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidInput, match="No such file"):
        read(tmp_path / "nowhere.csv")
    with pytest.raises(InvalidInput, match="cannot be read"):
        read(tmp_path)
    monkeypatch.setattr(reader, "MAX_FILE", 10)
    with pytest.raises(InvalidInput, match="larger than"):
        _csv("a\n1\n2\n3\n4\n5\n")
    monkeypatch.setattr(reader, "MAX_ROWS", 2)
    with pytest.raises(InvalidInput, match="More than 2 rows"):
        _csv("a\n1\n2\n3\n")


# --- XLSX --------------------------------------------------------------------------------------


@pytest.mark.parametrize("epoch_1904", [False, True])
def test_a_workbook_cell_by_cell(epoch_1904: bool) -> None:
    book = _book(
        ["id", "n", "when", "flag"],
        ["007", 12, dt.date(2026, 3, 31), True],
        [" =x ", 12.5, dt.datetime(2026, 3, 31, 9, 30, 15), False],
        [None, 0.1 + 0.2, dt.time(9, 30), None],
        ["x", 1e-7, dt.date(2026, 3, 31), None],
        [None, None, None, None],
    )
    if epoch_1904:
        book.epoch = CALENDAR_MAC_1904
    book.active["A3"].data_type = "s"  # text, not a formula
    (table,) = read(_saved(book))
    assert (table.name, table.header) == ("Sheet", ("id", "n", "when", "flag"))
    assert table.rows == [
        ("007", "12", "2026-03-31", "true"),
        ("=x", "12.5", "2026-03-31T09:30:15", "false"),
        (None, "0.3", "09:30:00", None),
        ("x", "0.0000001", "2026-03-31", None),
    ]


def test_sheets_of_a_workbook_and_one_by_name() -> None:
    book = openpyxl.Workbook()
    book.active.title = "departments"
    book.active.append(["department_code"])
    book.create_sheet("empty")
    book.create_sheet("employees").append(["employee_no"])
    assert [table.name for table in read(_saved(book))] == ["departments", "employees"]
    assert [table.name for table in read(_saved(book), sheet="employees")] == ["employees"]
    with pytest.raises(InvalidInput, match="no sheet people"):
        read(_saved(book), sheet="people")
    with pytest.raises(InvalidInput, match="CSV file has no sheets"):
        read(io.BytesIO(b"a\n1\n"), sheet="people")


def test_rows_keep_their_numbers_when_the_sheet_begins_late() -> None:
    book = openpyxl.Workbook()
    book.active["B3"] = "x"
    with pytest.raises(InvalidInput, match="Row 1 must hold"):
        read(_saved(book))
    book.active["A1"] = "a"
    book.active["B1"] = "b"
    (table,) = read(_saved(book))
    assert table.rows == [(None, None), (None, "x")]


def test_headings_without_a_name_are_errors() -> None:
    with pytest.raises(BadRows, match="row 1, column B: the column has no name"):
        read(_saved(_book(["a", None, "c"], [1, 2, 3])))


@pytest.mark.parametrize(
    ("cell", "data_type", "message"),
    [
        (123456789012345678, "n", "row 2, column b: a number of more than 15 digits"),
        ("#N/A", "e", "row 2, column B: the cell holds an error"),
        ("=1+1", "f", "row 2, column B: the formula has no stored result"),
    ],
)
def test_values_that_would_be_lost_in_silence_are_named(
    cell: Any, data_type: str, message: str
) -> None:
    book = _book(["a", "b"], ["x", cell])
    book.active["B2"].data_type = data_type
    with pytest.raises(BadRows) as caught:
        read(_saved(book))
    assert str(caught.value).startswith(message)


def test_merged_cells_are_named() -> None:
    book = _book(["a", "b"], ["x", 1], ["y", 2])
    book.active.merge_cells("A2:A3")
    with pytest.raises(BadRows, match="row 2, column A: merged cells"):
        read(_saved(book))


def _sheet_xml(xml: str, strings: str = "") -> io.BytesIO:
    """A workbook whose only sheet is this XML."""
    source = _saved(_book(["a"], ["1"]))
    target = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, xml if name == "xl/worksheets/sheet1.xml" else old.read(name))
        if strings:
            new.writestr("xl/sharedStrings.xml", strings)
    target.seek(0)
    return target


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>',
        "<row r='1'><c r='A1'><v>1</v></c><c s='0' r='ZZ999999'><v>1</v></c></row>",
        '<row r="1"><c r ="A1"><v>1</v></c><c r ="ZZ999999"><v>1</v></c></row>',
        '<row r="1"><c r= "ZZ999999"><v>1</v></c></row>',
    ],
)
def test_one_cell_in_the_last_corner_allocates_nothing(rows: str) -> None:
    with pytest.raises(InvalidInput, match="spans more cells"):
        read(_sheet_xml(f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"))


def test_a_zip_bomb_is_refused_while_unpacking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_UNPACKED", 3_000_000)
    blank = " " * 5_000_000
    bomb = _sheet_xml(f"<worksheet {MAIN}>{blank}<sheetData/></worksheet>")
    assert len(bomb.getvalue()) < 20_000
    with pytest.raises(InvalidInput, match="unpacks to more"):
        read(bomb)


def test_a_bomb_that_lies_about_its_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_UNPACKED", 3_000_000)
    xml = f"<worksheet {MAIN}>{' ' * 5_000_000}<sheetData/></worksheet>"
    honest = _sheet_xml(xml).getvalue()
    lying = honest.replace(len(xml).to_bytes(4, "little"), (500).to_bytes(4, "little"))
    assert lying != honest
    with pytest.raises(InvalidInput, match="unpacks to more"):
        read(io.BytesIO(lying))


def test_one_long_text_used_a_thousand_times_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_TEXT", 1_000_000)
    strings = f"<sst {MAIN}><si><t>a</t></si><si><t>{'x' * 2000}</t></si></sst>"

    def use(number: int) -> io.BytesIO:
        cells = "".join(
            f'<row r="{row}"><c r="A{row}" t="s"><v>{min(row - 1, number)}</v></c></row>'
            for row in range(1, 1001)
        )
        xml = f"<worksheet {MAIN}><sheetData>{cells}</sheetData></worksheet>"
        return _sheet_xml(xml, strings)

    with pytest.raises(InvalidInput, match="unpacks to more"):
        read(use(1))
    assert len(read(use(0))[0].rows) == 999  # the long text is there, and nobody uses it


@pytest.mark.parametrize(
    "raw",
    [
        b"PK\x03\x04 and then nothing of an archive",
        _sheet_xml("<worksheet").getvalue(),
        _sheet_xml("no xml at all").getvalue(),
        _sheet_xml('<?xml version="1.0" encoding="UTF-16"?><worksheet/>').getvalue(),
        _saved(_book(["a"], ["1"])).getvalue()[:-200],
    ],
)
def test_a_damaged_workbook_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        read(io.BytesIO(raw))


def test_a_wrong_checksum_is_refused() -> None:
    raw = bytearray(_saved(_book(["a"], ["1"])).getvalue())
    with zipfile.ZipFile(io.BytesIO(bytes(raw))) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    raw[info.header_offset + 90] ^= 0xFF
    with pytest.raises(InvalidInput, match="damaged"):
        read(io.BytesIO(bytes(raw)))


@pytest.mark.parametrize(
    "rows",
    [
        "<row " * 400_000,
        '<c r="A1" ' + 'r="A1" ' * 300_000 + '"e"<f>',
        't="s"' * 400_000 + '"e" <f',
        '<row r="1"><c r="A1">' + "<f" * 400_000 + ' "e"',
        "<" + "a" * 2_000_000 + ":row",
    ],
)
def test_no_pattern_can_be_held_up(rows: str) -> None:
    """Patterns that try the same bytes again and again would never come back from these."""
    with pytest.raises(InvalidInput):
        read(_sheet_xml(f"<worksheet {MAIN}><sheetData>{rows}"))


@given(st.integers(1, 10**7), st.integers(1, 10**8))
def test_the_pattern_of_greater_numbers(limit: int, number: int) -> None:
    import re

    assert bool(re.fullmatch(workbook._greater(limit), str(number).encode())) is (number > limit)


# --- columns, errors, parsers ------------------------------------------------------------------


def test_columns_give_places_or_every_fault_of_the_header() -> None:
    table = Table("t", ("b", "a", "q_1"), [])
    assert columns(table, ["a"], ["b", "c"], prefix_ok="q_") == {"b": 0, "a": 1, "q_1": 2}
    with pytest.raises(BadRows) as caught:
        columns(Table("t", ("a", "x", "a"), []), required=["a", "b"])
    assert [str(error) for error in caught.value.errors] == [
        "row 1, column a: the column appears twice",
        "row 1, column b: the column is missing",
        "row 1, column x: the column is unknown",
    ]


def test_errors_are_raised_together_in_order() -> None:
    errors = Errors()
    errors.raise_if_any()
    errors.add(7, "name", "is missing")
    errors.add(2, "name", "is missing")
    assert len(errors) == 2
    with pytest.raises(BadRows) as caught:
        errors.raise_if_any()
    assert str(caught.value) == "row 2, column name: is missing\nrow 7, column name: is missing"
    assert str(caught.value.message) == "2 errors in the file; nothing was changed."


def test_parsers_read_what_they_promise() -> None:
    shanghai = dt.timezone(dt.timedelta(hours=8))
    assert parse_date("2026-03-31") == dt.date(2026, 3, 31)
    assert parse_date("2026-03-31T00:00:00") == dt.date(2026, 3, 31)
    assert parse_datetime("2026-03-31T09:30") == dt.datetime(2026, 3, 31, 9, 30, tzinfo=shanghai)
    assert parse_datetime("2026-03-31 01:30:00Z") == parse_datetime("2026-03-31T09:30:00+08:00")
    assert parse_datetime("2026-03-31") == dt.datetime(2026, 3, 31, tzinfo=shanghai)
    assert parse_decimal("-1.50") == Decimal("-1.50")
    assert parse_decimal("1e3") == 1000
    assert (parse_int("12"), parse_int("12.0"), parse_int("-3")) == (12, 12, -3)


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        *[
            (parse_date, text)
            for text in ("2026-02-30", "31.3.2026", "20260331", "2026-03-31T09:30")
        ],
        *[(parse_datetime, text) for text in ("2026-03-31T25:00", "09:30", "2026-W01-1", "now")],
        *[(parse_decimal, text) for text in ("1,5", "1,000", "NaN", "Infinity", "", "１２", "0x1")],
        *[(parse_int, text) for text in ("1.5", "1e3", "", "٣")],
    ],
)
def test_parsers_refuse_the_rest_in_a_sentence(parse: Any, text: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        parse(text)


@given(st.text())
@example("\r")
@example("\r=1")
@example("\n\t＝1")
def test_neutralised_text_is_harmless_and_comes_back(text: str) -> None:
    safe = neutralise(text)
    if text.strip():
        assert safe[0] not in set("=+-@＝＋－＠\t\r\n")
    else:  # white space alone begins nothing
        assert safe == text
    assert restore(safe) == text
