"""Storing accepted answers: keys, responses, personal data, first verdicts, ratings, sums."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core.locks import Lock, take
from core.months import first_of
from surveys.models import DataLock, Judgement, ResponseKey, Survey
from surveys.queries.facts import chunks, questionnaire_of
from surveys.rules.rating import Answered, Person, RatingRow, rate
from surveys.services import ratings
from surveys.services.bulk import EMPTY, Json, copy_rows, send_waiting
from surveys.services.clock import judging_moment
from surveys.services.intake.attribution import Attributed, customers
from surveys.services.judging import VERDICT_COLUMNS, by_machine, counts, take_months
from surveys.services.rollups import Deltas

CHUNK = 5000
OnProgress = Callable[[int, int], None]

_KEY = ("response_no", "event_id", "content_hash", "answered_on", "response_id")
_RESPONSE = (
    *("answered_on", "id", "response_no", "event_id", "customer_id", "employee_id"),
    *("department_id", "position_id", "people", "channel", "interviewer_no", "started_at"),
    *("submitted_at", "answers", "score_micro", "late"),
)
_PERSONAL = ("answered_on", "response_id", "device", "network", "texts")


@dataclass(slots=True)
class Accepted:
    """A response as it is stored, with what its first verdict may look at."""

    id: int
    answered_on: date
    response_no: str
    event_id: int | None
    customer_id: int | None
    department_id: int | None
    people: tuple[Person, ...]
    channel: str
    interviewer_no: str
    started_at: datetime | None
    submitted_at: datetime
    received_at: datetime
    answers: dict[str, Any]
    device: str
    texts: dict[str, str]
    hash: str
    late: bool
    network: str = ""

    @property
    def facts(self) -> Answered:
        return Answered(
            self.answered_on,
            self.id,
            self.customer_id,
            self.department_id,
            self.people,
            self.answers,
        )


class Judged(Protocol):
    """A first verdict."""

    @property
    def verdict(self) -> str: ...
    @property
    def checks(self) -> Sequence[str]: ...
    @property
    def evidence(self) -> Any: ...


OnStored = Callable[[Sequence[Accepted], Sequence[Judged]], None]


@dataclass
class Stored:
    """What storing did."""

    late: list[str] = field(default_factory=list)
    verdicts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Judgement.values, 0))


def ensure_partitions(days: Iterable[date]) -> int:
    """Create the missing monthly tables for these days; returns how many months were new.

    In a transaction of its own where there is none yet: making a table locks its parent, and an
    import should not hold that lock while it runs.
    """
    months = sorted({first_of(day) for day in days})
    created = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for month in _without_partition(cursor, months):
            take(Lock.PARTITIONS)
            if _without_partition(cursor, [month]):
                cursor.execute("SELECT hp_ensure_partitions(%s, %s)", [month, month])
                created += cursor.fetchone()[0]
    return created


def _without_partition(cursor: CursorWrapper, months: Sequence[date]) -> list[date]:
    """Asked of the catalogue's rows, which each statement reads anew: the names a session has
    looked up before (to_regclass) may be stale after the wait for the lock."""
    names = {f"surveys_rating_{month:%Y%m}": month for month in months}
    cursor.execute("SELECT relname::text FROM pg_class WHERE relname = ANY(%s)", [list(names)])
    there = {row[0] for row in cursor.fetchall()}
    return [month for name, month in names.items() if name not in there]


def store(
    survey: Survey,
    attributed: Sequence[Attributed],
    on_progress: OnProgress | None = None,
    on_stored: OnStored | None = None,
) -> Stored:
    """Store new answers within the caller's transaction, which holds the survey's intake lock."""
    result = Stored()
    known = customers(each.sent.customer_no for each in attributed if each.event is None)
    take_months(survey.pk, {each.sent.answered_on for each in attributed})
    moment = judging_moment(wait_ms=60_000)
    locked = list(DataLock.objects.filter(released_at=None).values_list("first_day", "last_day"))
    claimed = _claimed_events(survey, attributed)
    positions = ratings.position_codes()
    deltas = Deltas(survey.pk)
    done = 0
    for chunk in chunks(attributed, CHUNK):
        accepted = [
            accept(each, i, known, locked, moment)
            for each, i in zip(chunk, _new_ids(len(chunk)), strict=True)
        ]
        judged = write(survey, accepted, claimed, deltas, result, positions)
        if on_stored:
            on_stored(accepted, judged)
        done += len(chunk)
        if on_progress:
            on_progress(done, len(attributed))
    deltas.write()
    return result


def accept(
    each: Attributed,
    response_id: int,
    known: dict[str, int],
    locked: Sequence[tuple[date, date]],
    moment: datetime,
) -> Accepted:
    """The response under its id, `known` being customers by number and `locked` the locked days."""
    sent = each.sent
    event = each.event
    return Accepted(
        id=response_id,
        answered_on=sent.answered_on,
        response_no=sent.response_no,
        event_id=event.id if event else None,
        customer_id=event.customer_id if event else known.get(sent.customer_no),
        department_id=each.department_id,
        people=each.people,
        channel=sent.channel,
        interviewer_no=sent.interviewer_no,
        started_at=sent.started_at,
        submitted_at=sent.submitted_at,
        received_at=moment,
        answers=sent.answers,
        device=sent.device,
        texts=sent.texts,
        hash=sent.hash,
        late=any(first <= sent.answered_on <= last for first, last in locked),
    )


def write(
    survey: Survey,
    accepted: list[Accepted],
    claimed: set[int],
    deltas: Deltas,
    result: Stored,
    positions: Mapping[int, str],
) -> Sequence[Judged]:
    """One chunk. Responses stand before their verdicts, so that a check sees the whole chunk.
    `claimed`: cases with an answer, completed here; `positions`: id -> code."""
    again = [each for each in accepted if each.event_id in claimed]
    questionnaire = questionnaire_of(survey)
    rows = rate(questionnaire, positions, [each.facts for each in accepted])
    overall = {row.response_id: row.score for row in rows if row.score is not None}  # the lead's
    of_survey = {"survey_id": survey.pk}
    copy_rows(
        "surveys_responsekey", _KEY, (_key_row(each, claimed) for each in accepted), of_survey
    )
    copy_rows(
        "surveys_response",
        _RESPONSE,
        _response_rows(accepted, overall),
        {**of_survey, "received_at": accepted[0].received_at},
    )
    copy_rows(
        "surveys_responsepersonal",
        _PERSONAL,
        (
            (
                *(each.answered_on, each.id, each.device, each.network),
                Json(each.texts) if each.texts else EMPTY,
            )
            for each in accepted
            if each.device or each.texts
        ),
        {"phone": "", "email": ""},
    )
    judged = first_verdicts(survey, accepted, again)
    copy_rows(
        "surveys_verdict",
        VERDICT_COLUMNS,
        _verdict_rows(accepted, judged),
        by_machine(survey, survey.rule_set_id, "acceptance", accepted[0].received_at),
    )
    _count(survey, accepted, judged, rows, deltas, result)
    if again:
        send_waiting()
        cleaning().settle_cases(survey, again)
    return judged


def _count(
    survey: Survey,
    accepted: Sequence[Accepted],
    judged: Sequence[Judged],
    rows: Sequence[RatingRow],
    deltas: Deltas,
    result: Stored,
) -> None:
    """Ratings of what counts, and the tally."""
    out = set()
    for each, one in zip(accepted, judged, strict=True):
        result.verdicts[one.verdict] += 1
        if each.late:
            result.late.append(each.response_no)
        if not counts(one.verdict):
            out.add(each.id)
    live = [row for row in rows if row.response_id not in out]
    answers = {each.id: each.answers for each in accepted}
    ratings.begin_rows(survey, live, answers, accepted[0].received_at, deltas)


def _key_row(each: Accepted, claimed: set[int]) -> tuple[Any, ...]:
    """The first answer to a case holds the case's key."""
    first = each.event_id is not None and each.event_id not in claimed
    if each.event_id is not None:
        claimed.add(each.event_id)
    return (
        each.response_no,
        each.event_id if first else None,
        each.hash,
        each.answered_on,
        each.id,
    )


def _response_rows(
    accepted: Sequence[Accepted], overall: Mapping[int, int | None]
) -> Iterator[tuple[Any, ...]]:
    written: dict[tuple[Person, ...], Json] = {}  # the same few people over and over
    for each in accepted:
        employee, _, position = each.people[0] if each.people else (None, None, None)
        people = written.get(each.people) or written.setdefault(each.people, Json(each.people))
        yield (
            each.answered_on,
            each.id,
            each.response_no,
            each.event_id,
            each.customer_id,
            employee,
            each.department_id,
            position,
            people,
            each.channel,
            each.interviewer_no,
            each.started_at,
            each.submitted_at,
            Json.of_answers(each.answers),
            overall.get(each.id),
            each.late,
        )


def _verdict_rows(
    accepted: Sequence[Accepted], judged: Sequence[Judged]
) -> Iterator[tuple[Any, ...]]:
    for each, one in zip(accepted, judged, strict=True):
        yield (
            each.answered_on,
            each.id,
            1,
            one.verdict,
            one.checks,
            Json(one.evidence) if one.evidence else EMPTY,
        )


def _claimed_events(survey: Survey, attributed: Sequence[Attributed]) -> set[int]:
    """Cases that have an answer already."""
    events = sorted({each.event.id for each in attributed if each.event})
    claimed: set[int] = set()
    for chunk in chunks(events, 10_000):
        claimed.update(
            ResponseKey.objects.filter(survey=survey, event_id__in=chunk).values_list(
                "event_id", flat=True
            )
        )
    return claimed


def _new_ids(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('surveys_response_id_seq') FROM generate_series(1, %s)", [count]
        )
        return [row[0] for row in cursor.fetchall()]


def first_verdicts(
    survey: Survey, accepted: Sequence[Accepted], again: Sequence[Accepted]
) -> Sequence[Judged]:
    """What the hard checks say of answers that have just been stored, in their order. `again`:
    those to cases that had an answer before."""
    judged: Sequence[Judged] = cleaning().judge_new(survey, accepted, again=again)
    return judged


def cleaning() -> Any:
    """Cleaning judges by this package's services, so it is asked for only when it is needed."""
    from surveys.cleaning import services

    return services
