"""Cleaning as it is done: rule sets, answers that just arrived, a whole survey at any time."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, jobs
from core.errors import InvalidInput, InvalidTransition
from core.garbage import resting
from core.locks import Lock, take
from core.models import Job, User
from core.models.jobs import LIVE
from customers.models import ServiceEvent
from surveys.cleaning.queries import (
    cases,
    form_of,
    months,
    read_figures,
    read_rows,
    rules_of,
    window_of,
)
from surveys.cleaning.queries.links import digests, links_of
from surveys.cleaning.rules import fresh as arrivals
from surveys.cleaning.rules import judge, ruleset
from surveys.cleaning.rules.baseline import Baseline
from surveys.cleaning.rules.batch import Batch
from surveys.cleaning.rules.fresh import Fresh, Stored
from surveys.cleaning.rules.judge import Judged
from surveys.cleaning.rules.ruleset import RuleSet
from surveys.models import CleaningBaseline, CleaningRuleSet, Survey
from surveys.queries.facts import latest_verdicts
from surveys.services.judging import Applied, Proposed, Read, apply_verdicts

KIND = "surveys.clean"
_DEFAULT = Path(__file__).parents[1] / "content" / "cleaning" / "default.json"

_CASES = """SELECT answered_on, id, response_no, event_id,
        extract(epoch FROM submitted_at)::float8
    FROM surveys_response
    WHERE survey_id = %s AND event_id = ANY(%s) AND NOT id = ANY(%s)
    ORDER BY id"""


# --- rule sets -----------------------------------------------------------------------------------


@transaction.atomic
def import_rule_set(spec: dict[str, Any], *, actor: User | None, now: datetime) -> CleaningRuleSet:
    """Store thresholds as the next version of their code, approved by the actor; the same content
    again is the stored version. InvalidInput names every fault."""
    try:
        rules = ruleset.parse(spec)
    except ruleset.BadRuleSet as error:
        faults = [f"{f.where}: {_(f.message) % f.values}" for f in error.faults]
        raise InvalidInput("\n".join(faults)) from error
    text = json.dumps(spec, sort_keys=True, ensure_ascii=False, default=float)
    content_hash = sha256(text.encode()).hexdigest()
    take(Lock.QUESTIONNAIRE, f"rules:{rules.code}")
    stored = CleaningRuleSet.objects.filter(code=rules.code).order_by("-version")
    newest = stored.first()
    if newest is not None and newest.content_hash == content_hash:
        return newest
    created = CleaningRuleSet.objects.create(
        code=rules.code,
        version=1 + (newest.version if newest else 0),
        spec=spec,
        content_hash=content_hash,
        approved_by=actor,
        approved_at=now,
    )
    audit.record(actor, "rule_set.approved", created, content_hash=content_hash)
    return created


def default_rule_set(*, actor: User | None, now: datetime) -> CleaningRuleSet:
    """The rule set that comes with the product, stored and approved if it is not yet."""
    return import_rule_set(_default_spec(), actor=actor, now=now)


@cache
def _default_spec() -> dict[str, Any]:
    spec: dict[str, Any] = json.loads(_DEFAULT.read_text(encoding="utf-8"))
    return spec


def rule_set_of(survey: Survey) -> CleaningRuleSet:
    """The survey's rule set; one opened without gets the product's, from then on."""
    if survey.rule_set is None:
        survey.rule_set = default_rule_set(actor=None, now=timezone.now())
        Survey.objects.filter(pk=survey.pk, rule_set=None).update(rule_set=survey.rule_set)
    return survey.rule_set


# --- answers that just arrived -------------------------------------------------------------------


class Arrived(Protocol):
    """A response that was stored a moment ago; `texts`: text question -> what was written."""

    @property
    def id(self) -> int: ...
    @property
    def answered_on(self) -> date: ...
    @property
    def response_no(self) -> str: ...
    @property
    def event_id(self) -> int | None: ...
    @property
    def channel(self) -> str: ...
    @property
    def submitted_at(self) -> datetime: ...
    @property
    def answers(self) -> Mapping[str, Any]: ...
    @property
    def texts(self) -> Mapping[str, str]: ...


def judge_new(
    survey: Survey, arrived: Sequence[Arrived], *, again: Sequence[Arrived] | None = None
) -> list[Judged]:
    """Verdicts, in their order, by the hard checks that need nothing but the answers.

    Call it in the transaction that stores them, after their unique keys are inserted: then of two
    who answer the same case at once, the second sees the first. `again`: those of them whose cases
    had an answer before, where the caller knows under the survey's lock. See also settle_cases.
    """
    verdicts, _refs, _changed = _judge_arrivals(survey, arrived, again)
    return verdicts


def settle_cases(survey: Survey, arrived: Sequence[Arrived]) -> Applied:
    """Judge anew those answers stored before that the arrived ones turn into second answers: an
    earlier answer that arrives late is the one that is kept. A person's verdict stays."""
    _verdicts, refs, changed = _judge_arrivals(survey, arrived)
    proposed = [
        Proposed(*refs[place], each.verdict, each.checks, each.evidence)
        for place, each in changed.items()
    ]
    return apply_verdicts(survey, proposed, rule_set=rule_set_of(survey))


def _judge_arrivals(
    survey: Survey, arrived: Sequence[Arrived], again: Sequence[Arrived] | None = None
) -> tuple[list[Judged], list[tuple[date, int]], dict[int, Judged]]:
    form = form_of(survey)
    events = sorted({each.event_id for each in arrived if each.event_id is not None})
    stages: dict[int, str] = {}
    if form.stage is not None:
        stages = dict(ServiceEvent.objects.filter(pk__in=events).values_list("pk", "stage"))
    if again is not None:
        events = sorted({each.event_id for each in again if each.event_id is not None})
    refs, stored = _stored(survey, events, [each.id for each in arrived])
    fresh = [
        Fresh(
            each.response_no,
            each.event_id,
            stages.get(each.event_id) if each.event_id is not None else None,
            each.channel,
            each.submitted_at,
            each.answers,
            each.texts,
        )
        for each in arrived
    ]
    rules = rules_of(rule_set_of(survey))
    verdicts, changed = arrivals.judge_arrivals(form, window_of(survey), rules, fresh, stored)
    return verdicts, refs, changed


def _stored(
    survey: Survey, events: Sequence[int], own: Sequence[int]
) -> tuple[list[tuple[date, int]], list[Stored]]:
    """Answers already stored to the cases, with the valid verdict of each."""
    if not events:
        return [], []
    with connection.cursor() as cursor:
        cursor.execute(_CASES, [survey.pk, list(events), list(own)])
        rows = cursor.fetchall()
    valid = latest_verdicts((day, response) for day, response, *_rest in rows)
    refs = []
    stored = []
    for day, response, number, event, submitted in rows:
        verdict = valid.get(response)
        checks = verdict.checks if verdict else ()
        evidence = verdict.evidence if verdict else {}
        refs.append((day, response))
        stored.append(Stored(number, event, submitted, checks, evidence))
    return refs, stored


# --- a whole survey ------------------------------------------------------------------------------


def start_cleaning(survey: Survey, *, actor: User | None, now: datetime) -> Job:
    """A job that judges all responses of the survey anew, one chunk a month.

    The figures of the whole survey (medians, moments, repeated comments and cases) are taken now
    and travel with the job, so all chunks judge by the same, and a chunk can be done again.
    A running cleaning of the same survey is returned instead of a second one.
    """
    stored = rule_set_of(survey)
    spans = months(survey)
    baseline = _baseline(survey, rules_of(stored), now=now)
    return jobs.create(
        KIND,
        params={
            "survey": survey.pk,
            "rule_set": stored.pk,
            "baseline": baseline.to_json(),
            "repeated": cases(survey),
        },
        chunks=[{"first": first.isoformat(), "last": last.isoformat()} for first, last in spans],
        actor=actor,
        key=key_of(survey),
    )


def key_of(survey: Survey) -> str:
    """By what the cleanings of a survey are found among the jobs."""
    return f"{KIND}:{survey.pk}"


def _baseline(survey: Survey, rules: RuleSet, *, now: datetime) -> Baseline:
    """The figures to judge by: those of today, or for a closed survey the frozen ones.

    Repeated comments are never frozen: they are ties between answers, not a yardstick.
    """
    form = form_of(survey)

    def batches() -> Iterator[tuple[Batch, list[str]]]:
        for first, last in months(survey):
            rows = read_figures(survey, form, first, last)
            yield rows.batch, digests(rules, rows)

    today = Baseline.of(form, batches())
    if survey.status != Survey.Status.CLOSED:
        return today
    frozen, _new = CleaningBaseline.objects.get_or_create(
        survey=survey,
        defaults={"figures": replace(today, texts={}).to_json(), "frozen_at": now},
    )
    return replace(Baseline.from_json(frozen.figures), texts=today.texts)


@transaction.atomic
def close_survey(survey: Survey, *, actor: User | None, now: datetime) -> Survey:
    """End the survey and freeze the figures its answers are judged by. Answers may still arrive;
    they are held against the same figures. Already closed: InvalidTransition."""
    take(Lock.SURVEY, survey.code)
    survey = Survey.objects.select_related("version", "rule_set").get(pk=survey.pk)
    if Survey.Status.CLOSED not in Survey.TRANSITIONS[Survey.Status(survey.status)]:
        raise InvalidTransition(_("The survey %(code)s is closed already.") % {"code": survey.code})
    survey.status = Survey.Status.CLOSED
    survey.save(update_fields=["status"])
    _baseline(survey, rules_of(rule_set_of(survey)), now=now)
    audit.record(actor, "survey.closed", survey)
    return survey


def clean_survey(
    survey: Survey,
    *,
    actor: User | None,
    now: datetime,
    on_progress: jobs.OnProgress | None = None,
) -> dict[str, Any]:
    """Judge all responses anew, in the foreground; returns the job's result: responses read, new
    verdicts, decided by people and kept, and for each check how many were tested and hit.

    Can be repeated at any time: what is judged as before is not written again, and what a person
    decided stays decided.
    """
    # A cleaning under way, or one a killed worker left behind, may not know the newest answers.
    live = Job.objects.filter(key=key_of(survey), status__in=LIVE).first()
    if live is not None:
        jobs.run(live.pk, wait=True, on_progress=on_progress)
    job = jobs.run_now(start_cleaning(survey, actor=actor, now=now), on_progress=on_progress)
    return dict(job.result or {})


class Cleaning:
    """Handler of the job: a chunk is a month of one survey."""

    @resting()
    def chunk(self, job: Job, chunk: dict[str, Any]) -> dict[str, Any]:
        """Judge the month's responses and store what differs from the valid verdicts."""
        survey = Survey.objects.select_related("version", "rule_set").get(pk=job.params["survey"])
        rule_set = CleaningRuleSet.objects.get(pk=job.params["rule_set"])
        rules, form = rules_of(rule_set), form_of(survey)
        baseline = Baseline.from_json(job.params["baseline"])
        span = (date.fromisoformat(chunk["first"]), date.fromisoformat(chunk["last"]))
        rows = read_rows(survey, form, *span)
        links = links_of(
            survey,
            form,
            rules,
            rows,
            span=span,
            repeated=job.params["repeated"],
            texts=baseline.texts,
        )
        found = judge.all_findings(form, rows.batch, links, window_of(survey), baseline, rules)
        verdicts = judge.judge(found, len(rows), rules.review_from_families)
        changed, valid = _news(rows.facts, verdicts, rule_set.pk)
        read = Read(*span, rows.verdicts, valid)
        applied = apply_verdicts(survey, changed, rule_set=rule_set, read=read)
        return {
            "responses": len(rows),
            "changed": applied.changed,
            "kept": int(rows.facts["human"].sum()),
            "checks": {
                code: [int(finding.tested.sum()), int((finding.level > 0).sum())]
                for code, finding in found.items()
            },
        }

    def finish(self, job: Job) -> dict[str, Any]:
        """Add the chunks up and write the audit row."""
        total: dict[str, Any] = {"responses": 0, "changed": 0, "kept": 0, "checks": {}}
        for chunk in job.chunks.order_by("number"):
            result = chunk.result or {}
            for name in ("responses", "changed", "kept"):
                total[name] += result[name]
            for code, (tested, hit) in result["checks"].items():
                before = total["checks"].get(code, [0, 0])
                total["checks"][code] = [before[0] + tested, before[1] + hit]
        job.params["baseline"]["texts"] = {}  # fingerprints of comments: nobody needs them now
        survey = Survey.objects.get(pk=job.params["survey"])
        audit.record(
            job.actor,
            "survey.cleaned",
            survey,
            rule_set=job.params["rule_set"],
            responses=total["responses"],
            changed=total["changed"],
        )
        return total


def _news(
    facts: pd.DataFrame, verdicts: Sequence[Judged], rule_set_id: int
) -> tuple[list[Proposed], dict[int, tuple[int, str]]]:
    """The verdicts that differ from the valid ones, leaving out what a person decided; and of these
    valid ones number and verdict, by response id."""
    marked = np.fromiter((v is not judge.CLEAN for v in verdicts), dtype=bool, count=len(verdicts))
    plain = facts["verdict"].eq(judge.COUNTED) & facts["checks"].eq("")
    settled = plain & facts["rule_set_id"].eq(rule_set_id)
    look = np.flatnonzero((marked | ~settled.to_numpy()) & ~facts["human"].to_numpy())
    columns = ["answered_on", "id", "seq", "verdict", "checks", "evidence", "rule_set_id"]
    lines = zip(*(facts[name].iloc[look].tolist() for name in columns), strict=True)
    proposed, valid = [], {}
    days = {day: date.fromisoformat(day) for day in facts["answered_on"].unique()}
    for row, (day, response, seq, *before) in zip(look.tolist(), lines, strict=True):
        now = verdicts[row]
        if not _same(before, now, rule_set_id):
            proposed.append(Proposed(days[day], response, now.verdict, now.checks, now.evidence))
            if seq:
                valid[response] = (seq, before[0])
    return proposed, valid


def _same(before: Sequence[Any], now: Judged, rule_set_id: int) -> bool:
    verdict, checks, evidence, judged_by = before
    return (
        verdict == now.verdict
        and checks == ";".join(now.checks)
        and judged_by == rule_set_id
        and (not now.checks or json.loads(evidence) == now.evidence)
    )
