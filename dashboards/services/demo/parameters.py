"""The numbers of the demo company, and its months counted from the day of seeding."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from core.months import first_of, last_of, shift

CONTENT = Path(__file__).parents[2] / "content"
MONTHS = 12
GRACE = timedelta(days=3)


@cache
def parameters() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CONTENT / "demo_parameters.json").read_text("utf-8"))
    return found


@cache
def comments() -> dict[str, list[str]]:
    """Comments by how content the answer is: good, mixed, bad."""
    found: dict[str, list[str]] = json.loads((CONTENT / "demo_comments.json").read_text("utf-8"))
    return found


def random_for(*parts: object) -> np.random.Generator:
    """Random numbers that depend on the company's seed and these names only: a month looks the
    same on whatever day, and in whatever order, it is made."""
    text = "/".join(map(str, (parameters()["seed"], *parts)))
    return np.random.default_rng(list(text.encode()))


@dataclass(frozen=True)
class Month:
    first: date

    @property
    def key(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def last(self) -> date:
        return last_of(self.first)

    def shifted(self, months: int) -> Month:
        return Month(shift(self.first, months))


def months_before(today: date) -> list[Month]:
    """The twelve months that can be assessed on `today`, oldest first; the last one is M0 of the
    story. A month's data may be locked from the fourth day after it on."""
    running = Month(first_of(today - GRACE))
    return [running.shifted(-distance) for distance in range(MONTHS, 0, -1)]
