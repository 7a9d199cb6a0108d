"""What kind of file some bytes are; the name of a file is never believed."""

import re
import zipfile
from collections.abc import Callable
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from incentives.rules.containers import is_mp3, is_pdf, is_wave

Check = Callable[[bytes], bool]


def _is_picture(content: bytes) -> bool:
    """Whether the picture can be opened; of a size somebody can look at."""
    try:
        with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as picture:
            picture.verify()
            return picture.width * picture.height <= _PIXELS
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False


# The first bytes say what it would be, the check whether the rest agrees.
_STARTS: tuple[tuple[bytes, str, Check], ...] = (
    (b"%PDF-", "application/pdf", is_pdf),
    (b"\x89PNG\r\n\x1a\n", "image/png", _is_picture),
    (b"\xff\xd8\xff", "image/jpeg", _is_picture),
    (b"ID3", "audio/mpeg", is_mp3),
    *((bytes((0xFF, second)), "audio/mpeg", is_mp3) for second in (0xFB, 0xFA, 0xF3, 0xF2)),
    (b"RIFF", "audio/wav", is_wave),
)
# A page or drawing that a browser would run is no plain text, whatever it is called.
_MARKUP = re.compile(r"<\s*(!doctype|\?xml|html|head|body|svg|script|iframe|object|embed)\b", re.I)
_PIXELS = 100_000_000
_OFFICE = "application/vnd.openxmlformats-officedocument."
_PARTS = (
    ("word/document.xml", f"{_OFFICE}wordprocessingml.document"),
    ("xl/workbook.xml", f"{_OFFICE}spreadsheetml.sheet"),
)


def content_type_of(content: bytes) -> str | None:
    """The media type by content: PDF, PNG, JPEG, MP3, WAV, Word, Excel, UTF-8 text; else None.

    Files with macros are none of these, nor is anything a browser would run.
    """
    for start, kind, holds in _STARTS:
        if content.startswith(start):
            return kind if holds(content) else None
    if content.startswith(b"PK\x03\x04"):
        return _office_type(content)
    return "text/plain" if _is_text(content) else None


def _office_type(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        return None
    if any(name.endswith("vbaProject.bin") for name in names):
        return None
    return next((kind for part, kind in _PARTS if part in names), None)


def plain_name(name: str) -> str:
    """A file name for people to read: its last part, without control and formatting characters."""
    last = re.split(r"[/\\\\]", name)[-1]
    shown = "".join(char for char in last if char.isprintable()).strip(". ")
    return shown[-200:] or "file"


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    if _MARKUP.search(text):
        return False
    return all(char.isprintable() or char in "\n\r\t" for char in text)
