"""Write scorecards and results by COPY: the text that is hashed is the text that is stored."""

from collections.abc import Iterable, Sequence
from io import StringIO

from django.db import connection

from assessments.models import Scorecard, ScoringRun
from assessments.rules.canonical import dumps
from assessments.rules.content import (
    CARD,
    NULL,
    card_of,
    card_text,
    content_hash,
    escaped,
    result_line,
    result_text,
    who_text,
)
from assessments.rules.engine import PersonScore
from organization.models import Department, Employee, Position

_CARD = (
    *("id", "period_id", "employee_id", "version", "run_id", "department_id", "position_id"),
    *("is_current", "state", *CARD),
    *("placements", "facts", "content_hash", "supersedes_id", "cause"),
)
_RESULT = (
    *("scorecard_id", "placement_no", "indicator", "scheme_version_id", "position_id"),
    *("weight", "numerator", "denominator", "n", "raw", "adjusted", "low", "high"),
    *("value_used", "points", "status", "inputs_hash"),
)


class _Ids:
    """Database ids of the codes that the scores name."""

    def __init__(self, run: ScoringRun, numbers: Iterable[str]) -> None:
        people = Employee.objects.filter(employee_no__in=list(numbers))
        self.people = dict(people.values_list("employee_no", "id"))
        self.departments = dict(Department.objects.values_list("code", "id"))
        self.positions = dict(Position.objects.values_list("code", "id"))
        self.schemes = {key: row["id"] for key, row in run.rules["schemes"].items()}
        latest = (
            Scorecard.objects.filter(period=run.period_id, employee__in=self.people.values())
            .order_by("employee_id", "-version")
            .distinct("employee_id")
            .values_list("employee_id", "version", "id")
        )
        self.latest = {employee: (version, pk) for employee, version, pk in latest}


def store_scores(
    run: ScoringRun,
    scores: Sequence[PersonScore],
    *,
    state: str = Scorecard.State.COMPUTED,
    cause: str = "",
) -> list[int]:
    """Append a version of everybody's scorecard, not yet current; returns the ids."""
    ids = _Ids(run, [score.facts["employee"] for score in scores])
    reserved = _reserve(len(scores))
    cards: list[str] = []
    results: list[str] = []
    for pk, score in zip(reserved, scores, strict=True):
        hashed = _add_results(results, pk, score, ids)
        cards.append(_card(pk, score, run, ids, hashed, state, cause))
    _copy("assessments_scorecard", _CARD, cards)
    _copy("assessments_indicatorresult", _RESULT, results)
    return reserved


def _add_results(results: list[str], pk: int, score: PersonScore, ids: _Ids) -> list[str]:
    """Append the rows to store; returns the lines to hash."""
    lines = []
    for row in score.results:
        number, indicator, scheme, position = row[:4]
        text = result_text(row[4:])
        lines.append(result_line(number, indicator, scheme, position, text))
        results.append(
            f"{pk}\t{number}\t{indicator}\t{ids.schemes[scheme]}\t{ids.positions[position]}\t{text}\n"
        )
    return lines


def _card(
    pk: int,
    score: PersonScore,
    run: ScoringRun,
    ids: _Ids,
    hashed: list[str],
    state: str,
    cause: str,
) -> str:
    facts, last = score.facts, score.facts["placements"][-1]
    who = who_text(facts["employee"], last["department"], last["position"])
    card = card_text(card_of(score))
    places = dumps([placement.as_json() for placement in score.placements])
    told = dumps(facts)
    employee_id = ids.people[facts["employee"]]
    version, before = ids.latest.get(employee_id, (0, NULL))
    cells = (
        *(pk, run.period_id, employee_id, version + 1, run.pk),
        *(ids.departments[last["department"]], ids.positions[last["position"]]),
        *("f", state, card, escaped(places), escaped(told)),
        *(content_hash(who, card, places, told, hashed), before, escaped(cause)),
    )
    return "\t".join(map(str, cells)) + "\n"


def _reserve(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('assessments_scorecard', 'id'))"
            " FROM generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]


def _copy(table: str, columns: Sequence[str], lines: list[str]) -> None:
    with connection.cursor() as cursor:
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        cursor.copy_expert(statement, StringIO("".join(lines)))
