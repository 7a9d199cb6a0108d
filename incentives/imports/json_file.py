"""Strict JSON files: fractions as Decimal, no repeated keys, no NaN, a limit on the size."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from core.errors import InvalidInput

MAX_BYTES = 5_000_000


def read_json(path: Path) -> Any:
    """One JSON value: fractions as Decimal, no repeated keys, no NaN. Raises InvalidInput."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidInput(_("%(file)s is larger than 5 MB.") % {"file": path.name})
        text = path.read_text(encoding="utf-8-sig")
        value = json.loads(
            text, parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_unique
        )
        _refuse_unstorable(value, path.name)
        return value
    except OSError as error:
        raise InvalidInput(
            _("%(file)s cannot be read: %(why)s") % {"file": path, "why": error.strerror}
        ) from error
    except RecursionError as error:
        raise InvalidInput(_("%(file)s is nested too deeply.") % {"file": path.name}) from error
    except (ValueError, InvalidOperation) as error:  # also numbers nobody can hold
        raise InvalidInput(
            _("%(file)s is not valid JSON: %(why)s") % {"file": path.name, "why": error}
        ) from error


def _refuse_constant(name: str) -> None:
    raise InvalidInput(_("%(value)s is not a number.") % {"value": name})


def _refuse_unstorable(value: Any, name: str) -> None:
    """JSON may escape a NUL or half a character; no database text can hold them."""
    for text in _texts(value):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise InvalidInput(_("%(file)s holds half a character.") % {"file": name}) from error
        if "\x00" in text:
            raise InvalidInput(_("%(file)s holds a NUL character.") % {"file": name})


def _texts(value: Any) -> Iterator[str]:
    """Every text in it, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _value in pairs]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        raise InvalidInput(_("The key %(key)s stands twice.") % {"key": ", ".join(twice)})
    return found
