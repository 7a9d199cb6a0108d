"""A specification is put together once and filled often: Altair needs some 25 ms for a chart of
layers, filling what it made a fraction of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

_MARK = "\ue000"  # of Unicode's private use: no title or label is taken for a slot


def slot(name: str) -> Any:
    """Stands in a skeleton for the value `filled` is given under this name."""
    return f"{_MARK}{name}"


def rows_of(name: str) -> alt.NamedData:
    """The data source whose rows `filled` is given under this name."""
    return alt.NamedData(name=name)


def skeleton(layers: Sequence[alt.Chart]) -> dict[str, Any]:
    """Layers over each other as one object without rows and sizes; unchecked, for it has slots."""
    return alt.layer(*layers).to_dict(validate=False)


def filled(
    made: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    height: float,
    **rows: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The specification with a value in each slot, its rows and its height. Raises KeyError where
    a slot has no value."""
    spec: dict[str, Any] = _filled(made, values)
    return {**spec, "datasets": rows, "width": "container", "height": height}


def _filled(part: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(part, str):
        return values[part[1:]] if part.startswith(_MARK) else part
    if isinstance(part, dict):
        return {key: _filled(each, values) for key, each in part.items()}
    if isinstance(part, list):
        return [_filled(each, values) for each in part]
    return part
