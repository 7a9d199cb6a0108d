"""One answer beside the one it resembles most and beside what is usual."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.db import connection

from core.models import User
from organization.queries import own_id
from surveys.models import Survey
from surveys.queries.desk import Part, listed
from surveys.queries.facts import ResponseRef, questionnaire_of
from surveys.queries.responses import departments_seen
from surveys.rules.questionnaires import Question

SAMPLE = 2000  # the newest answers of the survey and channel that "usual" is read from
_NEAR = timedelta(days=62)

_COLUMNS = """
SELECT r.id, r.answered_on, r.response_no, r.channel, r.started_at, r.submitted_at, r.answers,
    r.score_micro, r.event_id, r.employee_id, coalesce(p.device, ''), coalesce(p.network, ''),
    coalesce(p.texts, '{}'::jsonb),
    coalesce((SELECT v.checks FROM surveys_verdict v WHERE v.answered_on = r.answered_on
        AND v.response_id = r.id ORDER BY v.seq DESC LIMIT 1), '{}')
FROM surveys_response r
LEFT JOIN surveys_responsepersonal p ON p.answered_on = r.answered_on AND p.response_id = r.id"""

_ONE = (
    _COLUMNS
    + """
WHERE r.answered_on = %(day)s AND r.id = %(id)s"""
)

_NEAREST = (
    _COLUMNS  # noqa: S608 - constants only
    + """
    AND p.answered_on BETWEEN %(first)s AND %(last)s
WHERE r.survey_id = %(survey)s AND r.id <> %(id)s
    AND r.answered_on BETWEEN %(first)s AND %(last)s
    AND (%(departments)s::bigint[] IS NULL OR r.department_id = ANY(%(departments)s))
    AND (%(own)s::bigint IS NULL OR NOT (
        jsonb_path_exists(r.people, %(about)s, jsonb_build_object('own', %(own)s::bigint))
        OR EXISTS (SELECT 1 FROM surveys_responsereattribution a
            WHERE a.answered_on = r.answered_on AND a.response_id = r.id AND jsonb_path_exists(
                a.after, %(about)s, jsonb_build_object('own', %(own)s::bigint)))))
    AND """
)

_CLOSEST = """
ORDER BY abs(extract(epoch FROM r.submitted_at - %(at)s)), r.id LIMIT 1"""

# What makes another answer alike, from the strongest; the last is the same person's neighbour.
_ALIKE = {
    "duplicate": "r.event_id = %(event)s",
    "same_device": "p.device = %(device)s",
    "same_text": """EXISTS (SELECT 1 FROM jsonb_each_text(p.texts) said
        WHERE said.value = ANY(%(texts)s))""",
    "store_network": "p.network = %(network)s",
    "person": "r.employee_id = %(employee)s",
}

_USUAL = """
SELECT r.answers, extract(epoch FROM r.submitted_at - r.started_at)::float8, r.score_micro
FROM surveys_response r
WHERE r.survey_id = %s AND r.channel = %s
    AND (%s::bigint[] IS NULL OR r.department_id = ANY(%s::bigint[]))
ORDER BY r.answered_on DESC, r.id DESC LIMIT %s"""


@dataclass(frozen=True)
class Side:
    """An answer as the reviewer compares it."""

    id: int
    answered_on: date
    response_no: str
    channel: str
    started_at: datetime | None
    submitted_at: datetime
    answers: Mapping[str, Any]
    score_micro: int | None
    event_id: int | None
    employee_id: int | None
    device: str
    network: str
    texts: Mapping[str, str]
    checks: Sequence[str]

    @property
    def seconds(self) -> float | None:
        if self.started_at is None or self.started_at > self.submitted_at:
            return None
        return (self.submitted_at - self.started_at).total_seconds()

    @property
    def score(self) -> float | None:
        return None if self.score_micro is None else self.score_micro / 1e6

    def values(self, items: Sequence[Question]) -> list[int | None]:
        """The answers on the scale, None for "not applicable" and for none."""
        given = (self.answers.get(item.code) for item in items)
        return [value if isinstance(value, int) else None for value in given]


@dataclass(frozen=True)
class Usual:
    """What the newest answers of the same survey and channel look like."""

    n: int
    seconds: float | None
    values: Sequence[float | None]  # the median of each opinion item
    identical: float | None  # percent points: one and the same answer throughout
    score: float | None


@dataclass(frozen=True)
class Comparison:
    """`tie`: what makes `other` alike (a check's code, or "person"); `alike`: percent of the
    opinion items that both answered the same way."""

    this: Side
    other: Side | None
    tie: str
    alike: float | None
    usual: Usual
    items: Sequence[Question]


def compare(survey: Survey, ref: ResponseRef, user: User) -> Comparison:
    """The answer, the one it resembles most of those the user may read, and what is usual; a few
    queries whatever it holds."""
    items = [
        q
        for q in questionnaire_of(survey).questions
        if q.type == "rating" and not q.attention and q.scale is not None
    ]
    this = _side(_ONE, {"day": ref[0], "id": ref[1]})
    assert this is not None
    other, tie = _nearest(survey, this, user)
    return Comparison(
        this,
        other,
        tie,
        _alike(this, other, items),
        _usual(survey, this, items, departments_seen(user)),
        items,
    )


def _side(statement: str, values: Mapping[str, Any]) -> Side | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(values))
        row = cursor.fetchone()
    if row is None:
        return None
    answers, texts = _object(row[6]), _object(row[12])
    columns = (*row[:6], answers, *row[7:12], texts, list(row[13]))
    return Side(*columns)


def _nearest(survey: Survey, this: Side, user: User) -> tuple[Side | None, str]:
    seen = departments_seen(user)
    values: dict[str, Any] = {
        "departments": listed(seen),
        "own": own_id(user),
        "about": "$[*][0] ? (@ == $own)",
        "survey": survey.pk,
        "id": this.id,
        "at": this.submitted_at,
        "first": this.answered_on - _NEAR,
        "last": this.answered_on + _NEAR,
        "event": this.event_id,
        "device": this.device or None,
        "texts": [text for text in this.texts.values() if text],
        "network": this.network or None,
        "employee": this.employee_id,
    }
    strongest = next((code for code in _ALIKE if code in this.checks), "person")
    for tie in dict.fromkeys((strongest, "person")):
        found = _side(_NEAREST + _ALIKE[tie] + _CLOSEST, values)
        if found is not None:
            return found, tie
    return None, ""


def _alike(this: Side, other: Side | None, items: Sequence[Question]) -> float | None:
    if other is None:
        return None
    pairs = zip(this.values(items), other.values(items), strict=True)
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    return 100 * sum(a == b for a, b in both) / len(both) if both else None


def _usual(survey: Survey, this: Side, items: Sequence[Question], part: Part) -> Usual:
    with connection.cursor() as cursor:
        cursor.execute(_USUAL, [survey.pk, this.channel, listed(part), listed(part), SAMPLE])
        rows = [(_object(answers), seconds, score) for answers, seconds, score in cursor]
    given = [[answers.get(item.code) for item in items] for answers, _, _ in rows]
    seconds = [taken for _, taken, _ in rows if taken is not None and taken >= 0]
    scores = [score for _, _, score in rows if score is not None]
    whole = [[v for v in values if isinstance(v, int)] for values in given]
    rated = [values for values in whole if len(values) > 1]
    return Usual(
        len(rows),
        median(seconds) if seconds else None,
        [_median(values[at] for values in given) for at in range(len(items))],
        100 * sum(len(set(values)) == 1 for values in rated) / len(rated) if rated else None,
        median(scores) / 1e6 if scores else None,
    )


def _median(values: Any) -> float | None:
    known = [value for value in values if isinstance(value, int)]
    return median(known) if known else None


def _object(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, str) else dict(value)
