"""Hashes of rows: canonical JSON, so that equal facts give equal bytes on every machine."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

GENESIS = ""


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical(value: Any) -> str:
    """Canonical JSON text: sorted keys, no blanks, Decimal and dates as text, floats refused."""
    return json.dumps(
        _without_floats(value),
        default=_plain,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )


def _without_floats(value: Any) -> Any:
    if isinstance(value, float):
        raise TypeError("a float has no exact text; use Decimal")
    if isinstance(value, Mapping):
        return {str(key): _without_floats(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_floats(one) for one in value]
    return value


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def row_hash(prev_hash: str, facts: Mapping[str, Any]) -> str:
    """The hash of one ledger row: its facts and the hash of the row before."""
    return digest({"prev_hash": prev_hash, "facts": facts})
