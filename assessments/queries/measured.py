"""Valid measurements of a period: its own and those of the shorter periods inside it."""

from collections import defaultdict
from datetime import date
from typing import NamedTuple

from django.db import connection

from assessments.rules.periods import Span

# The highest version of each source is valid; sources of one indicator, person and period add up.
_VALID = """
SELECT e.employee_no, i.code, v.period_key, v.last_day, trim_scale(sum(v.numerator))::text,
    trim_scale(sum(v.denominator))::text
FROM (
    SELECT DISTINCT ON (m.period_key, m.employee_id, m.indicator_id, m.source_ref) m.*
    FROM assessments_measurement m
    WHERE m.first_day >= %s AND m.last_day <= %s
    ORDER BY m.period_key, m.employee_id, m.indicator_id, m.source_ref, m.version DESC
) v
JOIN organization_employee e ON e.id = v.employee_id
JOIN assessments_indicator i ON i.id = v.indicator_id
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 4, 3
"""


class MeasuredSum(NamedTuple):
    """Numerator and denominator of one indicator and person, of one period key."""

    indicator: str
    period_key: str
    last_day: date  # of the period key
    numerator: str  # exact text without trailing zeros
    denominator: str


def measured_sums(span: Span) -> dict[str, list[MeasuredSum]]:
    """employee number -> the sums inside the span."""
    with connection.cursor() as cursor:
        cursor.execute(_VALID, [span.first, span.last])
        rows = cursor.fetchall()
    result: dict[str, list[MeasuredSum]] = defaultdict(list)
    for employee, *values in rows:
        result[employee].append(MeasuredSum(*values))
    return result
