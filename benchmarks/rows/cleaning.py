"""Cleaning surveys of any size: answers stored by set-based SQL, some of them careless."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, transaction

from benchmarks.company import Company
from benchmarks.filled import PEOPLE, fill
from benchmarks.harness import Row
from benchmarks.rows.answers import cleaned

SIZE = 1_000_000

# One in fifty answers within seconds, one in forty ticks one column.
_CARELESS = """
UPDATE surveys_response SET
    started_at = CASE WHEN id %% 50 = 0 THEN submitted_at - interval '4 s' ELSE started_at END,
    answers = CASE WHEN id %% 40 = 0 THEN
        (SELECT jsonb_object_agg(key, answers -> 'a00') FROM jsonb_object_keys(answers) key)
        ELSE answers END
WHERE survey_id = %(survey)s AND (id %% 50 = 0 OR id %% 40 = 0)
"""


def run(size: int, runs: int) -> Iterator[Row]:
    """A survey for each run, for what is judged as before is not written again."""
    company = Company()
    company.hire(PEOPLE)
    codes = [f"C{number}" for number in range(runs)]
    for code in codes:
        fill(company, code, size)
        _made_careless(code)
    yield cleaned(company, codes, size)


@transaction.atomic
def _made_careless(code: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM surveys_survey WHERE code = %s", [code])
        survey = cursor.fetchone()[0]
        cursor.execute("SET LOCAL session_replication_role = 'replica'")  # answers never change
        cursor.execute(_CARELESS, {"survey": survey})
