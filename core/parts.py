"""What the component partials of templates/components show, as small rows a query can return.

Texts are finished: translated, rounded, with their unit (the template filters of core.templatetags
do numbers). Every part is shown on /styleguide/ in demo mode.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

StepState = Literal["done", "now", "wait", ""]
RowKind = Literal["", "dim", "sum"]


@dataclass(frozen=True)
class Fact:
    """One link of `components/chain.html`: what it is, the number, its unit, a line below."""

    label: str
    value: str
    unit: str = ""
    note: str = ""
    before: str = ""


@dataclass(frozen=True)
class Step:
    """One step of `components/stepper.html`: name, date or deadline, who."""

    name: str
    note: str = ""
    state: StepState = ""
    who: str = ""
    url: str = ""


@dataclass(frozen=True)
class Change:
    """One row of `components/beforeafter.html`. An empty `change` reads "same"."""

    label: str
    now: str
    after: str
    change: str = ""
    kind: RowKind = ""


@dataclass(frozen=True)
class Voice:
    """One person of `components/who.html`: `may` True, False (with the reason as note), or None
    for somebody who still has to do something first."""

    names: str
    note: str = ""
    may: bool | None = True


@dataclass(frozen=True)
class Link:
    """One link of `components/lineage.html`. `box` is a table: titles first, then rows."""

    kind: str
    title: str
    lines: Sequence[str] = ()
    url: str = ""
    box: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Witness:
    """One column of `components/evidence.html`; the usual case is marked `reference`."""

    title: str
    note: str = ""
    reference: bool = False


@dataclass(frozen=True)
class Trace:
    """One row of `components/evidence.html`: a text for each column, and whether it is a hit."""

    label: str
    cells: Sequence[tuple[str, bool]]

    def beside(self, columns: Sequence[Witness]) -> list[tuple[Witness, str, bool]]:
        """The cells with the columns they stand in."""
        return [(column, *cell) for column, cell in zip(columns, self.cells, strict=True)]


@dataclass(frozen=True)
class HeatCell:
    """One group and dimension of `components/heat.html`. `value` None: fewer than five answers.

    `low` and `high` are the interval of the difference: the cell is coloured only where it
    excludes zero, strongly from `strong` points on.
    """

    value: float | None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    strong: float = 5.0

    @property
    def tone(self) -> str:
        """The class of the cell: q3, q2 above, q-2, q-3 below, q0 no clear difference, qx."""
        if self.value is None:
            return "qx"
        if self.difference is None or self.low is None or self.high is None:
            return "q0"
        if self.low <= 0 <= self.high:
            return "q0"
        size = 3 if abs(self.difference) >= self.strong else 2
        return f"q{size if self.difference > 0 else -size}"


@dataclass(frozen=True)
class HeatRow:
    """One group of `components/heat.html`; `dim` when its n is below 30."""

    name: str
    n: int | None
    cells: Sequence[HeatCell]
    url: str = ""
    dim: bool = False


@dataclass(frozen=True)
class Curve:
    """Where an indicator stands between floor and target, for `components/curve.html`.

    Good is always to the right: for an indicator that should be low the floor is above the
    target. Positions are of a picture of 112 x 34; outside it the mark stays at the edge.
    """

    value: float | None
    floor: float
    target: float
    low: float | None = None
    high: float | None = None

    _LEFT, _RIGHT, _FLOOR, _TARGET = 2.0, 110.0, 29.2, 82.8

    def place(self, value: float) -> float:
        """The horizontal position of a value; floor and target equal: at the target."""
        span = self.target - self.floor
        share = 1.0 if span == 0 else (value - self.floor) / span
        x = self._FLOOR + share * (self._TARGET - self._FLOOR)
        return round(min(max(x, self._LEFT), self._RIGHT), 1)

    @property
    def point(self) -> tuple[float, float] | None:
        """The dot, on the curve; None without a value."""
        if self.value is None:
            return None
        x = self.place(self.value)
        share = (x - self._FLOOR) / (self._TARGET - self._FLOOR)
        return x, round(27 - 20 * min(max(share, 0.0), 1.0), 1)

    @property
    def bar(self) -> tuple[float, float] | None:
        """Both ends of the interval; None where there is none."""
        if self.low is None or self.high is None:
            return None
        ends = sorted((self.place(self.low), self.place(self.high)))
        return ends[0], ends[1]


def with_columns(rows: Sequence[Trace], columns: Sequence[Witness]) -> list[dict[str, Any]]:
    """Rows of `components/evidence.html` joined with their columns."""
    return [{"label": row.label, "cells": row.beside(columns)} for row in rows]
