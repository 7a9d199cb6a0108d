"""Reading responses back as what their scores and verdicts depend on."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import connection

from surveys.models import QuestionnaireVersion, Survey
from surveys.rules.questionnaires import Questionnaire
from surveys.rules.rating import Answered, Person, RatingRow
from surveys.rules.reading import parse
from surveys.rules.suppression import MINIMUM

ResponseRef = tuple[date, int]  # answered_on, id

# The attribution that is valid (as of a moment): the last decided one, else the one frozen at
# arrival.
PEOPLE = """coalesce((
    SELECT a.after FROM surveys_responsereattribution a
    WHERE a.answered_on = r.answered_on AND a.response_id = r.id
        AND a.decided_at <= coalesce(%(as_of)s, 'infinity'::timestamptz)
    ORDER BY a.number DESC LIMIT 1), r.people)"""

# Days and ids travel as two arrays: each pair is one look into the key of one partition.
WANTED = "unnest(%(days)s::date[], %(ids)s::bigint[]) AS w(day, id)"

# Ratings a dimension at a time, the overall scores as one of them. (Unnested in the list of
# columns: a lateral join takes a third longer.)
EACH = """(SELECT answered_on, survey_id, department_id, employee_id, position_id, counted_from,
        counted_to, unnest(array_append(dimensions, 'overall')) AS dimension,
        unnest(array_append(scores, score)) AS score,
        unnest(array_append(person_scores, person_score)) AS person_score
    FROM surveys_rating) t"""

_ANSWERED = f"""SELECT r.answered_on, r.id, r.customer_id, r.department_id, {PEOPLE}, r.answers
    FROM {WANTED} JOIN surveys_response r ON r.answered_on = w.day AND r.id = w.id
    WHERE r.answered_on BETWEEN %(first)s AND %(last)s
    ORDER BY r.id"""  # noqa: S608 - constants only

_LATEST = f"""SELECT DISTINCT ON (v.response_id) v.response_id, v.seq, v.verdict, v.checks,
        v.evidence, v.rule_set_id, v.decided_by_id, v.decided_at
    FROM {WANTED} JOIN surveys_verdict v ON v.answered_on = w.day AND v.response_id = w.id
    WHERE v.answered_on BETWEEN %(first)s AND %(last)s
        AND v.decided_at <= coalesce(%(as_of)s, 'infinity'::timestamptz)
    ORDER BY v.response_id, v.seq DESC"""  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True)
class Current:
    """The valid verdict on a response."""

    seq: int
    verdict: str
    checks: tuple[str, ...]
    evidence: Mapping[str, Any]
    rule_set_id: int | None
    decided_by_id: int | None
    decided_at: datetime


@lru_cache(maxsize=64)
def _parsed(content_hash: str, version_id: int) -> Questionnaire:
    return parse(QuestionnaireVersion.objects.values_list("spec", flat=True).get(pk=version_id))


def questionnaire_of(survey: Survey) -> Questionnaire:
    """The questionnaire a survey asks (its version never changes, so it is read once)."""
    version = survey.version
    return _parsed(version.content_hash, version.pk)


def minimums(surveys: Iterable[int]) -> dict[int, int]:
    """Survey id -> how many answers a group needs to be shown: what its questionnaire asks for,
    never fewer than everywhere."""
    rows = Survey.objects.filter(pk__in=set(surveys)).values_list("pk", "version__spec__min_group")
    return {pk: max(MINIMUM, asked or 0) for pk, asked in rows}


def people_of(raw: Any) -> tuple[Person, ...]:
    """The stored list of [employee, department, position] as tuples."""
    listed = json.loads(raw) if isinstance(raw, str) else raw
    return tuple((each[0], each[1], each[2]) for each in listed)


def _span(refs: Sequence[ResponseRef], as_of: datetime | None) -> dict[str, Any]:
    days = [day for day, _ in refs]
    ids = [i for _, i in refs]
    return {"days": days, "ids": ids, "first": min(days), "last": max(days), "as_of": as_of}


def answered(refs: Iterable[ResponseRef], *, as_of: datetime | None = None) -> dict[int, Answered]:
    """Response id -> what its ratings depend on, with the attribution valid (as of a moment)."""
    listed = list(refs)
    if not listed:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERED, _span(listed, as_of))
        return {row[1]: answered_row(row) for row in cursor.fetchall()}


def answered_row(row: Sequence[Any]) -> Answered:
    """(day, id, customer, department, people, answers) as Answered. An attribution that was decided
    later names the lead's department itself."""
    people = people_of(row[4])
    answers = json.loads(row[5]) if isinstance(row[5], str) else row[5]
    return Answered(row[0], row[1], row[2], row[3], people, answers)


def rating_row(row: Sequence[Any]) -> RatingRow:
    """The columns of surveys_rating as a RatingRow."""
    return RatingRow(*row[:-3], *map(tuple, row[-3:]))


def latest_verdicts(
    refs: Iterable[ResponseRef], *, as_of: datetime | None = None
) -> dict[int, Current]:
    """Response id -> the verdict valid (as of a moment)."""
    listed = list(refs)
    if not listed:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, _span(listed, as_of))
        return {row[0]: current_row(row[1:]) for row in cursor.fetchall()}


def current_row(row: Sequence[Any]) -> Current:
    evidence = json.loads(row[3]) if isinstance(row[3], str) else row[3]
    return Current(row[0], row[1], tuple(row[2]), evidence, *row[4:])


def chunks(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
