"""Erasing what has been kept long enough: once a day, in bounded steps, with one audit entry.

How long stands in the settings (RETENTION_…_DAYS; 0: without end). What is due is read from the
rows, so a missed day is caught up and a day done twice finds nothing the second time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from core import audit, jobs
from core.errors import Conflict
from core.models import Job
from surveys.models import AnswerDraft
from surveys.privacy.services.blanking import being_cleaned, blank, by_survey, hold, keep

KIND = "surveys.retention"
SIZE = 2000  # rows of a step
MOST_STEPS = 500  # of a kind and a day; the rest follows on the next day

# Each statement chooses the rows of one part: those whose id leaves `part` when divided by `of`.
_ANSWERS = """SELECT r.survey_id, p.answered_on, p.response_id
    FROM surveys_responsepersonal p
    JOIN surveys_response r ON r.answered_on = p.answered_on AND r.id = p.response_id
    WHERE p.erased_at IS NULL AND p.answered_on < %(day)s
        AND mod(p.response_id, %(of)s) = %(part)s"""
# A contact is over when neither it was stated nor its customer served since; a later service
# brings it back, as that is a new occasion to have it.
_CONTACTS = """SELECT c.customer_id FROM customers_customercontact c
    WHERE c.updated_at < %(moment)s AND mod(c.customer_id, %(of)s) = %(part)s
        AND NOT EXISTS (SELECT FROM customers_serviceevent e
            WHERE e.customer_id = c.customer_id AND e.occurred_at >= %(moment)s)"""
_ANSWERS_OF = """SELECT r.survey_id, r.answered_on, r.id FROM surveys_response r
    WHERE r.customer_id = ANY(%s) ORDER BY r.answered_on, r.id"""
_DROP_CONTACTS = f"""DELETE FROM customers_customercontact WHERE customer_id = ANY(%(customers)s)
    AND customer_id IN ({_CONTACTS})"""  # noqa: S608 - constants only
_LINKS = """SELECT l.id FROM surveys_invitationlink l
    JOIN surveys_invitation i ON i.id = l.invitation_id
    WHERE i.expires_at < %(moment)s AND mod(l.id, %(of)s) = %(part)s"""
_DROP_LINKS = f"DELETE FROM surveys_invitationlink WHERE id IN ({_LINKS})"  # noqa: S608


def due(now: datetime) -> list[dict[str, Any]]:
    """The steps of today, none where nothing is due: `kind`, `before` (the moment up to which
    everything is old enough), `part` of `of`."""
    steps = []
    for kind, (days, count, _erase) in _KINDS.items():
        if not days():
            continue  # kept without end
        before = now - timedelta(days=days())
        parts = min(MOST_STEPS, ceil(count(before) / SIZE))
        steps += [
            {"kind": kind, "before": before.isoformat(), "part": part, "of": parts}
            for part in range(parts)
        ]
    return steps


def start(now: datetime) -> Job | None:
    """The job of today; None where it was started already or nothing is due."""
    key = f"{KIND}:{timezone.localdate(now).isoformat()}"
    if Job.objects.filter(key=key).exists():
        return None
    steps = due(now)
    return jobs.create(KIND, chunks=steps, actor=None, key=key) if steps else None


class Retention:
    """Handler of the job: a step erases one part of one kind."""

    def chunk(self, job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        """Erase what is due of the part. What is being judged just now waits for the next day."""
        before = datetime.fromisoformat(chunk["before"])
        _days, _count, erase = _KINDS[chunk["kind"]]
        try:
            with transaction.atomic():
                erased = erase(before, chunk["part"], chunk["of"])
        except Conflict:
            return {"erased": 0, "postponed": 1}
        return {"erased": erased, "postponed": 0}

    def finish(self, job: Job) -> dict[str, Any]:
        """Add up by kind and write the one audit entry."""
        counts = dict.fromkeys(_KINDS, 0)
        postponed = 0
        for params, result in job.chunk_results():
            counts[params["kind"]] += (result or {}).get("erased", 0)
            postponed += (result or {}).get("postponed", 0)
        audit.record(None, "retention.done", job, **counts, postponed=postponed)
        return {**counts, "postponed": postponed}


# --- the kinds -----------------------------------------------------------------------------------


def _count(statement: str, before: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({statement}) due", _values(before, 0, 1))  # noqa: S608
        return int(cursor.fetchone()[0])


def _values(before: datetime, part: int, of: int) -> dict[str, Any]:
    return {
        "moment": before,
        "day": timezone.localdate(before),
        "part": part,
        "of": of,
    }


def _answers(before: datetime, part: int, of: int) -> int:
    values = _values(before, part, of)
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS, values)
        rows = cursor.fetchall()
        busy = set(being_cleaned({survey for survey, *_ref in rows}))
    answers = by_survey(row for row in rows if row[0] not in busy)
    now = timezone.now()
    hold(answers)
    keep(answers, now=now)
    return blank([ref for refs in answers.values() for ref in refs], now=now)


def _contacts(before: datetime, part: int, of: int) -> int:
    values = _values(before, part, of)
    with connection.cursor() as cursor:
        cursor.execute(_CONTACTS, values)
        customers = [row[0] for row in cursor.fetchall()]
        cursor.execute(_ANSWERS_OF, [customers])
        answers = by_survey(cursor.fetchall())
    hold(answers)  # whether a contact is a member of staff's is read when their answers are judged
    keep(answers, now=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(_DROP_CONTACTS, values | {"customers": customers})
        return int(cursor.rowcount)


def _links(before: datetime, part: int, of: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_DROP_LINKS, _values(before, part, of))
        return int(cursor.rowcount)


def _drafts(before: datetime, part: int, of: int) -> int:
    return AnswerDraft.objects.filter(updated_at__lt=before).delete()[0]


def _steps(before: datetime, part: int, of: int) -> int:
    return jobs.forget_steps(before, SIZE)


# kind -> (days it is kept, how many are due, erase one part)
_KINDS: dict[
    str,
    tuple[Callable[[], int], Callable[[datetime], int], Callable[[datetime, int, int], int]],
] = {
    "answers": (
        lambda: settings.RETENTION_ANSWER_DAYS,
        lambda before: _count(_ANSWERS, before),
        _answers,
    ),
    "contacts": (
        lambda: settings.RETENTION_CONTACT_DAYS,
        lambda before: _count(_CONTACTS, before),
        _contacts,
    ),
    "drafts": (
        lambda: settings.RETENTION_DRAFT_DAYS,
        lambda before: AnswerDraft.objects.filter(updated_at__lt=before).count(),
        _drafts,
    ),
    "links": (
        lambda: settings.RETENTION_LINK_DAYS,
        lambda before: _count(_LINKS, before),
        _links,
    ),
    "steps": (lambda: settings.RETENTION_JOB_DAYS, jobs.old_steps, _steps),
}
