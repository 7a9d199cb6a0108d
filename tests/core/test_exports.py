"""Files out: the same bytes for the same rows, typed cells, harmless text."""

import datetime as dt
import hashlib
import io
import os
import stat
import subprocess
import sys
import tempfile
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
import time_machine
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.exports import Column, Sheet, to_file, workbook, write_csv, write_xlsx
from core.tables import Table, read

ROOT = Path(__file__).parents[2]

COLUMNS = [
    Column("no", "employee_no"),
    Column("name", "姓名", width=20),
    Column("amount", "amount", "money"),
    Column("n", "n", "int"),
    Column("score", "score", "number"),
    Column("on", "on", "date"),
    Column("at", "at", "datetime"),
]
ROWS: list[tuple[Any, ...]] = [
    (
        "007",
        "张三",
        Decimal("1234.50"),
        3,
        Decimal("89.996"),
        dt.date(2026, 3, 31),
        dt.datetime(2026, 3, 31, 1, 30, 15, tzinfo=dt.UTC),
    ),
    ("008", "=HYPERLINK(1)", Decimal("-0.10"), 0, 1.5, None, dt.datetime(2026, 3, 31, 23, 59, 59)),
    ("009", None, None, None, None, None, None),
]
HARMFUL = ["=1+1", "+86 10", "-5", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''+", "'plain", "a\rb\nc"]


def _xlsx(sheets: list[Sheet]) -> bytes:
    file = io.BytesIO()
    write_xlsx(file, sheets)
    return file.getvalue()


def _back(raw: bytes) -> Table:
    return read(io.BytesIO(raw))[0]


def test_a_workbook_holds_typed_cells() -> None:
    raw = _xlsx([Sheet("Payroll", COLUMNS, ROWS)])
    sheet = openpyxl.load_workbook(io.BytesIO(raw))["Payroll"]
    assert [cell.value for cell in sheet[1]] == [column.title for column in COLUMNS]
    first = list(sheet[2])
    assert [cell.value for cell in first] == [
        "007",
        "张三",
        1234.5,
        3,
        89.996,
        dt.datetime(2026, 3, 31),
        dt.datetime(2026, 3, 31, 9, 30, 15),  # Shanghai
    ]
    assert [cell.data_type for cell in first] == ["s", "s", "n", "n", "n", "d", "d"]
    assert first[0].number_format == "@"
    assert first[2].number_format == "#,##0.00"
    assert sheet["B3"].data_type == "s"
    assert sheet["B3"].value == "'=HYPERLINK(1)"
    assert [cell.value for cell in sheet[4]] == ["009", *[None] * 6]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:G4")


def test_our_reader_gives_the_rows_back() -> None:
    table = _back(_xlsx([Sheet("Payroll", COLUMNS, ROWS)]))
    assert table.name == "Payroll"
    assert table.rows == [
        ("007", "张三", "1234.5", "3", "89.996", "2026-03-31", "2026-03-31T09:30:15"),
        ("008", "=HYPERLINK(1)", "-0.1", "0", "1.5", None, "2026-03-31T23:59:59"),
        ("009", None, None, None, None, None, None),
    ]


def test_the_same_rows_give_the_same_bytes_whatever_the_clock() -> None:
    with time_machine.travel(dt.datetime(2026, 3, 31, 9, tzinfo=dt.UTC)):
        first = _xlsx([Sheet("Payroll", COLUMNS, ROWS), Sheet("Empty", COLUMNS)])
    with time_machine.travel(dt.datetime(2031, 1, 1, 9, tzinfo=dt.UTC)):
        second = _xlsx([Sheet("Payroll", COLUMNS, iter(ROWS)), Sheet("Empty", COLUMNS)])
    assert hashlib.sha256(first).hexdigest() == hashlib.sha256(second).hexdigest()
    assert first != _xlsx([Sheet("Payroll", COLUMNS, ROWS[:2]), Sheet("Empty", COLUMNS)])


def test_several_sheets_and_rows_by_key() -> None:
    keyed = [{"no": "1", "n": 2, "more": "is ignored"}]
    columns = [Column("no", "no"), Column("n", "n", "int")]
    raw = _xlsx([Sheet("A & B's", columns, keyed), Sheet("Empty", columns)])
    assert [(table.name, table.rows) for table in read(io.BytesIO(raw))] == [
        ("A & B's", [("1", "2")]),
        ("Empty", []),
    ]


@pytest.mark.parametrize("name", ["", "x" * 32, "a/b", "a:b", "'a'", "a[1]"])
def test_a_name_that_excel_refuses_is_a_bug(name: str) -> None:
    with pytest.raises(ValueError, match="name of a sheet"):
        _xlsx([Sheet(name, COLUMNS)])
    with pytest.raises(ValueError, match="different names"):
        _xlsx([Sheet("a", COLUMNS), Sheet("A", COLUMNS)])


@pytest.mark.parametrize(
    ("kind", "value", "error"),
    [
        ("money", 0.1, TypeError),
        ("money", "0.1", TypeError),
        ("number", True, TypeError),
        ("number", float("nan"), ValueError),
        ("number", Decimal("Infinity"), ValueError),
        ("text", "x" * 32_768, InvalidInput),
        # Excel keeps fifteen digits: what has more is refused, never rounded.
        ("money", Decimal("12345678901234.56"), ValueError),
        ("int", 10**15 + 1, ValueError),
        ("date", "2026-03-31", AttributeError),
        ("datetime", dt.date(2026, 3, 31), AttributeError),
    ],
)
def test_values_that_do_not_fit_their_column(kind: str, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        _xlsx([Sheet("a", [Column("a", "a", kind)], [(value,)])])


def test_a_row_of_another_length_is_a_bug() -> None:
    with pytest.raises(ValueError, match="argument"):
        _xlsx([Sheet("a", COLUMNS, [("007",)])])
    with pytest.raises(ValueError, match="Row 2 has 1 cells, not 2"):
        write_csv(io.BytesIO(), ["a", "b"], [("1",)])
    with pytest.raises(ValueError, match="kind of column"):
        Column("a", "a", "formula")
    with pytest.raises(ValueError, match="different titles"):
        _xlsx([Sheet("a", [Column("a", "same"), Column("b", "same")])])


def test_whole_numbers_are_read_back_as_whole_numbers() -> None:
    """A number of a line is quoted as "PB-2025-11/7", never as "PB-2025-11/7.0"."""
    columns = [Column("a", "a", "int"), Column("b", "b", "money"), Column("c", "c", "number")]
    rows = [(n, Decimal(n), n / 2) for n in range(-3, 40_000)]  # several parts of a megabyte
    sheet = openpyxl.load_workbook(
        io.BytesIO(_xlsx([Sheet("a", columns, rows)])), read_only=True
    ).active
    assert sheet is not None
    values = list(sheet.iter_rows(min_row=2, values_only=True))
    assert values == rows
    assert {(type(a), type(b)) for a, b, _c in values} == {(int, int)}


@pytest.mark.parametrize("text", HARMFUL)
def test_harmful_text_is_neutralised_and_comes_back(text: str) -> None:
    raw = _xlsx([Sheet("a", [Column("a", "a")], [(text,)])])
    cell = openpyxl.load_workbook(io.BytesIO(raw))["a"]["A2"]
    assert cell.data_type == "s"
    assert str(cell.value)[0] not in "=+-@\t\r"
    assert _back(raw).rows == [(text,)]
    file = io.BytesIO()
    write_csv(file, ["a", "b"], [(text, "x")])
    assert _back(file.getvalue()).rows == [(text, "x")]


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=50))
@example("\t")
@example("\n x")
@example("＝1")
def test_any_text_survives_both_formats(text: str) -> None:
    # The reader trims cells, after the apostrophe that the writer put before tab, CR and LF.
    expected = text.rstrip() if text[:1] in "\t\r\n" else text.strip()
    raw = _xlsx([Sheet("a", [Column("a", "a"), Column("b", "b")], [(text, "x")])])
    assert _back(raw).rows == [(expected or None, "x")]
    file = io.BytesIO()
    write_csv(file, ["a", "b"], [(text, "x")])
    assert _back(file.getvalue()).rows == [(expected or None, "x")]


def test_csv_is_utf8_with_bom_lf_and_plain_numbers() -> None:
    file = io.BytesIO()
    count = write_csv(
        file,
        ["no", "名", "n", "d", "when", "at", "yes"],
        [
            ("007", '他说 "好", 是', -5, Decimal("-1E+2"), dt.date(2026, 3, 31), None, True),
            ("008", "-5", 1.5, Decimal("0.10"), None, ROWS[0][6], False),
        ],
    )
    assert count == 2
    assert file.getvalue().decode("utf-8") == (
        "\ufeffno,名,n,d,when,at,yes\n"
        '007,"他说 ""好"", 是",-5,-100,2026-03-31,,true\n'
        "008,'-5,1.5,0.10,,2026-03-31T09:30:15,false\n"
    )
    with pytest.raises(TypeError):
        write_csv(io.BytesIO(), ["a"], [({},)])


def test_progress_is_told_while_writing() -> None:
    told: list[int] = []
    rows = [(number,) for number in range(2500)]
    write_xlsx(io.BytesIO(), [Sheet("a", [Column("a", "a", "int")], rows)], on_progress=told.append)
    assert told[-1] == 2500
    assert len(told) == 3
    told.clear()
    write_csv(io.BytesIO(), ["a"], rows, on_progress=told.append)
    assert told == [1000, 2000, 2500]


PEAK = """
import resource, sys, tempfile
from core.exports import Column, Sheet, write_xlsx

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

rows = ([f"{row} {column} " + "x" * 1000 for column in range(20)] for row in range(8000))
before = peak()
with tempfile.TemporaryFile() as file:
    write_xlsx(file, [Sheet("a", [Column(str(n), str(n)) for n in range(20)], rows)])
print(peak() - before)
"""


def test_rows_are_written_as_they_come() -> None:
    """Constant memory: 160 MB of text in a process of its own, which grows by far less."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 30


def test_a_path_gets_the_whole_file_or_keeps_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    write_csv(path, ["a"], [("1",)])

    def broken() -> Any:
        yield ("2",)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_csv(path, ["a"], broken())
    with pytest.raises(RuntimeError):
        write_xlsx(path, [Sheet("a", [Column("a", "a")], broken())])
    assert path.read_text(encoding="utf-8-sig") == "a\n1\n"
    assert [file.name for file in tmp_path.iterdir()] == ["scores.csv"]
    with pytest.raises(InvalidInput, match="No such file"), to_file(tmp_path / "no" / "f.csv"):
        pass


def test_the_archive_says_nothing_about_this_machine() -> None:
    with zipfile.ZipFile(io.BytesIO(_xlsx([Sheet("a", COLUMNS, ROWS)]))) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = ElementTree.fromstring(archive.read("docProps/core.xml"))
    facts = {part.tag.partition("}")[2]: part.text for part in core}
    assert facts == {
        "creator": None,
        "lastModifiedBy": None,
        "created": "1980-01-01T00:00:00Z",
        "modified": "1980-01-01T00:00:00Z",
    }


def test_the_file_waits_under_no_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A process killed while writing leaves nothing of the rows in the temporary folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    seen: list[list[Path]] = []

    def rows() -> Any:
        for number in range(20_000):
            yield (number,)
        seen.append(list(tmp_path.iterdir()))

    _xlsx([Sheet("a", [Column("a", "a", "int")], rows())])
    assert seen == [[]]


def test_a_sheet_takes_as_many_rows_as_excel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_ROWS", 3)
    column = Column("a", "a", "int")
    assert _back(_xlsx([Sheet("a", [column], [(1,), (2,)])])).rows == [("1",), ("2",)]
    with pytest.raises(InvalidInput, match="A sheet takes 3 rows"):
        _xlsx([Sheet("a", [column], [(1,), (2,), (3,)])])


@pytest.mark.parametrize("there", [False, True])
def test_a_file_is_for_the_account_that_wrote_it(tmp_path: Path, there: bool) -> None:
    path = tmp_path / "pay.xlsx"
    if there:
        path.touch()
        path.chmod(0o644)
    before = os.umask(0)
    try:
        with to_file(path) as file:
            file.write(b"pay")
    finally:
        os.umask(before)
    assert (stat.S_IMODE(path.stat().st_mode), path.read_bytes()) == (0o600, b"pay")


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("money", Decimal("9999999999999.99"), "9999999999999.99"),
        ("money", Decimal("-0.01"), "-0.01"),
        ("money", Decimal("1E+2"), "100"),
        ("int", 10**15 - 1, "999999999999999"),
        ("number", Decimal("0.12345678901234567890"), "0.123456789012346"),
        ("date", dt.datetime(2026, 3, 30, 16, tzinfo=dt.UTC), "2026-03-31"),
        ("datetime", dt.datetime(2026, 3, 31, 9, 30, 15, 999_999), "2026-03-31T09:30:15"),
    ],
)
def test_a_value_comes_back_exactly(kind: str, value: Any, text: str) -> None:
    empty_first = [(None,), (value,)]  # the kind of a column is not guessed from its first row
    assert _back(_xlsx([Sheet("a", [Column("a", "a", kind)], empty_first)])).rows[1] == (text,)
