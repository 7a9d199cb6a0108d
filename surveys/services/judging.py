"""Verdicts of the machine on many responses; only ever added, and ratings follow them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from core.locks import Lock, take_all
from core.months import first_of
from surveys.models import CleaningRuleSet, Judgement, Survey
from surveys.queries.facts import (
    Current,
    ResponseRef,
    answered,
    chunks,
    latest_verdicts,
    questionnaire_of,
)
from surveys.services import ratings
from surveys.services.bulk import EMPTY, Json, copy_rows
from surveys.services.clock import judging_moment
from surveys.services.rollups import Deltas

CHUNK = 20_000
VERDICT_COLUMNS = ("answered_on", "response_id", "seq", "verdict", "checks", "evidence")


_COUNT = """SELECT count(*) FROM surveys_verdict
    WHERE survey_id = %s AND answered_on BETWEEN %s AND %s"""
_NONE = (0, "")


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the machine says about one response."""

    answered_on: date
    response_id: int
    verdict: str
    checks: Sequence[str] = ()
    evidence: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What somebody has read of a survey's verdicts on the answers of some days: how many there
    are, and response id -> (number, verdict) of the valid one, of each response that is proposed
    for and has one. Verdicts are only ever added: as long as there are as many, it holds."""

    first: date
    last: date
    count: int
    valid: Mapping[int, tuple[int, str]]


@dataclass
class Applied:
    """What became of a round of machine verdicts. `kept`: a person has decided, that stays."""

    changed: int = 0
    unchanged: int = 0
    kept: int = 0


def take_months(survey_id: int, days: Iterable[date], *, wait_ms: int = 60_000) -> None:
    """Hold the judging of a survey's months: one judge at a time per month, in one order."""
    months = {first_of(day) for day in days}
    take_all(Lock.RESPONSES, [f"{survey_id}:{month:%Y-%m}" for month in months], wait_ms=wait_ms)


@transaction.atomic
def apply_verdicts(
    survey: Survey,
    proposed: Iterable[Proposed],
    *,
    rule_set: CleaningRuleSet | None,
    source: str = "cleaning",
    read: Read | None = None,
) -> Applied:
    """Add the machine's verdicts where they differ from the valid ones, with ratings and sums.

    A verdict decided by a person stays. The same verdict, checks, evidence and rule set again
    changes nothing, so a run can be repeated at any time. Busy for a minute: Conflict.

    `read`: what the caller has read, if all that is proposed is news to it and nothing of it was
    decided by a person. Where it still holds, the verdicts are not read a second time.
    """
    listed = list(proposed)
    result = Applied()
    if not listed:
        return result
    take_months(survey.pk, {each.answered_on for each in listed})
    moment = judging_moment(wait_ms=60_000)
    deltas = Deltas(survey.pk)
    rule_set_id = rule_set.pk if rule_set else None
    holds = read is not None and _holds(survey, read)
    for chunk in chunks(listed, CHUNK):
        fresh, before = chunk, read.valid if read else {}
        if not holds:
            fresh, before = _news(chunk, rule_set_id, result)
        result.changed += len(fresh)
        _add(survey, fresh, rule_set_id, source, moment, before)
        follow(
            survey,
            {(each.answered_on, each.response_id): each.verdict for each in fresh},
            {i: verdict for i, (_seq, verdict) in before.items()},
            moment,
            deltas,
        )
    deltas.write()
    return result


def _holds(survey: Survey, read: Read) -> bool:
    """Whether nothing has been judged since, by whoever holds the months."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [survey.pk, read.first, read.last])
        return bool(cursor.fetchone()[0] == read.count)


def _news(
    chunk: Sequence[Proposed], rule_set_id: int | None, result: Applied
) -> tuple[list[Proposed], dict[int, tuple[int, str]]]:
    """What differs from the valid verdicts, and (number, verdict) of these by response id; the rest
    is counted."""
    valid = latest_verdicts((each.answered_on, each.response_id) for each in chunk)
    fresh: list[Proposed] = []
    for each in chunk:
        now = valid.get(each.response_id)
        if now is not None and now.decided_by_id is not None:
            result.kept += 1
        elif now is not None and _same(now, each, rule_set_id):
            result.unchanged += 1
        else:
            fresh.append(each)
    return fresh, {i: (verdict.seq, verdict.verdict) for i, verdict in valid.items()}


def _add(
    survey: Survey,
    fresh: Iterable[Proposed],
    rule_set_id: int | None,
    source: str,
    moment: datetime,
    before: Mapping[int, tuple[int, str]],
) -> None:
    """Write verdicts, each with the number after that of the one before it."""
    copy_rows(
        "surveys_verdict",
        VERDICT_COLUMNS,
        (
            (
                each.answered_on,
                int(each.response_id),
                1 + before.get(each.response_id, _NONE)[0],
                str(each.verdict),
                list(each.checks),
                Json(each.evidence) if each.evidence else EMPTY,
            )
            for each in fresh
        ),
        by_machine(survey, rule_set_id, source, moment),
    )


def by_machine(
    survey: Survey, rule_set_id: int | None, source: str, moment: datetime
) -> dict[str, Any]:
    """The columns that verdicts of the machine share."""
    return {
        "survey_id": survey.pk,
        "rule_set_id": rule_set_id,
        "decided_by_id": None,
        "reason": "",
        "source": source,
        "decided_at": moment,
    }


def _same(now: Current, each: Proposed, rule_set_id: int | None) -> bool:
    return (
        now.verdict == each.verdict
        and now.checks == tuple(each.checks)
        and now.evidence == json.loads(Json(each.evidence or {}).text)
        and now.rule_set_id == rule_set_id
    )


def follow(
    survey: Survey,
    after: Mapping[ResponseRef, str],
    before: Mapping[int, str],
    moment: datetime,
    deltas: Deltas,
) -> None:
    """Let ratings begin or end where a verdict changed whether a response counts."""
    begins = [r for r, v in after.items() if counts(v) and not counts(before.get(r[1]))]
    ends = [r for r, v in after.items() if not counts(v) and counts(before.get(r[1]))]
    ratings.end(survey, ends, moment, deltas)
    facts = answered(begins)
    ratings.begin(survey, questionnaire_of(survey), list(facts.values()), moment, deltas)


def counts(verdict: str | None) -> bool:
    """A response in review counts until a person excludes it."""
    return verdict in (Judgement.COUNTED, Judgement.REVIEW)
