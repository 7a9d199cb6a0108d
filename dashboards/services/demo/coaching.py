"""The cheating shop's answers: written by the staff on three devices, late at night, at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboards.services.demo.parameters import Month, parameters

TEXT = "服务很好，非常满意，强烈推荐给朋友！"
DAY = 24 * 60
# So slow that no check excludes it by itself: in the running month a person has to look.
SLOWER = 2.6  # seconds a question
EVENING, EVENING_MINUTES = 19 * 60, 3 * 60


@dataclass
class Coached:
    """Which answers (places) were coached, on which device, when (minutes of the month)."""

    devices: dict[int, str]
    texts: set[int]
    top: set[int]
    seconds: float

    @classmethod
    def none(cls) -> Coached:
        return cls({}, set(), set(), 0.0)


def coach(
    places: np.ndarray,
    occurred: np.ndarray,
    sent: np.ndarray,
    month: Month,
    shop: str,
    rng: np.random.Generator,
    *,
    running_end: int | None,
) -> Coached:
    """Turn these online answers into coached ones and move them (`sent` is changed): to the last
    evenings of the month, in the running month (`running_end`, minutes) to the evening before."""
    given: dict[str, Any] = next(
        one for one in parameters()["stories"] if one["key"] == "cheating_shop"
    )["coached"]
    found = Coached.none()
    found.seconds = float(given["seconds_per_item"]) if running_end is None else SLOWER
    for number, place in enumerate(places):
        found.devices[int(place)] = f"demo-{shop}-{number % given['devices'] + 1}"
        if rng.random() < given["all_top_share"]:
            found.top.add(int(place))
        if rng.random() < given["identical_text_share"]:
            found.texts.add(int(place))
        minute = EVENING + int(rng.integers(0, EVENING_MINUTES))
        if running_end is None:
            day = month.last.day - 1 - int(rng.integers(0, given["last_days_of_month"]))
            moment = day * DAY + minute
        else:
            moment = running_end - DAY + minute
        sent[place] = max(moment, int(occurred[place]) + 20)
    return found
