"""Valid measurements of a period: its own and those of the shorter periods inside it."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from assessments.models import Indicator
from assessments.rules.canonical import dumps
from assessments.rules.periods import Span

# The highest version of each source is valid; sources of one indicator, person and period add up.
# Indicators go by their rank in %(codes)s.
_VALID = """
SELECT DISTINCT ON (m.employee_id, i.rank, m.period_key, m.source_ref) m.employee_id, i.rank,
    m.period_key, m.first_day, m.last_day, m.numerator, m.denominator
FROM assessments_measurement m
JOIN unnest(%(ids)s::bigint[]) WITH ORDINALITY AS i(id, rank) ON i.id = m.indicator_id
WHERE m.first_day >= %(first)s AND m.last_day <= %(last)s
    AND (%(people)s::bigint[] IS NULL OR m.employee_id = ANY(%(people)s))
ORDER BY m.employee_id, i.rank, m.period_key, m.source_ref, m.version DESC
"""
_ROWS = f"""
SELECT v.employee_id, (%(codes)s::text[])[v.rank], v.last_day,
    trim_scale(sum(v.numerator))::text, trim_scale(sum(v.denominator))::text
FROM ({_VALID}) v
GROUP BY v.employee_id, v.rank, v.last_day, v.period_key
ORDER BY v.employee_id, v.rank, v.last_day, v.period_key
"""  # noqa: S608
# A person's figures come as one text: a million rows need not leave the server one by one.
# Months have 31 days at most, a quarter at least 90.
_TEXTS = f"""
SELECT t.employee_id,
    string_agg((%(names)s::text[])[t.rank] || ':["' || t.numerator || '","' || t.denominator
        || '"]', ',' ORDER BY t.rank),
    array_agg((%(codes)s::text[])[t.rank]) FILTER (WHERE t.shortest <> t.longest)
FROM (
    SELECT v.employee_id, v.rank, trim_scale(sum(v.numerator)) AS numerator,
        trim_scale(sum(v.denominator)) AS denominator,
        min((v.last_day - v.first_day) / 60) AS shortest,
        max((v.last_day - v.first_day) / 60) AS longest
    FROM ({_VALID}) v
    GROUP BY 1, 2
) t
GROUP BY 1
"""  # noqa: S608


class Measured(NamedTuple):
    """All figures of a person in the span."""

    text: str  # as they stand in the canonical text of facts: "code":["47","100"],…
    doubles: list[str] | None  # indicators with figures of months and of a longer period


class MeasuredSum(NamedTuple):
    """Numerator and denominator of one indicator and person, of one period key."""

    indicator: str
    last_day: date  # of the period key
    numerator: str  # exact text without trailing zeros
    denominator: str


def measured_texts(span: Span) -> dict[int, Measured]:
    """employee id -> the sums inside the span, whatever the day they are about."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_TEXTS, _values(span))
        return {row[0]: Measured(row[1], row[2]) for row in cursor}


def measured_sums(span: Span, people: Collection[int]) -> dict[int, list[MeasuredSum]]:
    """employee id -> the sums by the period they are about, of these employees."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, _values(span, people))
        rows = cursor.fetchall()
    result: dict[int, list[MeasuredSum]] = defaultdict(list)
    for employee, *values in rows:
        result[employee].append(MeasuredSum(*values))
    return result


def _values(span: Span, people: Collection[int] | None = None) -> dict[str, Any]:
    indicators = sorted(Indicator.objects.values_list("code", "id"))
    return {
        "first": span.first,
        "last": span.last,
        "people": None if people is None else list(people),
        "ids": [pk for _code, pk in indicators],
        "codes": [code for code, _pk in indicators],
        "names": [dumps(code) for code, _pk in indicators],
    }
