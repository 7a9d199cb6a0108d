"""A scheme file: JSON with exact numbers."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from core.errors import InvalidInput

LARGEST = 1_000_000  # bytes; a scheme has some ten thousand


def read_scheme(path: str | Path) -> Any:
    """The content, numbers as int or Decimal; a repeated key is an error. InvalidInput."""
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror or error}") from error
    if len(raw) > LARGEST:
        raise InvalidInput(_("%(file)s: too large for a scheme.") % {"file": path})
    try:
        return json.loads(
            raw.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique,
        )
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InvalidInput(
            _("%(file)s: not readable as JSON: %(error)s") % {"file": path, "error": error}
        ) from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [key for key, _value in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {double!r} stands twice in one object")
    return result
