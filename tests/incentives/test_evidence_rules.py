"""Evidence is what its bytes say, whatever it is called."""

import zipfile
from io import BytesIO

import pytest

from incentives.rules.evidence import content_type_of


def office(*names: str) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"ID3\x04....", "audio/mpeg"),
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
