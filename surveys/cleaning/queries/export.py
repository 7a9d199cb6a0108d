"""The verdicts of a survey as the rows of a file."""

import json
from collections.abc import Collection, Iterator
from typing import Any

from django.db import connection, transaction

from surveys.models import Survey

COLUMNS = ("response_no", "verdict", "checks", "evidence")

_ROWS = """
SELECT r.response_no, v.verdict, array_to_string(v.checks, ';'), v.evidence
FROM surveys_response r
LEFT JOIN (
    SELECT DISTINCT ON (answered_on, response_id) answered_on, response_id, verdict, checks,
        evidence
    FROM surveys_verdict WHERE survey_id = %(survey)s
    ORDER BY answered_on, response_id, seq DESC
) v ON v.answered_on = r.answered_on AND v.response_id = r.id
WHERE r.survey_id = %(survey)s
    AND (%(departments)s::bigint[] IS NULL OR r.department_id = ANY(%(departments)s))
    AND (%(own)s::bigint IS NULL OR NOT (
        jsonb_path_exists(r.people, %(named)s, jsonb_build_object('own', %(own)s::bigint))
        OR EXISTS (
            SELECT 1 FROM surveys_responsereattribution about
            WHERE about.answered_on = r.answered_on AND about.response_id = r.id
                AND jsonb_path_exists(about.after, %(named)s,
                    jsonb_build_object('own', %(own)s::bigint)))))
ORDER BY r.response_no
"""
_NAMED = "$[*][0] ? (@ == $own)"


def verdict_rows(
    survey: Survey, departments: Collection[int] | None = None, without: int | None = None
) -> Iterator[tuple[str, str, str, str]]:
    """(response_no, verdict, check codes by ";", figures as JSON) by response_no; the valid
    verdicts, read in batches, of answers of these departments (None: of all), without those that
    evaluate or ever evaluated the employee `without`. The figures hold no personal data."""
    listed = None if departments is None else sorted(departments)
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        values = {"survey": survey.pk, "departments": listed, "own": without, "named": _NAMED}
        cursor.execute(_ROWS, values)
        while batch := cursor.fetchmany(5000):
            for number, verdict, checks, evidence in batch:
                yield number, verdict or "", checks or "", _figures(evidence)


def _figures(evidence: Any) -> str:
    found = json.loads(evidence) if isinstance(evidence, str) else evidence
    if not found:
        return ""
    return json.dumps(found, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
