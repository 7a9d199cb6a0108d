"""How ordinary customers answer, for many at once: scores in, cells of a file out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboards.services.demo.coaching import TEXT, Coached
from dashboards.services.demo.company import Person
from dashboards.services.demo.parameters import parameters

HAPPY = 70.0  # from here on a customer may give the best answer everywhere
NOT_APPLICABLE = 0.04  # of the answers to questions that may not apply
SECONDS_PER_QUESTION, SPREAD = 7.0, 0.35
CALL_OVERHEAD = 40.0  # seconds a telephone interview takes beside the questions


@dataclass(frozen=True)
class Answers:
    """A column of cells per question; channels, interviewers and seconds per answer."""

    questions: tuple[str, ...]
    columns: tuple[list[str | None], ...]
    channels: list[str]
    interviewers: list[str | None]
    seconds: np.ndarray

    def cells(self, place: int) -> tuple[str | None, ...]:
        return tuple(column[place] for column in self.columns)


def draw(
    spec: dict[str, Any], served: Sequence[tuple[Person, ...]], rng: np.random.Generator
) -> Answers:
    """Answers of one customer per entry of `served`.

    An answer is the person's true mean + noise (sd of answers of one person) cut to 0..100, calls
    a little kinder; items of one answer correlate as given. Some happy customers give the best
    answer everywhere; a few misread the reverse-keyed items.
    """
    given, size = parameters()["scores"], len(served)
    noise = given["response_sd"] * (1 - given["icc"]) ** 0.5
    channels, bonus = _channels(size, rng)
    shared = rng.normal(0, 1, size)
    best = _best(shared, served, noise, rng)
    misread = rng.random(size) < given["reverse_misread_share"]
    own = given["item_correlation"]
    columns = []
    for question in spec["questions"]:
        item = rng.normal(0, 1, size)
        value = _means(question, served) + bonus
        value += noise * (own**0.5 * shared + (1 - own) ** 0.5 * item)
        value = np.where(best, 100.0, np.clip(value, 0, 100))
        columns.append(_column(question, value, misread, rng))
    closed = sum(question["type"] in ("rating", "nps") for question in spec["questions"])
    seconds = SECONDS_PER_QUESTION * closed * rng.lognormal(0, SPREAD, size)
    calls = channels == 1
    seconds += np.where(calls, CALL_OVERHEAD, 0)
    interviewers = _interviewers(channels, rng)
    return Answers(
        tuple(question["code"] for question in spec["questions"]),
        tuple(columns),
        [_CHANNELS[i] for i in channels],
        interviewers,
        np.maximum(seconds, 3.0 * closed).astype(int),
    )


_CHANNELS = ("online", "phone", "on_site")


def _channels(size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    volumes = parameters()["volumes"]
    shares = [volumes["modes"][name] for name in _CHANNELS]
    channels = rng.choice(len(_CHANNELS), size, p=np.array(shares) / sum(shares))
    return channels, np.where(channels == 1, volumes["phone_bias"], 0.0)


def _interviewers(channels: np.ndarray, rng: np.random.Generator) -> list[str | None]:
    from dashboards.services.demo import company

    staff = [person.number for person in company.at("survey_executor")]
    chosen = rng.integers(0, len(staff), len(channels))
    pairs = zip(channels, chosen, strict=True)
    return [None if channel == 0 else staff[who] for channel, who in pairs]


def _best(
    shared: np.ndarray,
    served: Sequence[tuple[Person, ...]],
    noise: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """The given share of happy customers, who give the best answer everywhere."""
    means = np.array([people[0].true_mean for people in served])
    happy: np.ndarray = np.greater_equal(means + noise * shared, HAPPY)
    best: np.ndarray = rng.random(len(served)) < parameters()["scores"]["straight_top_share"]
    both: np.ndarray = np.logical_and(happy, best)
    return both


def _means(question: dict[str, Any], served: Sequence[tuple[Person, ...]]) -> np.ndarray:
    """The true mean of whoever answers for the question; for others' questions all of them."""
    accountable = set(question.get("accountable") or ())
    means = {}
    for people in set(served):
        about = [one.true_mean for one in people if one.position in accountable]
        means[people] = float(np.mean(about or [one.true_mean for one in people]))
    return np.array([means[people] for people in served])


def _column(
    question: dict[str, Any], value: np.ndarray, misread: np.ndarray, rng: np.random.Generator
) -> list[str | None]:
    kind = question["type"]
    if kind in ("rating", "nps"):
        low, high = question.get("scale") or (0, 10)
        points = np.rint(low + value / 100 * (high - low)).astype(int)
        if question.get("reverse"):
            points = np.where(misread, points, low + high - points)
        cells: list[str | None] = [str(point) for point in points]
        if question.get("allow_na"):
            for place in np.flatnonzero(rng.random(len(cells)) < NOT_APPLICABLE):
                cells[place] = "na"
        return cells
    if kind == "single" and question.get("required"):
        codes = [option["code"] for option in question["options"]]
        return [codes[place] for place in rng.integers(0, len(codes), len(value))]
    return [None] * len(value)


def make_coached(spec: dict[str, Any], group: Answers, coached: Coached) -> None:
    """Write the coached answers into their cells: the best everywhere, the same words, in no
    time."""
    closed = 0
    for question, column in zip(spec["questions"], group.columns, strict=True):
        if question["type"] == "text" and question["code"] == "comment":
            for place in coached.texts:
                column[place] = TEXT
        if question["type"] not in ("rating", "nps"):
            continue
        closed += 1
        low, high = question.get("scale") or (0, 10)
        for place in coached.top:
            column[place] = str(low if question.get("reverse") else high)
    for place in coached.devices:
        group.seconds[place] = int(coached.seconds * closed)


def settle_mean(
    spec: dict[str, Any],
    group: Answers,
    places: np.ndarray,
    position: str,
    target: float,
    rng: np.random.Generator,
) -> None:
    """Move single answers by one point until those about a position have the target mean (points,
    about)."""
    columns = [
        (question, column)
        for question, column in zip(spec["questions"], group.columns, strict=True)
        if question["type"] == "rating" and position in (question.get("accountable") or ())
    ]
    cells = [(i, place) for i in range(len(columns)) for place in places.tolist()]
    points = np.array([_points(*columns[i], place) for i, place in cells], dtype=float)
    step = 25.0 / len(cells)
    while abs(float(points.mean()) - target) > step / 2 + 1e-9:
        up = float(points.mean()) < target
        open_cells = np.flatnonzero(points < 100 if up else points > 0)
        points[int(rng.choice(open_cells))] += 25 if up else -25
    for (i, place), value in zip(cells, points, strict=True):
        question, column = columns[i]
        low, high = question["scale"]
        point = round(low + value / 100 * (high - low))
        column[place] = str(low + high - point if question.get("reverse") else point)


def _points(question: dict[str, Any], column: list[str | None], place: int) -> float:
    """Points 0..100 of a cell of five points; "not applicable" counts as the middle."""
    cell = column[place]
    low, high = question["scale"]
    point = (low + high) // 2 if cell in (None, "na") else int(str(cell))
    if question.get("reverse"):
        point = low + high - point
    return float((point - low) / (high - low) * 100)
