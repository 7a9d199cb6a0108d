"""From answers to ratings: who gets which score in which dimension for one response."""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, NamedTuple

import numpy as np

from surveys.rules.questionnaires import Questionnaire
from surveys.rules.scoring import Part, ScoreColumns, parts_for, score_columns

OVERALL = "overall"
SCORE_BAND = 5  # points an overall score's band is wide; the last one holds 100 too
BANDS = 20

Person = tuple[int | None, int | None, int | None]  # employee, department, position ids
NOBODY: Person = (None, None, None)


@dataclass(frozen=True, slots=True)
class Answered:
    """What the score of a response depends on. `people`: the lead first; empty: nobody is named
    (then `department` alone gets the response's score)."""

    answered_on: datetime.date
    response_id: int
    customer: int | None
    department: int | None
    people: tuple[Person, ...]
    answers: Mapping[str, Any]


class RatingRow(NamedTuple):
    """One person's scores of one response, 1e-6 points; see models.Rating."""

    answered_on: datetime.date
    response_id: int
    employee: int | None
    department: int | None
    position: int | None
    customer: int | None
    score: int | None
    person_score: int | None
    dimensions: tuple[str, ...]
    scores: tuple[int | None, ...]
    person_scores: tuple[int | None, ...]

    def by_dimension(self) -> Iterator[tuple[str, int | None, int | None]]:
        """(dimension, score, person's score) where there is one; OVERALL is the last."""
        yield from zip(self.dimensions, self.scores, self.person_scores, strict=True)
        if self.score is not None or self.person_score is not None:
            yield OVERALL, self.score, self.person_score


class Scored(NamedTuple):
    """The scores of a response that are there, over all items or over those of a person."""

    dimensions: tuple[str, ...]
    scores: tuple[int, ...]
    overall: int | None


NO_SCORES = Scored((), (), None)


def rate(
    questionnaire: Questionnaire, positions: Mapping[int, str], responses: Sequence[Answered]
) -> list[RatingRow]:
    """The ratings of responses to one questionnaire, in their order, the lead before the others.

    `positions` gives the code of a position id. A row stands where there is a score: the lead's row
    holds the scores over all items, each row those over the items the person answers for.
    """
    if not responses:
        return []
    matrix = _Matrix(questionnaire, responses)
    everything = matrix.scores(parts_for(questionnaire), range(len(responses)))
    own = _own_scores(questionnaire, positions, responses, matrix)
    rows: list[RatingRow] = []
    for i, response in enumerate(responses):
        for order, person in enumerate(response.people or ((None, response.department, None),)):
            whole = everything[i] if order == 0 else NO_SCORES
            mine = own.get((i, order), NO_SCORES)
            if whole == mine == NO_SCORES:
                continue
            rows.append(
                RatingRow(
                    response.answered_on,
                    response.response_id,
                    *person,
                    response.customer,
                    whole.overall,
                    mine.overall,
                    *_beside(whole, mine),
                )
            )
    return rows


def _beside(
    whole: Scored, mine: Scored
) -> tuple[tuple[str, ...], tuple[int | None, ...], tuple[int | None, ...]]:
    """The dimensions of either, and the scores of both in one order."""
    if whole.dimensions == mine.dimensions:
        return whole.dimensions, whole.scores, mine.scores
    dimensions = tuple(dict.fromkeys(whole.dimensions + mine.dimensions))
    first, second = (dict(zip(each.dimensions, each.scores, strict=True)) for each in (whole, mine))
    return dimensions, tuple(map(first.get, dimensions)), tuple(map(second.get, dimensions))


def band_of(score: int) -> int:
    """The number of the band an overall score (1e-6 points) lies in."""
    return min(score // (SCORE_BAND * 1_000_000), BANDS - 1)


def overall_scores(questionnaire: Questionnaire, responses: Sequence[Answered]) -> list[int | None]:
    """The overall score over all items of each response, 1e-6 points."""
    if not responses:
        return []
    scores = _Matrix(questionnaire, responses).scores(
        parts_for(questionnaire), range(len(responses))
    )
    return [each.overall for each in scores]


def _own_scores(
    questionnaire: Questionnaire,
    positions: Mapping[int, str],
    responses: Sequence[Answered],
    matrix: "_Matrix",
) -> dict[tuple[int, int], Scored]:
    """(response number, person number) -> scores over the person's accountable items."""
    held: dict[int | None, list[tuple[int, int]]] = {}
    for i, response in enumerate(responses):
        for order, (employee, _, position) in enumerate(response.people):
            if employee is not None:
                held.setdefault(position, []).append((i, order))
    own: dict[tuple[int, int], Scored] = {}
    for position, places in held.items():
        code = None if position is None else positions[position]
        scores = matrix.scores(parts_for(questionnaire, code), [i for i, _ in places])
        own.update(zip(places, scores, strict=True))
    return own


class _Matrix:
    """The rating answers of responses as columns."""

    def __init__(self, questionnaire: Questionnaire, responses: Sequence[Answered]) -> None:
        self.codes = [q.code for q in questionnaire.questions if q.scored]
        shape = (len(responses), len(self.codes))
        self.values = np.zeros(shape, np.int64)
        self.answered = np.zeros(shape, np.bool_)
        for k, code in enumerate(self.codes):
            column = [response.answers.get(code) for response in responses]
            if set(map(type, column)) == {int}:  # everybody answered
                self.answered[:, k] = True
                self.values[:, k] = np.array(column, np.int64)
                continue
            self.answered[:, k] = [isinstance(answer, int) for answer in column]
            self.values[:, k] = [answer if isinstance(answer, int) else 0 for answer in column]

    def scores(self, parts: tuple[Part, ...], rows: Iterable[int]) -> list[Scored]:
        """For each of the rows the scores that are there."""
        at = np.fromiter(rows, np.int64)
        columns = score_columns(parts, self.codes, self.values[at], self.answered[at])
        return _by_row(columns)


def _by_row(columns: ScoreColumns) -> list[Scored]:
    codes = columns.codes
    overall = [
        score if there else None
        for score, there in zip(
            columns.overall.tolist(), columns.overall_present.tolist(), strict=True
        )
    ]
    result = [
        Scored(codes, tuple(scores), score)
        for scores, score in zip(columns.scores.tolist(), overall, strict=True)
    ]
    for at in np.flatnonzero(np.logical_not(columns.present.all(axis=1))).tolist():
        there = columns.present[at].tolist()
        result[at] = Scored(
            tuple(compress(codes, there)), tuple(compress(result[at].scores, there)), overall[at]
        )
    return result
