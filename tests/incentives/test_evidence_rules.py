"""Evidence is what its bytes say, whatever it is called."""

import zipfile
from io import BytesIO

import pytest
from PIL import Image

from incentives.rules.evidence import content_type_of, plain_name
from tests.incentives.files import mp3, pdf, wave


def office(*names: str) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


def picture(kind: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (4, 3), "white").save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (pdf(), "application/pdf"),
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (wave(), "audio/wav"),
        (mp3(tag=20), "audio/mpeg"),
        ("接待记录\n第二行\t好".encode(), "text/plain"),
    ],
)
def test_known_kinds(content, kind):
    assert content_type_of(content) == kind


def test_office_files_without_macros():
    assert content_type_of(office("word/document.xml")).endswith("wordprocessingml.document")
    assert content_type_of(office("xl/workbook.xml")).endswith("spreadsheetml.sheet")
    assert content_type_of(office("xl/workbook.xml", "xl/vbaProject.bin")) is None
    assert content_type_of(office("classes.dex")) is None


@pytest.mark.parametrize(
    "content", [b"MZ\x90\x00", b"\x7fELF\x02", b"PK\x03\x04broken", b"\xff\xfe\x00", b"a\x00b"]
)
def test_anything_else_is_unknown(content):
    assert content_type_of(content) is None


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
        b"\xff\xd8\xff\xe0 nothing behind the first bytes",
        b"<!DOCTYPE html><p>x</p>",
        b"\n  <svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg/>",
        "说明 <SCRIPT src=x>".encode(),
    ],
)
def test_what_a_browser_would_run_is_neither_picture_nor_text(content):
    assert content_type_of(content) is None


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\接待.pdf", "接待.pdf"),
        ("a\r\nb\u202egnp.exe", "abgnp.exe"),
        ("..", "file"),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_name_is_only_a_name(given, shown):
    assert plain_name(given) == shown
