"""What customers wrote, of counted answers only, without who they are."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

MOST = 500  # comments looked at once; narrower filters reach the others

_COMMENTS = """SELECT t.response_id, date_trunc('month', t.answered_on)::date, t.department_id,
        t.survey_id, t.score, p.texts
    FROM surveys_responsepersonal p
    JOIN surveys_rating t ON t.answered_on = p.answered_on AND t.response_id = p.response_id
    JOIN unnest(%(months)s::date[], %(departments)s::bigint[]) AS open (month, department)
        ON open.department = t.department_id AND open.month = date_trunc('month', t.answered_on)
    WHERE p.answered_on BETWEEN %(first)s AND %(last)s
        AND t.answered_on BETWEEN %(first)s AND %(last)s
        AND p.texts <> '{}' AND p.erased_at IS NULL
        AND t.score IS NOT NULL AND t.counted_to IS NULL
        AND t.score >= %(low)s AND t.score < %(high)s
        AND NOT EXISTS (SELECT FROM unnest(%(shut_months)s::date[], %(shut_departments)s::bigint[],
                %(shut_surveys)s::bigint[]) AS shut (month, department, survey)
            WHERE shut.month = open.month AND shut.department = t.department_id
                AND shut.survey = t.survey_id)
        AND (%(survey)s::bigint IS NULL OR t.survey_id = %(survey)s)
        AND (%(like)s = '' OR EXISTS (SELECT FROM jsonb_each_text(p.texts) e
            WHERE regexp_replace(e.value, %(number)s, %(blank)s, 'g') ILIKE %(like)s))
    ORDER BY 2 DESC, t.score, t.response_id LIMIT %(most)s"""

_NUMBER = re.compile(r"\d(?:[\s-]?\d){6,}")
_NUMBER_IN_SQL = "[0-9０-９](?:[[:space:]-]?[0-9０-９]){6,}"
_BLANK = "•••"
_MICRO = 1_000_000


@dataclass(frozen=True)
class Comment:
    """`month` only: the day would point to a customer. `score` in points."""

    response_id: int
    month: date
    department_id: int
    survey_id: int
    score: float
    texts: tuple[str, ...]


def comments_of(
    pairs: Collection[tuple[date, int]],
    last: date,
    *,
    survey: int | None = None,
    band: tuple[int, int] = (0, 101),
    search: str = "",
    shut: Collection[tuple[date, int, int]] = (),
) -> list[Comment]:
    """Comments of these (month, department) pairs up to `last`, without `shut` (with the survey),
    the newest month first, in it the unhappiest; at most MOST. `band`: low <= score < high. Long
    numbers in a text are blanked, and what is looked for is looked for in the blanked text: else
    whoever knows a telephone number would learn which comment is its owner's."""
    if not pairs:
        return []
    values: dict[str, Any] = {
        "months": [month for month, _department in pairs],
        "departments": [department for _month, department in pairs],
        "first": min(month for month, _department in pairs),
        "last": last,
        "survey": survey,
        "shut_months": [month for month, _department, _survey in shut],
        "shut_departments": [department for _month, department, _survey in shut],
        "shut_surveys": [each for _month, _department, each in shut],
        "low": band[0] * _MICRO,
        "high": band[1] * _MICRO,
        "like": f"%{_escaped(search)}%" if search else "",
        "number": _NUMBER_IN_SQL,
        "blank": _BLANK,
        "most": MOST,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COMMENTS, values)
        found = [_comment(row) for row in cursor.fetchall()]
    return [comment for comment in found if comment.texts and _holds(comment, search)]


def _holds(comment: Comment, search: str) -> bool:
    """Python knows digits of more scripts than the database does."""
    return any(search.casefold() in text.casefold() for text in comment.texts)


def _comment(row: tuple[Any, ...]) -> Comment:
    raw = json.loads(row[5]) if isinstance(row[5], str) else row[5]
    response, month, department, survey, score = row[:5]
    texts = tuple(_clean(raw.values()))
    return Comment(response, month, department, survey, score / _MICRO, texts)


def _clean(texts: Iterable[Any]) -> Iterable[str]:
    for text in texts:
        if isinstance(text, str) and text.strip():
            yield _NUMBER.sub(_BLANK, text.strip())


def _escaped(search: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", search)
