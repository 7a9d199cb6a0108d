"""What was judged about a period's responses, as of its cut-off."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection

# The verdict valid at a moment is the last one decided until then.
_LATEST = """
SELECT DISTINCT ON (v.answered_on, v.response_id) v.response_id, v.verdict, v.checks
FROM surveys_verdict v
WHERE v.answered_on BETWEEN %(first)s AND %(last)s
    AND (%(as_of)s::timestamptz IS NULL OR v.decided_at <= %(as_of)s)
ORDER BY v.answered_on, v.response_id, v.seq DESC
"""
_COUNTS = f"SELECT verdict, checks, count(*) FROM ({_LATEST}) t GROUP BY 1, 2"  # noqa: S608


@dataclass
class VerdictCounts:
    """Responses of a period by verdict, and excluded ones by check."""

    by_verdict: Counter[str] = field(default_factory=Counter)
    excluded_by_check: Counter[str] = field(default_factory=Counter)


def verdict_counts(first: date, last: date, *, as_of: datetime | None) -> VerdictCounts:
    """Counts over the responses answered first..last, both inclusive."""
    result = VerdictCounts()
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"first": first, "last": last, "as_of": as_of})
        rows = cursor.fetchall()
    for verdict, checks, count in rows:
        result.by_verdict[verdict] += count
        if verdict == "excluded":
            for check in checks or ["by_hand"]:
                result.excluded_by_check[check] += count
    return result
