"""What is undecided, what has been decided since, and what came too late."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection

from core.models import User
from organization.queries import own_id
from surveys.models import DataLock, Response, ResponseKey, Survey, Verdict
from surveys.queries.responses import departments_seen

# Responses whose valid verdict (as of a moment) is "review".
_UNDECIDED = """FROM surveys_verdict v
    WHERE v.verdict = 'review' AND v.answered_on BETWEEN %(first)s AND %(last)s
        AND v.decided_at <= coalesce(%(as_of)s, 'infinity'::timestamptz)
        AND NOT EXISTS (
            SELECT 1 FROM surveys_verdict later
            WHERE later.answered_on = v.answered_on AND later.response_id = v.response_id
                AND later.seq > v.seq
                AND later.decided_at <= coalesce(%(as_of)s, 'infinity'::timestamptz))"""

_OF_DEPARTMENTS = """ AND EXISTS (
            SELECT 1 FROM surveys_response placed
            WHERE placed.answered_on = v.answered_on AND placed.id = v.response_id
                AND placed.department_id = ANY(%(departments)s))"""

_ABOUT_OTHERS = """ AND NOT EXISTS (
            SELECT 1 FROM surveys_response about
            WHERE about.answered_on = v.answered_on AND about.id = v.response_id
                AND jsonb_path_exists(about.people, '$[*][0] ? (@ == $own)',
                    jsonb_build_object('own', %(without)s)))
        AND NOT EXISTS (
            SELECT 1 FROM surveys_responsereattribution about
            WHERE about.answered_on = v.answered_on AND about.response_id = v.response_id
                AND jsonb_path_exists(about.after, '$[*][0] ? (@ == $own)',
                    jsonb_build_object('own', %(without)s)))"""

_DECIDED = """ AND EXISTS (
            SELECT 1 FROM surveys_verdict human
            WHERE human.answered_on = v.answered_on AND human.response_id = v.response_id
                AND human.decided_by_id IS NOT NULL AND human.decided_at > %(as_of)s)"""

_LATE = """SELECT r.response_no, s.code, r.answered_on, r.received_at, r.employee_id,
        r.department_id
    FROM surveys_response r JOIN surveys_survey s ON s.id = r.survey_id
    WHERE r.late AND r.answered_on BETWEEN %s AND %s
    ORDER BY r.answered_on, r.id"""


def undecided(first: date, last: date, as_of: datetime | None = None) -> int:
    """How many responses of these days are in review (as of a moment) without a decision."""
    return _count("SELECT count(*) " + _UNDECIDED, {"first": first, "last": last, "as_of": as_of})


def undecided_for(user: User, first: date, last: date) -> int:
    """How many of them the user may decide about."""
    condition, values = _for(user)
    return _count("SELECT count(*) " + condition, values | {"first": first, "last": last})


def surveys_to_judge(user: User) -> list[str]:
    """Codes of the surveys with answers in review that this user may decide about."""
    condition, values = _for(user)
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT v.survey_id " + condition, values)
        found = [row[0] for row in cursor.fetchall()]
    return list(Survey.objects.filter(pk__in=found).values_list("code", flat=True))


def _for(user: User) -> tuple[str, dict[str, Any]]:
    """The condition and its values: undecided, of the departments the user's roles reach, and not
    about the user."""
    own, departments = own_id(user), departments_seen(user)
    condition = _UNDECIDED
    if own is not None:
        condition += _ABOUT_OTHERS
    if departments is not None:
        condition += _OF_DEPARTMENTS
    values = {"first": date.min, "last": date.max, "as_of": None, "without": own}
    return condition, values | {"departments": sorted(departments or ())}


def decided_since(first: date, last: date, cutoff: datetime) -> int:
    """How many responses that were undecided at the cut-off a person has decided since."""
    values = {"first": first, "last": last, "as_of": cutoff}
    return _count("SELECT count(*) " + _UNDECIDED + _DECIDED, values)


def late_responses(first: date, last: date) -> list[dict[str, Any]]:
    """Answers to these days that arrived after the days were locked, by day: response_no, survey,
    answered_on, received_at, employee_id, department_id."""
    names = ("response_no", "survey", "answered_on", "received_at", "employee_id", "department_id")
    with connection.cursor() as cursor:
        cursor.execute(_LATE, [first, last])
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def data_lock(key: str) -> DataLock | None:
    """The lock of a period that stands, or None."""
    return DataLock.objects.filter(key=key, released_at=None).first()


def _count(statement: str, values: Mapping[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def first_decider(seen: Mapping[int, int]) -> Verdict | None:
    """Who was first: a person's verdict on one of these responses (id -> the seq that was looked
    at) that came after it; the newest where there are several."""
    rows = Verdict.objects.filter(
        answered_on__in=_days(seen), response_id__in=list(seen), decided_by__isnull=False
    )
    rows = rows.select_related("decided_by", "response").order_by("-decided_at")
    return next((row for row in rows if row.seq > seen[row.response_id]), None)


def responses_by_id(survey: Survey, ids: Iterable[int]) -> list[Response]:
    """Answers of a survey by their ids, in that order; the days come from the keys, so that only
    their partitions are read."""
    wanted = list(ids)
    rows = Response.objects.filter(survey=survey, answered_on__in=_days(wanted), id__in=wanted)
    return list(rows.order_by("id"))


def _days(ids: Iterable[int]) -> list[date]:
    keys = ResponseKey.objects.filter(response_id__in=list(ids))
    return list(keys.values_list("answered_on", flat=True).distinct())
