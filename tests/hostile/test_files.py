"""Random and damaged files: each is read, or refused in words; none breaks the reader."""

from __future__ import annotations

import csv
import io
import zipfile
from functools import cache

import openpyxl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.errors import BadRows, DomainError, InvalidInput
from core.tables import Table, neutralise, read, restore
from core.tables.reader import MAX_CELL

EXAMPLES = settings(max_examples=150)
# What a spreadsheet can hold: no control characters, no halves of a character.
TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"), max_size=40
)
ROWS = st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=1, max_size=8)


def _read(raw: bytes) -> list[Table] | DomainError:
    """The tables, or the refusal; its words are never empty."""
    try:
        return read(io.BytesIO(raw))
    except (InvalidInput, BadRows) as error:
        refusal = error
    assert str(refusal.message).strip()
    return refusal


def _cell(text: str) -> str | None:
    """What the reader promises to give for a text: trimmed, without a neutralising mark."""
    return restore(text.strip()).strip() or None


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["a", "b", "c"], *rows])
    return text.getvalue()


@EXAMPLES
@given(st.binary(max_size=400))
@example(b"PK\x03\x04")
@example(b"PK\x03\x04" + bytes(60))
@example(b"a,b\n" + b'"' * 99)
@example(b"\x00\n\x00")
@example("a\n\u2028\x85\x0b\n".encode())
@example(b"\xef\xbb\xbf\xef\xbb\xbfa\n1\n")
def test_any_bytes(raw: bytes) -> None:
    _read(raw)


@EXAMPLES
@given(ROWS, st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]))
def test_csv_is_read_as_it_was_written(rows: list[list[str]], encoding: str) -> None:
    found = _read(_csv(rows).encode(encoding))
    assert isinstance(found, list)
    expected = [tuple(map(_cell, row)) for row in rows]
    while expected and not any(expected[-1]):
        expected.pop()
    read_rows = found[0].rows
    assert read_rows[: len(expected)] == expected
    assert not any(any(row) for row in read_rows[len(expected) :])


@settings(max_examples=40)
@given(ROWS)
def test_workbooks_are_read_as_they_were_written(rows: list[list[str]]) -> None:
    book = openpyxl.Workbook()
    for number, row in enumerate([["a", "b", "c"], *rows], 1):
        for column, text in enumerate(row, 1):
            cell = book.active.cell(number, column)
            cell.value = text
            cell.data_type = "s"  # "=1" is a text here
    file = io.BytesIO()
    book.save(file)
    found = _read(file.getvalue())
    assert isinstance(found, list)
    expected = [tuple(map(_cell, row)) for row in rows]
    for read_row, row in zip(found[0].rows, expected, strict=False):
        # XML turns the end of a line into one sign whichever it was.
        assert read_row == row
    assert not any(any(row) for row in expected[len(found[0].rows) :])


@cache
def _workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in (["id", "name", "when"], ["007", "张三", "=1+1"], [8, 2.5, None]):
        book.active.append(row)
    book.active["C2"].data_type = "s"
    book.create_sheet("second").append(["x"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@EXAMPLES
@given(st.data())
def test_a_damaged_workbook(data: st.DataObject) -> None:
    """Bytes of the packed file overwritten, or its end cut off."""
    raw = bytearray(_workbook())
    for _turn in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(4, len(raw) - 1))
        raw[place] = data.draw(st.integers(0, 255))
    _read(bytes(raw[: data.draw(st.integers(4, len(raw)))]))


@cache
def _parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(_workbook())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@EXAMPLES
@given(st.data())
def test_a_workbook_damaged_inside(data: st.DataObject) -> None:
    """A sound archive whose parts are cut, overwritten, swapped or missing."""
    parts = dict(_parts())
    name = data.draw(st.sampled_from(sorted(parts)))
    part = bytearray(parts[name])
    act = data.draw(st.sampled_from(["drop", "cut", "overwrite", "swap", "insert"]))
    if act == "drop":
        del parts[name]
    elif act == "swap":
        other = data.draw(st.sampled_from(sorted(parts)))
        parts[name], parts[other] = parts[other], parts[name]
    elif act == "cut":
        parts[name] = bytes(part[: data.draw(st.integers(0, len(part)))])
    else:
        place = data.draw(st.integers(0, max(0, len(part) - 1)))
        sent = data.draw(
            st.one_of(
                st.binary(min_size=1, max_size=9),
                st.sampled_from(
                    [b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>", b"&e;", b'r="A0"',
                     b'r="ZZZZ99999999999"', b"<c r='A1' t='s'><v>-1</v></c>", b"<v>1e999</v>"]
                ),
            )
        )  # fmt: skip
        end = place + len(sent) if act == "overwrite" else place
        part[place:end] = sent
        parts[name] = bytes(part)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    _read(file.getvalue())


@EXAMPLES
@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=60))
@example("=1+1")
@example("'=1")
@example("''=1")
@example("\t=cmd|' /C calc'!A0")
@example("\r\n@SUM(1)")
@example("＝1+1")
def test_no_text_leaves_as_a_formula_and_each_comes_back(text: str) -> None:
    sent = neutralise(text)
    assert not sent.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not sent.startswith(("\t", "\r", "\n")) or not sent.strip()
    assert restore(sent) == text


def test_a_cell_at_the_limit_is_read_and_one_beyond_is_named() -> None:
    found = _read(b"a\n" + b"x" * MAX_CELL + b"\n")
    assert isinstance(found, list)
    assert len(found[0].rows[0][0] or "") == MAX_CELL
    refused = _read(b"a\n" + b"x" * (MAX_CELL + 1) + b"\n")
    assert isinstance(refused, BadRows)
    assert [(error.row, error.column) for error in refused.errors] == [(2, "a")]
