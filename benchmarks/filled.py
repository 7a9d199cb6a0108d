"""A year of answers of any number, stored by set-based SQL: for pages, which only read them."""

from __future__ import annotations

from django.db import connection, transaction

from benchmarks.company import FIRST, LAST, Company
from benchmarks.database import mark_whole
from benchmarks.loading import loading
from surveys.services.rollups import rebuild_rollups

PEOPLE = 2_000
STEP = 2_000_000  # each reads again what is there

# Marks (one of a thousand sets), days and people from the number of an answer alone: the same
# company each time. Scores lie where marks put them; every answer counts from its own moment.
_RESPONSES = """
WITH marks AS MATERIALIZED (
    SELECT n, jsonb_object_agg('a' || lpad(k::text, 2, '0'),
        5 - abs(hashint8(n * 12 + k)) %% 7 / 2) AS answers
    FROM generate_series(0, 999) n, generate_series(0, 11) k GROUP BY n)
INSERT INTO surveys_response (answered_on, survey_id, response_no, employee_id, department_id,
    position_id, people, channel, interviewer_no, started_at, submitted_at, received_at, answers,
    score_micro, late)
SELECT d.day, %(survey)s, 'F' || i, p.employee_id, p.department_id, p.position_id,
    jsonb_build_array(jsonb_build_array(p.employee_id, p.department_id, p.position_id)),
    'online', '', d.day + time '02:00', d.day + time '02:05', d.day + time '02:05',
    m.answers,
    (abs(hashint8(i)) %% 41 + 60) * 1000000, false
FROM generate_series(%(after)s::bigint + 1, %(upto)s::bigint) i
JOIN marks m ON m.n = abs(hashint8(i + 5)) %% 1000
JOIN LATERAL (SELECT %(first)s::date + (abs(hashint8(i + 7)) %% %(days)s)::int AS day) d ON true
JOIN (SELECT row_number() OVER (ORDER BY employee_id) AS place, * FROM organization_placement) p
    ON p.place = 1 + abs(hashint8(i + 3)) %% %(people)s
"""
_VERDICTS = """
INSERT INTO surveys_verdict (answered_on, response_id, seq, survey_id, verdict, checks, evidence,
    reason, source, decided_at)
SELECT answered_on, id, 1, survey_id, 'counted', '{}', '{}', '', 'import', received_at
FROM surveys_response WHERE id > %(last)s
"""
_RATINGS = """
INSERT INTO surveys_rating (answered_on, response_id, survey_id, employee_id, department_id,
    position_id, score, person_score, dimensions, scores, person_scores, counted_from)
SELECT r.answered_on, r.id, r.survey_id, r.employee_id, r.department_id, r.position_id,
    r.score_micro, r.score_micro, s.dimensions, s.scores, s.scores, r.received_at
FROM surveys_response r CROSS JOIN LATERAL (
    SELECT array_agg('d' || k ORDER BY k) AS dimensions,
        array_agg((abs(hashint8(r.id * 3 + k)) %% 41 + 60) * 1000000::bigint ORDER BY k) AS scores
    FROM generate_series(0, 2) k) s
WHERE r.id > %(last)s
"""


def a_year(count: int) -> Company:
    """A company with so many counted answers in the survey YEAR, as an earlier run has kept it or
    made now."""
    if (company := Company.stored()) is not None:
        return company
    company = Company()
    company.hire(PEOPLE)
    fill(company, "YEAR", count)
    mark_whole()
    return company


def fill(company: Company, code: str, count: int) -> None:
    """So many counted answers in a survey, their ratings and sums; the tables analysed."""
    company.open_survey(code)
    with connection.cursor() as cursor:
        cursor.execute("SELECT hp_ensure_partitions(%s, %s)", [FIRST, LAST])
        cursor.execute("SELECT id FROM surveys_survey WHERE code = %s", [code])
        values = {
            "survey": cursor.fetchone()[0],
            "first": FIRST,
            "days": (LAST - FIRST).days + 1,
            "people": company.people,
        }
        with loading():
            for after in range(0, count, STEP):
                cursor.execute("SELECT coalesce(max(id), 0) FROM surveys_response")
                values |= {
                    "after": after, "upto": min(count, after + STEP), "last": cursor.fetchone()[0]
                }  # fmt: skip
                with transaction.atomic():
                    for statement in (_RESPONSES, _VERDICTS, _RATINGS):
                        cursor.execute(statement, values)
        cursor.execute("VACUUM ANALYZE")
    with transaction.atomic():
        rebuild_rollups(actor=company.operator)
    with connection.cursor() as cursor:
        cursor.execute(
            "VACUUM ANALYZE surveys_ratingrollup, surveys_departmentrollup, surveys_answerrollup"
        )
