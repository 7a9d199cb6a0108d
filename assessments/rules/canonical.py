"""One text for one content, and its SHA-256: how equal things are recognised."""

import hashlib
import json
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any


def number_text(x: Decimal | int | str) -> str:
    """Shortest plain text of an exact number: 70, 70.0 and "70" are all "70"; 1E+2 is "100"."""
    value = Decimal(x)
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def dumps(content: Any) -> str:
    """JSON with sorted keys, no spaces, characters as they are; Decimal becomes plain text."""
    return _ENCODER.encode(content)


def quoted(text: str) -> str:
    """dumps of a text, for canonical texts that are put together from parts."""
    return encode_basestring(text)


def digest(content: Any) -> str:
    """64 lower-case hex digits over the canonical text."""
    return hashlib.sha256(dumps(content).encode()).hexdigest()


def text_digest(text: str) -> str:
    """64 lower-case hex digits over a text that is canonical already."""
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return number_text(value)
    raise TypeError(f"{value!r} has no canonical text.")


# Made once: a month needs hundreds of thousands of these texts.
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
)
