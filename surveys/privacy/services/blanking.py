"""Blanking what answers left of a person, so that every verdict stays what it was.

Cleaning reads devices, networks, contacts and words. Once they are gone it would judge anew: the
erased answer, and those it shared a device or a comment with. So what stands in the valid verdicts
is kept beside them first (KeptFinding): figures, without what they were counted over.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from core.errors import Conflict
from core.models import Job
from core.models.jobs import LIVE
from surveys.cleaning.queries.kept import COUNTED, ERASABLE
from surveys.cleaning.rules.identity import text_digest
from surveys.cleaning.services import key_of
from surveys.models import KeptFinding, Survey
from surveys.queries.facts import Current, ResponseRef, latest_verdicts, questionnaire_of
from surveys.services.judging import take_months

_PERSONAL = """SELECT p.answered_on, p.response_id, p.device, p.texts
    FROM unnest(%(days)s::date[], %(ids)s::bigint[]) AS w(day, id)
    JOIN surveys_responsepersonal p ON p.answered_on = w.day AND p.response_id = w.id
    WHERE p.answered_on BETWEEN %(first)s AND %(last)s AND p.erased_at IS NULL"""

_SAME_DEVICE = """SELECT p.answered_on, p.response_id
    FROM surveys_responsepersonal p
    JOIN surveys_response r ON r.answered_on = p.answered_on AND r.id = p.response_id
    WHERE p.device = ANY(%s) AND p.device <> '' AND r.survey_id = %s"""

_SAME_TEXT = """SELECT DISTINCT v.answered_on, v.response_id FROM surveys_verdict v
    WHERE v.survey_id = %s AND 'same_text' = ANY(v.checks)"""

_BLANK = """UPDATE surveys_responsepersonal p
    SET device = '', network = '', phone = '', email = '', texts = '{}', erased_at = %(now)s
    FROM unnest(%(days)s::date[], %(ids)s::bigint[]) AS w(day, id)
    WHERE p.answered_on = w.day AND p.response_id = w.id
        AND p.answered_on BETWEEN %(first)s AND %(last)s AND p.erased_at IS NULL"""


def being_cleaned(surveys: Iterable[int]) -> list[int]:
    """Those of the surveys whose answers are being judged right now."""
    keys = {key_of(Survey(pk=pk)): pk for pk in surveys}
    live = Job.objects.filter(key__in=list(keys), status__in=LIVE).values_list("key", flat=True)
    return sorted(keys[key] for key in live if key is not None)


def hold(answers: Mapping[int, Sequence[ResponseRef]]) -> None:
    """Keep everybody from judging the answers (by survey) until the transaction ends.

    While a survey is being cleaned, verdicts are on their way that nobody can keep yet: Conflict.
    """
    for survey in sorted(answers):
        take_months(survey, (day for day, _id in answers[survey]))
    if being_cleaned(answers):
        raise Conflict(
            _("Answers of this customer are being cleaned right now. Try again in some minutes.")
        )


def keep(answers: Mapping[int, Sequence[ResponseRef]], *, now: datetime) -> None:
    """Keep what the valid verdicts found in personal data of these answers (by survey), and what
    those found that were alike with them."""
    found: list[KeptFinding] = []
    surveys = Survey.objects.select_related("version").in_bulk(list(answers))
    for survey_id, refs in sorted(answers.items()):
        if refs:
            found += _findings(surveys[survey_id], refs, now)
    KeptFinding.objects.bulk_create(found, ignore_conflicts=True, batch_size=1000)


def _findings(survey: Survey, refs: Sequence[ResponseRef], now: datetime) -> list[KeptFinding]:
    valid = latest_verdicts(refs)
    days = {response: day for day, response in refs}
    own = _left(refs)
    found = [
        finding
        for response, verdict in valid.items()
        for finding in _of(survey, days[response], response, verdict, ERASABLE, now)
    ]
    required = {q.code for q in questionnaire_of(survey).questions if q.required and not q.closed}
    for (day, response), (_device, texts) in own.items():
        if written := sorted(code for code in required if texts.get(code)):
            figures = {"texts": written}
            found.append(_row(survey, day, response, KeptFinding.WRITTEN, figures, now))
    hit = {code: {r for r, v in valid.items() if code in v.checks} for code in COUNTED}
    alike = {
        "same_device": _sharing_devices(survey, own, hit["same_device"]),
        "same_text": _sharing_texts(survey, own, hit["same_text"]),
    }
    for code, others in alike.items():
        verdicts = latest_verdicts(others)
        for day, response in others:
            if response not in days and response in verdicts:
                found += _of(survey, day, response, verdicts[response], (code,), now)
    return found


def _of(
    survey: Survey,
    day: date,
    response: int,
    verdict: Current,
    codes: Sequence[str],
    now: datetime,
) -> list[KeptFinding]:
    return [
        _row(survey, day, response, code, dict(verdict.evidence.get(code, {})), now)
        for code in codes
        if code in verdict.checks
    ]


def _row(
    survey: Survey, day: date, response: int, code: str, figures: dict[str, Any], now: datetime
) -> KeptFinding:
    return KeptFinding(
        survey=survey,
        answered_on=day,
        response_id=response,
        code=code,
        figures=figures,
        kept_at=now,
    )


Left = dict[ResponseRef, tuple[str, Mapping[str, str]]]  # response -> (device, texts)


def _left(refs: Sequence[ResponseRef]) -> Left:
    if not refs:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_PERSONAL, _wanted(refs))
        return {
            (day, response): (device, _object(texts))
            for day, response, device, texts in cursor.fetchall()
        }


def _sharing_devices(survey: Survey, own: Left, hit: set[int]) -> list[ResponseRef]:
    """Answers from a device of those that were marked for it. Others lose nothing: whoever was
    marked together with an answer, that answer was marked too."""
    devices = sorted({device for (_day, response), (device, _t) in own.items() if response in hit})
    if not any(devices):
        return []
    with connection.cursor() as cursor:
        cursor.execute(_SAME_DEVICE, [devices, survey.pk])
        return [(day, response) for day, response in cursor.fetchall()]


def _sharing_texts(survey: Survey, own: Left, hit: set[int]) -> list[ResponseRef]:
    """Answers with the same comment as one that was marked for it."""
    wanted = {d for ref, (_v, texts) in own.items() if ref[1] in hit for d in _digests(texts)}
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_SAME_TEXT, [survey.pk])
        marked = [(day, response) for day, response in cursor.fetchall()]
    return [ref for ref, (_v, texts) in _left(marked).items() if wanted & _digests(texts)]


def _digests(texts: Mapping[str, str]) -> set[str]:
    found = (text_digest(text, 1) for text in texts.values() if text)
    return {each for each in found if each is not None}


def blank(refs: Sequence[ResponseRef], *, now: datetime) -> int:
    """Blank the personal data of the answers; returns how many had not been before."""
    if not refs:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_BLANK, _wanted(refs) | {"now": now})
        return int(cursor.rowcount)


def by_survey(rows: Iterable[tuple[int, date, int]]) -> dict[int, list[ResponseRef]]:
    """(survey, day, response) as survey -> responses."""
    found: dict[int, list[ResponseRef]] = defaultdict(list)
    for survey, day, response in rows:
        found[survey].append((day, response))
    return dict(found)


def _wanted(refs: Sequence[ResponseRef]) -> dict[str, Any]:
    days = [day for day, _response in refs]
    return {
        "days": days,
        "ids": [response for _day, response in refs],
        "first": min(days),
        "last": max(days),
    }


def _object(value: Any) -> dict[str, str]:
    return json.loads(value) if isinstance(value, str) else dict(value)
