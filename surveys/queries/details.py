"""From a score down to the answers it is made of, without names."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection

from organization.models import Position
from surveys.models import Judgement, Response, ResponseKey, Survey, Verdict
from surveys.models.reasons import reason_words
from surveys.queries.facts import (
    Current,
    ResponseRef,
    answered,
    latest_verdicts,
    questionnaire_of,
)
from surveys.rules.questionnaires import NA, Question, Questionnaire
from surveys.rules.rating import OVERALL, Answered, rate
from surveys.rules.scoring import half_up_micro, parts_for

# Answers the employee led, or had a part in, or was given by decision (some of the last two may
# have been taken away again: the valid attribution decides).
_OF_EMPLOYEE = """
SELECT r.answered_on, r.id, r.survey_id, r.response_no, r.submitted_at, r.late, r.channel,
    coalesce(e.stage, '')
FROM surveys_response r LEFT JOIN customers_serviceevent e ON e.id = r.event_id
WHERE r.answered_on BETWEEN %(first)s AND %(last)s AND (r.answered_on, r.id) IN (
    SELECT o.answered_on, o.id FROM surveys_response o
    WHERE o.answered_on BETWEEN %(first)s AND %(last)s AND o.employee_id = %(employee)s
    UNION
    SELECT o.answered_on, o.id FROM surveys_response o
    WHERE o.answered_on BETWEEN %(first)s AND %(last)s
        AND jsonb_array_length(o.people) > 1 AND o.people @> %(nested)s::jsonb
    UNION
    SELECT a.answered_on, a.response_id FROM surveys_responsereattribution a
    WHERE a.answered_on BETWEEN %(first)s AND %(last)s AND a.after @> %(nested)s::jsonb)
ORDER BY r.answered_on, r.id"""


def responses_of(
    employee_id: int, first: date, last: date, as_of: datetime | None = None
) -> list[dict[str, Any]]:
    """Every answer of these days that is about an employee, counted or not, as of a moment.

    By day and arrival: id, response_no, survey, answered_on, submitted_at, department_id,
    position_id, position (its code, "" for none), channel, stage (of the service, "" without
    one), verdict, checks, evidence, reason, decided_by_id, counted, late, score and person_score
    (1e-6 points, None = missing), dimensions (code -> person's score). Answers that had no verdict
    yet at the moment are no part.
    """
    employee_id = int(employee_id)  # ids of a DataFrame are numpy's
    with connection.cursor() as cursor:
        cursor.execute(
            _OF_EMPLOYEE,
            {
                "first": first,
                "last": last,
                "employee": employee_id,
                "nested": f"[[{employee_id}]]",
            },
        )
        found = cursor.fetchall()
    refs: list[ResponseRef] = [(row[0], row[1]) for row in found]
    facts = answered(refs, as_of=as_of)
    verdicts = latest_verdicts(refs, as_of=as_of)
    mine = [
        row
        for row in found
        if row[1] in verdicts and any(p[0] == employee_id for p in facts[row[1]].people)
    ]
    surveys = Survey.objects.select_related("version").in_bulk({row[2] for row in mine})
    codes = dict(Position.objects.values_list("pk", "code"))
    scores = _scores([(row[2], facts[row[1]]) for row in mine], surveys, codes)
    lines = [
        _line(row, employee_id, surveys[row[2]], facts[row[1]], verdicts[row[1]], scores)
        for row in mine
    ]
    return [line | {"position": codes.get(line["position_id"], "")} for line in lines]


def _scores(
    rows: Iterable[tuple[int, Answered]], surveys: Mapping[int, Survey], codes: Mapping[int, str]
) -> dict[tuple[int, int | None], dict[str, tuple[int | None, int | None]]]:
    """(response id, employee id) -> dimension -> (score, person's score)."""
    by_survey: dict[int, list[Answered]] = defaultdict(list)
    for survey_id, facts in rows:
        by_survey[survey_id].append(facts)
    scores: dict[tuple[int, int | None], dict[str, tuple[int | None, int | None]]] = defaultdict(
        dict
    )
    for survey_id, listed in by_survey.items():
        for row in rate(questionnaire_of(surveys[survey_id]), codes, listed):
            scores[row.response_id, row.employee] = {
                dimension: (score, own) for dimension, score, own in row.by_dimension()
            }
    return scores


def _line(
    row: tuple[Any, ...],
    employee_id: int,
    survey: Survey,
    facts: Answered,
    verdict: Current,
    scores: Mapping[tuple[int, int | None], Mapping[str, tuple[int | None, int | None]]],
) -> dict[str, Any]:
    person = next(p for p in facts.people if p[0] == employee_id)
    lead = facts.people[0][0]
    own = scores.get((row[1], employee_id), {})
    whole = scores.get((row[1], lead), {})
    return {
        "id": row[1],
        "response_no": row[3],
        "survey": survey.code,
        "answered_on": row[0],
        "submitted_at": row[4],
        "channel": row[6],
        "stage": row[7],
        "department_id": person[1],
        "position_id": person[2],
        "verdict": verdict.verdict,
        "checks": list(verdict.checks),
        "evidence": dict(verdict.evidence),
        "decided_by_id": verdict.decided_by_id,
        "decided_at": verdict.decided_at,
        "counted": verdict.verdict != Judgement.EXCLUDED,
        "late": row[5],
        "score": whole.get(OVERALL, (None, None))[0],
        "person_score": own.get(OVERALL, (None, None))[1],
        "dimensions": {
            code: score for code, (_, score) in own.items() if code != OVERALL and score is not None
        },
    }


def find_response(
    response_no: str | None = None, *, survey: str | None = None, response_id: int | None = None
) -> Response | None:
    """A response by its number (and survey code, where the number is not unique) or its id."""
    keys = ResponseKey.objects.order_by("answered_on", "response_id")
    if response_id is not None:
        keys = keys.filter(response_id=response_id)
    else:
        keys = keys.filter(response_no=response_no)
    if survey is not None:
        keys = keys.filter(survey__code=survey)
    # The key knows the day, and so the one partition the response stands in.
    found = keys.values_list("answered_on", "response_id").first()
    if found is None:
        return None
    rows = Response.objects.select_related("survey__version__questionnaire")
    return rows.get(answered_on=found[0], id=found[1])


def response_detail(
    response_no: str | None = None, *, survey: str | None = None, response_id: int | None = None
) -> dict[str, Any] | None:
    """One answer down to its items, without personal data; None when there is no such answer.

    Keys: id, response_no, survey, questionnaire, version, answered_on, submitted_at, channel, late,
    people [(employee, department, position) ids], score (1e-6 points), scores [(employee,
    dimension, score, person_score)], verdicts (oldest first), items [(code, type, dimension,
    weight, text_zh, text_en, answer, score, reverse, accountable)].
    """
    response = find_response(response_no, survey=survey, response_id=response_id)
    return None if response is None else detail_of(response)


def detail_of(response: Response) -> dict[str, Any]:
    """What `response_detail` says of a response that has been read."""
    ref = (response.answered_on, response.id)
    facts = answered([ref])[response.id]
    questionnaire = questionnaire_of(response.survey)
    codes = dict(Position.objects.values_list("pk", "code"))
    return {
        "id": response.id,
        "response_no": response.response_no,
        "survey": response.survey.code,
        "questionnaire": response.survey.version.questionnaire.code,
        "version": response.survey.version.number,
        "answered_on": response.answered_on,
        "submitted_at": response.submitted_at,
        "channel": response.channel,
        "late": response.late,
        "people": list(facts.people),
        "score": response.score_micro,
        "scores": [
            {
                "employee_id": row.employee,
                "dimension": dimension,
                "score": score,
                "person_score": person_score,
            }
            for row in rate(questionnaire, codes, [facts])
            for dimension, score, person_score in row.by_dimension()
        ],
        "verdicts": _history(ref),
        "items": [_item(question, facts, questionnaire) for question in questionnaire.questions],
    }


def _history(ref: ResponseRef) -> list[dict[str, Any]]:
    rows = (
        Verdict.objects.filter(answered_on=ref[0], response_id=ref[1])
        .order_by("seq")
        .values(
            *("seq", "verdict", "checks", "evidence", "rule_set_id", "decided_by_id"),
            *("reason", "source", "decided_at", "decided_by__username"),
            *("rule_set__code", "rule_set__version"),
        )
    )
    return [{**row, "reason": reason_words(row["reason"], row["source"])} for row in rows]


def _item(question: Question, facts: Answered, questionnaire: Questionnaire) -> dict[str, Any]:
    """One item with its answer (None: not answered; free texts are never shown here)."""
    answer = facts.answers.get(question.code)
    points = None
    if question.scored and isinstance(answer, int):
        items = {i.code: i for part in parts_for(questionnaire) for i in part.items}
        points = half_up_micro(items[question.code].points(answer))
    return {
        "code": question.code,
        "type": question.type,
        "dimension": question.dimension,
        "weight": question.weight,
        "text_zh": question.text_zh,
        "text_en": question.text_en,
        "answer": answer,
        "not_applicable": question.allow_na and answer == NA,
        "score": points,
        "reverse": question.reverse,
        "accountable": None if question.accountable is None else sorted(question.accountable),
    }
