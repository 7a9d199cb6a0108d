"""Writing ratings: they begin, they end, and the sums follow in the same transaction."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import connection

from organization.models import Position
from surveys.models import Survey
from surveys.rules.questionnaires import Questionnaire
from surveys.rules.rating import Answered, RatingRow, rate
from surveys.services.bulk import copy_rows
from surveys.services.rollups import Deltas

_COLUMNS = (
    "answered_on",
    "response_id",
    "employee_id",
    "department_id",
    "position_id",
    "customer_id",
    "dimension",
    "score",
    "person_score",
    "survey_id",
    "counted_from",
)

# Days and ids travel as two arrays; the days let PostgreSQL read only their partitions.
_END = """
UPDATE surveys_rating SET counted_to = greatest(%s, counted_from)
WHERE counted_to IS NULL AND response_id = ANY(%s) AND answered_on BETWEEN %s AND %s
RETURNING answered_on, response_id, employee_id, department_id, position_id, customer_id,
    dimension, score, person_score
"""


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
    begin_rows(survey, rate(questionnaire, position_codes(), responses), moment, deltas)


def begin_rows(survey: Survey, rows: Sequence[RatingRow], moment: datetime, deltas: Deltas) -> None:
    """Write ratings that count from the moment on."""
    stamp = moment.isoformat()
    copy_rows("surveys_rating", _COLUMNS, ((*row, survey.pk, stamp) for row in rows))
    deltas.add(rows)


def end(responses: Iterable[tuple[date, int]], moment: datetime, deltas: Deltas) -> None:
    """Let responses, given as (answered_on, id), count no longer from the moment on."""
    keys = list(responses)
    if not keys:
        return
    days = [day for day, _ in keys]
    with connection.cursor() as cursor:
        cursor.execute(_END, [moment, [i for _, i in keys], min(days), max(days)])
        deltas.add((RatingRow(*row) for row in cursor.fetchall()), -1)
