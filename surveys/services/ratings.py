"""Writing ratings: they begin, they end, and the sums follow in the same transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import connection

from organization.models import Position
from surveys.models import Survey
from surveys.queries.facts import WANTED, answered, questionnaire_of, rating_row
from surveys.rules.questionnaires import Questionnaire
from surveys.rules.rating import Answered, RatingRow, rate
from surveys.services.bulk import array_text, copy_rows
from surveys.services.rollups import Deltas

_COLUMNS = (
    "answered_on",
    "response_id",
    "employee_id",
    "department_id",
    "position_id",
    "customer_id",
    "score",
    "person_score",
    "dimensions",
    "scores",
    "person_scores",
)

_END = f"""
UPDATE surveys_rating r SET counted_to = greatest(%(moment)s, r.counted_from)
FROM {WANTED}
WHERE r.answered_on = w.day AND r.response_id = w.id AND r.counted_to IS NULL
    AND r.answered_on BETWEEN %(first)s AND %(last)s
RETURNING r.answered_on, r.response_id, r.employee_id, r.department_id, r.position_id,
    r.customer_id, r.score, r.person_score, r.dimensions, r.scores, r.person_scores
"""  # noqa: S608 - constants only


_names = lru_cache(maxsize=1024)(array_text)  # the same few dimensions over and over


def position_codes() -> dict[int, str]:
    """Position id -> code."""
    return dict(Position.objects.values_list("pk", "code"))


def begin(
    survey: Survey,
    questionnaire: Questionnaire,
    responses: Sequence[Answered],
    moment: datetime,
    deltas: Deltas,
) -> None:
    """Let responses count from the moment on."""
    rows = rate(questionnaire, position_codes(), responses)
    begin_rows(survey, rows, {each.response_id: each.answers for each in responses}, moment, deltas)


def begin_rows(
    survey: Survey,
    rows: Sequence[RatingRow],
    answers: Mapping[int, Mapping[str, Any]],
    moment: datetime,
    deltas: Deltas,
) -> None:
    """Write ratings that count from the moment on; `answers` by response id."""
    copy_rows(
        "surveys_rating",
        _COLUMNS,
        ((*row[:8], _names(row.dimensions), *row[9:]) for row in rows),
        {"survey_id": survey.pk, "counted_from": moment},
    )
    deltas.add(rows, _nps(survey, answers))


def _nps_code(survey: Survey) -> str | None:
    questions = questionnaire_of(survey).questions
    return next((question.code for question in questions if question.type == "nps"), None)


def _nps(survey: Survey, answers: Mapping[int, Mapping[str, Any]]) -> dict[int, int]:
    """Response id -> its point at the first nps question, where one was given."""
    code = _nps_code(survey)
    if code is None:
        return {}
    given = {i: each.get(code) for i, each in answers.items()}
    return {i: point for i, point in given.items() if isinstance(point, int)}


def end(
    survey: Survey, responses: Iterable[tuple[date, int]], moment: datetime, deltas: Deltas
) -> None:
    """Let responses, given as (answered_on, id), count no longer from the moment on."""
    keys = list(responses)
    if not keys:
        return
    days = [day for day, _ in keys]
    with connection.cursor() as cursor:
        cursor.execute(
            _END,
            {
                "moment": moment,
                "days": days,
                "ids": [i for _, i in keys],
                "first": min(days),
                "last": max(days),
            },
        )
        ended = [rating_row(row) for row in cursor.fetchall()]
    answers = {}
    if _nps_code(survey) is not None:
        answers = {i: facts.answers for i, facts in answered(keys).items()}
    deltas.add(ended, _nps(survey, answers), -1)
