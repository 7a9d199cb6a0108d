"""Checking that what is summed is what was answered: nothing changed behind the application."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from organization.models import Position
from surveys.models import Judgement, Survey
from surveys.queries.facts import PEOPLE, answered_row, questionnaire_of, rating_row
from surveys.rules.rating import Answered, RatingRow, rate
from surveys.services.rollups import DEPARTMENT_SUMS, POINTS, STORED, STORED_DEPARTMENTS, SUMS

CHUNK = 10_000

# One response with what decides about its ratings; none without a verdict is ever stored.
_RESPONSES = f"""
SELECT r.answered_on, r.id, r.customer_id, r.department_id, {PEOPLE}, r.answers,
    r.response_no, r.survey_id, r.score_micro,
    (SELECT v.verdict FROM surveys_verdict v
     WHERE v.answered_on = r.answered_on AND v.response_id = r.id ORDER BY v.seq DESC LIMIT 1),
    EXISTS (SELECT 1 FROM surveys_responsekey k
     WHERE k.survey_id = r.survey_id AND k.response_no = r.response_no
        AND k.response_id = r.id AND k.answered_on = r.answered_on)
FROM surveys_response r
WHERE r.survey_id = %(survey)s AND r.id > %(after)s ORDER BY r.id LIMIT %(limit)s"""  # noqa: S608

_RATINGS = """
SELECT answered_on, response_id, employee_id, department_id, position_id, customer_id, score,
    person_score, dimensions, scores, person_scores
FROM surveys_rating
WHERE counted_to IS NULL AND survey_id = %(survey)s AND response_id = ANY(%(ids)s)
    AND answered_on BETWEEN %(first)s AND %(last)s"""

_ORPHANS = """
SELECT t.answered_on, t.response_id, t.what FROM (
    SELECT answered_on, response_id, 'a rating' AS what FROM surveys_rating WHERE counted_to IS NULL
    UNION ALL SELECT answered_on, response_id, 'a verdict' FROM surveys_verdict WHERE seq = 1
    UNION ALL SELECT answered_on, response_id, 'a key' FROM surveys_responsekey
) t LEFT JOIN surveys_response r ON r.answered_on = t.answered_on AND r.id = t.response_id
WHERE r.id IS NULL ORDER BY t.answered_on, t.response_id, t.what LIMIT 1"""

# What repeats the response without a foreign key of its own.
_STRANGERS = """
SELECT t.answered_on, t.response_id, t.what FROM (
    SELECT answered_on, response_id, survey_id, NULL::bigint AS event_id, 'a rating' AS what
        FROM surveys_rating
    UNION ALL SELECT answered_on, response_id, survey_id, NULL, 'a verdict' FROM surveys_verdict
    UNION ALL SELECT answered_on, response_id, survey_id, event_id, 'a key' FROM surveys_responsekey
) t JOIN surveys_response r ON r.answered_on = t.answered_on AND r.id = t.response_id
WHERE t.survey_id <> r.survey_id OR coalesce(t.event_id <> r.event_id, t.event_id IS NOT NULL)
ORDER BY t.answered_on, t.response_id, t.what LIMIT 1"""

_RULELESS = """
SELECT v.answered_on, v.response_id, 'a verdict' FROM surveys_verdict v
WHERE NOT EXISTS (SELECT FROM surveys_cleaningruleset s WHERE s.id = v.rule_set_id)
    AND v.rule_set_id IS NOT NULL
ORDER BY v.answered_on, v.response_id, v.seq LIMIT 1"""

_ROWS = (
    (_ORPHANS, "stands without it"),
    (_STRANGERS, "names another survey or case"),
    (_RULELESS, "names a rule set that is not there"),
)

_DIFFERENT_SUMS = f"""
SELECT s.code, month, d.code, e.employee_no, p.code, dimension,
    coalesce(r.n, 0), coalesce(r.total, 0), coalesce(r.person_n, 0), coalesce(r.person_total, 0),
    coalesce(l.n, 0), coalesce(l.total, 0), coalesce(l.person_n, 0), coalesce(l.person_total, 0)
FROM (SELECT month, survey_id, coalesce(department_id, 0) AS department_id,
        coalesce(employee_id, 0) AS employee_id, coalesce(position_id, 0) AS position_id, dimension,
        n, total, sumsq, person_n, person_total, person_sumsq FROM ({STORED}) stored) r
FULL JOIN (SELECT month, survey_id, coalesce(department_id, 0) AS department_id,
        coalesce(employee_id, 0) AS employee_id, coalesce(position_id, 0) AS position_id, dimension,
        n, total, sumsq, person_n, person_total, person_sumsq FROM ({SUMS}) sums) l
    USING (month, survey_id, department_id, employee_id, position_id, dimension)
JOIN surveys_survey s ON s.id = survey_id
LEFT JOIN organization_department d ON d.id = department_id
LEFT JOIN organization_employee e ON e.id = employee_id
LEFT JOIN organization_position p ON p.id = position_id
WHERE (coalesce(r.n, 0), coalesce(r.total, 0), coalesce(r.sumsq, 0), coalesce(r.person_n, 0),
       coalesce(r.person_total, 0), coalesce(r.person_sumsq, 0))
    <> (coalesce(l.n, 0), coalesce(l.total, 0), coalesce(l.sumsq, 0), coalesce(l.person_n, 0),
        coalesce(l.person_total, 0), coalesce(l.person_sumsq, 0))
ORDER BY month, s.code, d.code, e.employee_no, p.code, dimension LIMIT 1"""  # noqa: S608

# Asked when the sums of persons are known to be right.
_DIFFERENT_DEPARTMENTS = f"""
SELECT s.code, month, d.code, dimension, coalesce(r.n, 0), coalesce(r.total, 0),
    coalesce(r.sumsq, 0), coalesce(l.n, 0), coalesce(l.total, 0), coalesce(l.sumsq, 0)
FROM (SELECT month, survey_id, coalesce(department_id, 0) AS department_id, dimension, n, total,
        sumsq FROM ({STORED_DEPARTMENTS}) stored) r
FULL JOIN (SELECT month, survey_id, coalesce(department_id, 0) AS department_id, dimension, n,
        total, sumsq FROM ({DEPARTMENT_SUMS}) sums) l
    USING (month, survey_id, department_id, dimension)
JOIN surveys_survey s ON s.id = survey_id
LEFT JOIN organization_department d ON d.id = department_id
WHERE (coalesce(r.n, 0), coalesce(r.total, 0), coalesce(r.sumsq, 0))
    <> (coalesce(l.n, 0), coalesce(l.total, 0), coalesce(l.sumsq, 0))
ORDER BY month, s.code, d.code, dimension LIMIT 1"""  # noqa: S608

_DIFFERENT_POINTS = f"""
SELECT s.code, month, d.code, measure, point, coalesce(r.n, 0), coalesce(l.n, 0)
FROM (SELECT month, survey_id, coalesce(department_id, 0) AS department_id, measure, point, n
        FROM surveys_answerrollup) r
FULL JOIN (SELECT month, survey_id, coalesce(department_id, 0) AS department_id, measure, point, n
        FROM ({POINTS}) points) l
    USING (month, survey_id, department_id, measure, point)
JOIN surveys_survey s ON s.id = survey_id
LEFT JOIN organization_department d ON d.id = department_id
WHERE coalesce(r.n, 0) <> coalesce(l.n, 0)
ORDER BY month, s.code, d.code, measure, point LIMIT 1"""  # noqa: S608


@dataclass(frozen=True)
class Broken:
    """The first row that does not agree, and how."""

    where: str
    problem: str

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


@transaction.atomic
def verify_rollups() -> Broken | None:
    """Compare answers with ratings, and ratings with their sums; None when all agree.

    Reads one moment of the database, so it can run while answers arrive.
    """
    with connection.cursor() as cursor:
        if not connection.savepoint_ids:  # a snapshot can only be chosen at the very beginning
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    codes = dict(Position.objects.values_list("pk", "code"))
    for survey in Survey.objects.select_related("version").order_by("code"):
        for rows in _chunks(survey):
            if broken := _verify_chunk(survey, rows, codes):
                return broken
    with connection.cursor() as cursor:
        # Whole tables are compared. Right after a large import the database may still take them
        # for empty and look each row up by reading all others.
        cursor.execute("SET LOCAL enable_nestloop = off")
        found = _verify_rows() or _verify_sums() or _verify_departments() or _verify_points()
        cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")
    return found


def _chunks(survey: Survey) -> Iterator[list[tuple[Any, ...]]]:
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                _RESPONSES, {"survey": survey.pk, "after": after, "limit": CHUNK, "as_of": None}
            )
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        after = rows[-1][1]


def _verify_chunk(
    survey: Survey, rows: list[tuple[Any, ...]], codes: dict[int, str]
) -> Broken | None:
    facts = [answered_row(row[:6]) for row in rows]
    expected = _by_response(rate(questionnaire_of(survey), codes, facts))
    stored = _by_response(_live_ratings(survey, facts))
    for row, each in zip(rows, facts, strict=True):
        number, overall, verdict, keyed = row[6], row[8], row[9], row[10]
        where = f"response {number} of {survey.code} ({each.answered_on})"
        if verdict is None:
            return Broken(where, "has no verdict")
        if not keyed:
            return Broken(where, "has no key")
        due = expected.get(each.response_id, {})
        right = next((one.score for one in due.values() if one.score is not None), None)
        if overall != right:
            return Broken(where, f"score {overall} stored, its answers give {right}")
        live = stored.get(each.response_id, {})
        if problem := _difference({} if verdict == Judgement.EXCLUDED else due, live):
            return Broken(where, problem)
    return None


_Ratings = dict[int | None, RatingRow]  # employee -> the rating of one response
_Said = tuple[int | None, int | None, int | None, int | None, int | None]


def _by_response(rows: list[RatingRow]) -> dict[int, _Ratings]:
    found: dict[int, _Ratings] = {}
    for row in rows:
        found.setdefault(row.response_id, {})[row.employee] = row
    return found


def _said(ratings: _Ratings) -> dict[tuple[int | None, str], _Said]:
    """(employee, dimension) -> (score, person's score, department, position, customer)."""
    return {
        (employee, dimension): (score, own, row.department, row.position, row.customer)
        for employee, row in ratings.items()
        for dimension, score, own in row.by_dimension()
    }


def _difference(due: _Ratings, live: _Ratings) -> str | None:
    if due == live:
        return None
    rights, founds = _said(due), _said(live)
    for employee, dimension in sorted(rights.keys() | founds.keys(), key=str):
        right = rights.get((employee, dimension))
        found = founds.get((employee, dimension))
        if right != found:
            what = f"rating {dimension} of employee id {employee}"
            return f"{what}: {_shown(found)} stored, its answers and verdict give {_shown(right)}"
    return None


def _shown(said: _Said | None) -> str:
    if said is None:
        return "nothing"
    score, person_score, department, position, customer = said
    return (
        f"score {score}, person's score {person_score} (department id {department}, "
        f"position id {position}, customer id {customer})"
    )


def _live_ratings(survey: Survey, facts: list[Answered]) -> list[RatingRow]:
    days: list[date] = [each.answered_on for each in facts]
    with connection.cursor() as cursor:
        cursor.execute(
            _RATINGS,
            {
                "survey": survey.pk,
                "ids": [each.response_id for each in facts],
                "first": min(days),
                "last": max(days),
            },
        )
        return [rating_row(row) for row in cursor.fetchall()]


def _verify_rows() -> Broken | None:
    """Rows beside a response that say something else than it, or hang on nothing."""
    for query, problem in _ROWS:
        with connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone()
        if row is not None:
            return Broken(f"response id {row[1]} ({row[0]})", f"{row[2]} {problem}")
    return None


def _verify_sums() -> Broken | None:
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENT_SUMS)
        row = cursor.fetchone()
    if row is None:
        return None
    survey, month, department, employee, position, dimension = row[:6]
    where = (
        f"sums of {survey} {month:%Y-%m}, department {department}, employee {employee}, "
        f"position {position}, {dimension}"
    )
    stored, right = row[6:10], row[10:14]
    return Broken(where, f"{_sums(stored)} stored, the ratings give {_sums(right)}")


def _sums(row: tuple[int, ...]) -> str:
    return f"n {row[0]}, total {row[1]}, person's n {row[2]}, total {row[3]}"


def _verify_departments() -> Broken | None:
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENT_DEPARTMENTS)
        row = cursor.fetchone()
    if row is None:
        return None
    survey, month, department, dimension = row[:4]
    where = f"sums of {survey} {month:%Y-%m}, department {department}, all persons, {dimension}"
    stored, right = (f"n {n}, total {total}, squares {sq}" for n, total, sq in (row[4:7], row[7:]))
    return Broken(where, f"{stored} stored, those of the persons give {right}")


def _verify_points() -> Broken | None:
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENT_POINTS)
        row = cursor.fetchone()
    if row is None:
        return None
    survey, month, department, measure, point, stored, right = row
    where = f"numbers of {survey} {month:%Y-%m}, department {department}, {measure} {point}"
    return Broken(where, f"n {stored} stored, the answers give {right}")
