"""The figures of a survey as the rows of a flat file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

COLUMNS = ("figure", "key", "n", "value", "sd", "low", "high")
_MEANS = ("dimensions", "by_department", "by_employee")
_SHARES = ("nps", "top2")


def rows_of(figures: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """A row a figure, unrounded, in a fixed order; missing is empty."""
    whole = figures["overall"]
    yield ("overall", "", figures["n"], *(whole[name] for name in ("mean", "sd", "low", "high")))
    for section in _MEANS:
        for key, mean in sorted(figures[section].items()):
            yield (section, key, mean["n"], mean["mean"], mean["sd"], mean["low"], mean["high"])
    for section in _SHARES:
        for key, share in sorted(figures[section].items()):
            yield (section, key, share["n"], share["value"], None, share["low"], share["high"])
    for key, alpha in sorted(figures["alpha"].items()):
        yield ("alpha", key, None, alpha, None, None, None)
