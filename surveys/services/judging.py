"""Verdicts of the machine on many responses; only ever added, and ratings follow them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

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
from surveys.services.bulk import Json, copy_rows
from surveys.services.clock import judging_moment
from surveys.services.rollups import Deltas

CHUNK = 5000
VERDICT_COLUMNS = (
    "answered_on",
    "response_id",
    "seq",
    "survey_id",
    "verdict",
    "checks",
    "evidence",
    "rule_set_id",
    "decided_by_id",
    "reason",
    "source",
    "decided_at",
)


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the machine says about one response."""

    answered_on: date
    response_id: int
    verdict: str
    checks: Sequence[str] = ()
    evidence: Mapping[str, Any] | None = None


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
) -> Applied:
    """Add the machine's verdicts where they differ from the valid ones, with ratings and sums.

    A verdict decided by a person stays. The same verdict, checks, evidence and rule set again
    changes nothing, so a run can be repeated at any time. Busy for a minute: Conflict.
    """
    listed = list(proposed)
    result = Applied()
    if not listed:
        return result
    take_months(survey.pk, {each.answered_on for each in listed})
    moment = judging_moment(wait_ms=60_000)
    deltas = Deltas(survey.pk)
    for chunk in chunks(listed, CHUNK):
        _apply(survey, chunk, rule_set, source, moment, deltas, result)
    deltas.write()
    return result


def _apply(
    survey: Survey,
    chunk: Sequence[Proposed],
    rule_set: CleaningRuleSet | None,
    source: str,
    moment: datetime,
    deltas: Deltas,
    result: Applied,
) -> None:
    valid = latest_verdicts((each.answered_on, each.response_id) for each in chunk)
    rule_set_id = rule_set.pk if rule_set else None
    fresh: list[Proposed] = []
    for each in chunk:
        now = valid.get(each.response_id)
        if now is not None and now.decided_by_id is not None:
            result.kept += 1
        elif now is not None and _same(now, each, rule_set_id):
            result.unchanged += 1
        else:
            fresh.append(each)
    result.changed += len(fresh)
    copy_rows(
        "surveys_verdict",
        VERDICT_COLUMNS,
        (
            (
                each.answered_on,
                int(each.response_id),
                1 + (valid[each.response_id].seq if each.response_id in valid else 0),
                survey.pk,
                str(each.verdict),
                list(each.checks),
                Json(each.evidence or {}),
                rule_set_id,
                None,
                "",
                source,
                moment,
            )
            for each in fresh
        ),
    )
    before = {i: verdict.verdict for i, verdict in valid.items()}
    follow(
        survey,
        {(each.answered_on, each.response_id): each.verdict for each in fresh},
        before,
        moment,
        deltas,
    )


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
