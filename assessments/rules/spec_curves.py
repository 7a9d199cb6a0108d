"""Reads the curve of a scheme item."""

import itertools
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from assessments.rules.curves import HUNDRED, Bands, Curve, Deduction, Linear, Piecewise
from assessments.rules.faults import gettext_noop
from assessments.rules.spec_reader import Reader

_CURVES: dict[str, tuple[set[str], set[str]]] = {
    "linear": ({"floor", "target"}, {"cap"}),
    "piecewise": ({"points"}, set()),
    "bands": ({"bands"}, set()),
    "deduction": ({"per"}, {"start"}),
}


def curve(read: Reader, where: str, value: Any) -> Curve:
    fallback = Deduction(HUNDRED, Decimal(0))  # never used: a fault was recorded
    kind = value.get("type") if isinstance(value, Mapping) else None
    if kind not in _CURVES:
        read.fault(
            f"{where}.type",
            gettext_noop("must be one of: %(choices)s"),
            choices=", ".join(sorted(_CURVES)),
        )
        return fallback
    required, optional = _CURVES[kind]
    before = len(read.faults)
    data = read.mapping(where, value, {"type", *required}, optional)
    if len(read.faults) > before:
        return fallback
    try:
        return _BUILDERS[kind](read, where, data)
    except ValueError:
        return fallback


def _linear(read: Reader, where: str, data: Mapping[str, Any]) -> Curve:
    floor = read.number(f"{where}.floor", data["floor"], low=None)
    target = read.number(f"{where}.target", data["target"], low=None)
    cap = read.number(f"{where}.cap", data.get("cap", HUNDRED), low=1, high=200)
    if floor == target:
        read.fault(where, gettext_noop("floor and target must differ"))
    return Linear(floor, target, cap)


def _pairs(read: Reader, where: str, value: Any, least: int) -> list[tuple[Any, Decimal]]:
    pairs = []
    for number, row in enumerate(read.rows(where, value, least=least)):
        if not isinstance(row, list) or len(row) != 2:
            read.fault(f"{where}[{number}]", gettext_noop("must be a pair [value, score]"))
            continue
        pairs.append((row[0], read.number(f"{where}[{number}][1]", row[1], high=200)))
    return pairs


def _piecewise(read: Reader, where: str, data: Mapping[str, Any]) -> Curve:
    pairs = _pairs(read, f"{where}.points", data["points"], 2)
    xs = tuple(
        read.number(f"{where}.points[{i}][0]", x, low=None) for i, (x, _) in enumerate(pairs)
    )
    if any(a >= b for a, b in itertools.pairwise(xs)):
        read.fault(f"{where}.points", gettext_noop("values must ascend"))
    return Piecewise(xs, tuple(score for _, score in pairs))


def _bands(read: Reader, where: str, data: Mapping[str, Any]) -> Curve:
    pairs = _pairs(read, f"{where}.bands", data["bands"], 1)
    starts = [
        read.number(f"{where}.bands[{i}][0]", x, low=None)
        for i, (x, _) in enumerate(pairs)
        if i or x is not None
    ]
    if len(starts) == len(pairs) and starts and starts[0] > 0:
        read.fault(
            f"{where}.bands",
            gettext_noop(
                "the first band must begin at 0 or null, or values under it would have no score"
            ),
        )
    if any(a >= b for a, b in itertools.pairwise(starts)):
        read.fault(f"{where}.bands", gettext_noop("values must ascend"))
    inner = starts[1:] if len(starts) == len(pairs) else starts
    return Bands(tuple(inner), tuple(score for _, score in pairs))


def _deduction(read: Reader, where: str, data: Mapping[str, Any]) -> Curve:
    start = read.number(f"{where}.start", data.get("start", HUNDRED), high=200)
    per = read.number(f"{where}.per", data["per"], high=200)
    if not per:
        read.fault(f"{where}.per", gettext_noop("must be more than 0"))
    return Deduction(start, per)


_BUILDERS = {
    "linear": _linear,
    "piecewise": _piecewise,
    "bands": _bands,
    "deduction": _deduction,
}
