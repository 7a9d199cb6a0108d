"""What a person decides about responses: whether they count, and for whom."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import Conflict, InvalidInput
from core.models import User
from core.permissions import Allowed, Denied, require
from organization.models import Department, Employee, Position
from surveys.models import Judgement, Response, ResponseReattribution, Survey, Verdict
from surveys.permissions import may_have_judged, may_judge
from surveys.queries.facts import (
    Current,
    answered,
    latest_verdicts,
    people_of,
    questionnaire_of,
)
from surveys.rules.rating import Person
from surveys.services import ratings
from surveys.services.clock import judging_moment
from surveys.services.judging import counts, follow, take_months
from surveys.services.rollups import Deltas

# Whether an account may decide: the employees the answers evaluate, and their departments (ids).
Right = Callable[[User, Iterable[int | None], Iterable[int | None]], Allowed | Denied]


@transaction.atomic
def record_verdict(
    response: Response,
    verdict: str,
    *,
    reason: str,
    actor: User,
    source: str = "",
    seen_seq: int | None = None,
) -> Verdict:
    """A person's verdict, counted or excluded; it stands over the machine's from now on.

    `seen_seq`: the verdict the person was looking at; a newer one is a Conflict. Whoever is
    evaluated by the response is Denied. `source` names what led to it (an appeal's number).
    """
    seen = None if seen_seq is None else {response.id: seen_seq}
    decided = record_verdicts(
        response.survey, [response], verdict, reason=reason, actor=actor, source=source, seen=seen
    )
    return decided[0]


def carry_out_verdict(
    response: Response, verdict: str, *, reason: str, decider: User, source: str
) -> Verdict:
    """As record_verdict, of what was decided before under a procedure of its own (an appeal, named
    by `source`): the right was checked then, and whoever has left the role since has decided all
    the same. Never for an answer that evaluates the decider."""
    if not source:
        raise InvalidInput(_("A decision carried out needs what decided it."))
    return _record(
        response.survey, [response], verdict, reason, decider, source, None, may_have_judged
    )[0]


def record_verdicts(
    survey: Survey,
    responses: Sequence[Response],
    verdict: str,
    *,
    reason: str,
    actor: User,
    source: str = "",
    seen: Mapping[int, int] | None = None,
) -> list[Verdict]:
    """One verdict on several answers of a survey for one reason: on all of them or on none.

    `seen`: response id -> the seq the person was looking at. A newer verdict on one of them is a
    Conflict, an answer that evaluates the actor is Denied, and then nothing is stored.
    """
    return _record(survey, responses, verdict, reason, actor, source, seen, may_judge)


@transaction.atomic
def _record(
    survey: Survey,
    responses: Sequence[Response],
    verdict: str,
    reason: str,
    actor: User,
    source: str,
    seen: Mapping[int, int] | None,
    allowed: Right,
) -> list[Verdict]:
    if verdict not in (Judgement.COUNTED, Judgement.EXCLUDED):
        raise InvalidInput(_("A person decides between counted and excluded."))
    _need_reason(reason)
    if not responses or any(response.survey_id != survey.pk for response in responses):
        raise InvalidInput(_("Choose answers of one survey."))
    take_months(survey.pk, (response.answered_on for response in responses), wait_ms=10_000)
    moment = judging_moment()
    refs = [(response.answered_on, response.id) for response in responses]
    facts = answered(refs)
    require(allowed(actor, _evaluated(responses), {one.department_id for one in responses}))
    valid = latest_verdicts(refs)
    for response_id, seq in (seen or {}).items():
        if response_id in facts and (response_id not in valid or valid[response_id].seq != seq):
            raise Conflict(_("Somebody else has decided about this answer in the meantime."))
    decided = [
        _verdict(response, valid.get(response.id), verdict, reason, actor, source, moment)
        for response in responses
    ]
    Verdict.objects.bulk_create(decided)
    deltas = Deltas(survey.pk)
    before = {response_id: current.verdict for response_id, current in valid.items()}
    follow(survey, dict.fromkeys(refs, verdict), before, moment, deltas)
    deltas.write()
    for response, each in zip(responses, decided, strict=True):
        audit.record(
            actor,
            f"response.{verdict}",
            response,
            before=before.get(response.id),
            seq=each.seq,
            source=source,
        )
    return decided


def _verdict(
    response: Response,
    valid: Current | None,
    verdict: str,
    reason: str,
    actor: User,
    source: str,
    moment: datetime,
) -> Verdict:
    """The next verdict of a response: what the machine saw stays with it."""
    return Verdict(
        answered_on=response.answered_on,
        response_id=response.id,
        seq=valid.seq + 1 if valid else 1,
        survey_id=response.survey_id,
        verdict=verdict,
        checks=list(valid.checks) if valid else [],
        evidence=dict(valid.evidence) if valid else {},
        rule_set_id=valid.rule_set_id if valid else None,
        decided_by=actor,
        reason=reason.strip(),
        source=source,
        decided_at=moment,
    )


@transaction.atomic
def reattribute_response(
    response: Response, people: Sequence[Person], *, reason: str, actor: User
) -> ResponseReattribution:
    """Let a response count for other people: (employee, department, position) ids, the lead first.

    The answer itself and the attribution frozen at arrival stay; ratings end and begin anew.
    """
    _need_reason(reason)
    survey = response.survey
    take_months(survey.pk, [response.answered_on], wait_ms=10_000)
    moment = judging_moment()
    ref = (response.answered_on, response.id)
    before = answered([ref])[response.id]
    after = tuple((each[0], each[1], each[2]) for each in people)
    _check_people(after)
    departments = {response.department_id, *(person[1] for person in after)}
    require(may_judge(actor, [*_evaluated([response]), *_employees(after)], departments))
    if after == before.people:
        raise InvalidInput(_("The answer already counts for these people."))
    number = ResponseReattribution.objects.filter(
        answered_on=response.answered_on, response_id=response.id
    ).count()
    change = ResponseReattribution.objects.create(
        answered_on=response.answered_on,
        response_id=response.id,
        number=number + 1,
        before=[list(person) for person in before.people],
        after=[list(person) for person in after],
        reason=reason.strip(),
        decided_by=actor,
        decided_at=moment,
    )
    valid = latest_verdicts([ref]).get(response.id)
    if valid is not None and counts(valid.verdict):
        deltas = Deltas(survey.pk)
        ratings.end(survey, [ref], moment, deltas)
        facts = list(answered([ref]).values())
        ratings.begin(survey, questionnaire_of(survey), facts, moment, deltas)
        deltas.write()
    audit.record(actor, "response.reattributed", response, before=before.people, after=after)
    return change


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput(_("A reason is needed."))


def _employees(people: Iterable[Person]) -> list[int | None]:
    return [person[0] for person in people]


def _evaluated(responses: Sequence[Response]) -> list[int | None]:
    """Everybody the responses count or ever counted for: at arrival, and by each decision since."""
    changes = ResponseReattribution.objects.filter(
        answered_on__in={response.answered_on for response in responses},
        response_id__in=[response.id for response in responses],
    )
    listed = [response.people for response in responses]
    listed += changes.values_list("after", flat=True)
    return [employee for people in listed for employee in _employees(people_of(people))]


def _check_people(people: Sequence[Person]) -> None:
    """Known ids, one person at most per position, nobody twice."""
    for at, model in enumerate((Employee, Department, Position)):
        ids = {person[at] for person in people} - {None}
        found = model._default_manager.filter(pk__in=list(ids)).count()
        if not people or any(person[at] is None for person in people) or found != len(ids):
            raise InvalidInput(
                _("Name at least one person, each with employee, department and position.")
            )
    if len({p[0] for p in people}) < len(people) or len({p[2] for p in people}) < len(people):
        raise InvalidInput(_("Name each person once, and at most one person per position."))
