"""What a verdict on some answers would do to the scores they are part of."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from core.stats import Mean, mean_interval
from organization.models import Position
from surveys.models import Judgement, Survey
from surveys.queries.facts import ResponseRef, answered, latest_verdicts, questionnaire_of
from surveys.rules.rating import RatingRow, rate

SURVEY, DEPARTMENT, PERSON = "survey", "department", "person"


@dataclass(frozen=True)
class Effect:
    """The score of the whole survey, of a department or of a person (`key`: its id) within the
    survey, as it is and as it would be."""

    kind: str
    key: int | None
    before: Mean
    after: Mean

    @property
    def moved(self) -> bool:
        return self.before != self.after


@dataclass
class _Sums:
    """n, sum and sum of squares in 1e-6 points."""

    n: int = 0
    total: int = 0
    sumsq: int = 0

    def add(self, value: int, times: int) -> None:
        self.n += times
        self.total += times * value
        self.sumsq += times * value * value

    def plus(self, other: "_Sums") -> "_Sums":
        return _Sums(self.n + other.n, self.total + other.total, self.sumsq + other.sumsq)

    def mean(self) -> Mean:
        return mean_interval(self.n, self.total, self.sumsq)


# One statement for the survey, the departments and the persons: what their live ratings add up to.
_NOW = """
WITH sums AS (
    SELECT department_id, n, total, sumsq FROM surveys_departmentrollup
    WHERE survey_id = %(survey)s
)
SELECT 'survey', NULL::bigint, sum(n), sum(total), sum(sumsq) FROM sums
UNION ALL
SELECT 'department', department_id, sum(n), sum(total), sum(sumsq) FROM sums
WHERE department_id = ANY(%(departments)s::bigint[]) GROUP BY 2
UNION ALL
SELECT 'person', employee_id, sum(person_n), sum(person_total), sum(person_sumsq)
FROM surveys_ratingrollup
WHERE survey_id = %(survey)s AND employee_id = ANY(%(people)s::bigint[]) GROUP BY 2"""

Key = tuple[str, int | None]


def effects(
    survey: Survey,
    refs: Sequence[ResponseRef],
    verdict: str,
    *,
    valid: Mapping[int, str] | None = None,
    codes: Mapping[int, str] | None = None,
) -> list[Effect]:
    """The survey, then the departments, then the persons the answers count for.

    The same exact sums as the ratings that would begin or end, so the figures after the verdict
    are these figures. `valid` (response id -> verdict) and `codes` (position id -> code) spare a
    query each where they are known.
    """
    return effects_of_each(survey, [refs], verdict, valid=valid, codes=codes)[0]


def effects_of_each(
    survey: Survey,
    sets: Sequence[Sequence[ResponseRef]],
    verdict: str,
    *,
    valid: Mapping[int, str] | None = None,
    codes: Mapping[int, str] | None = None,
) -> list[list[Effect]]:
    """The effects of the verdict on each of several sets of answers, each taken by itself."""
    refs = list(dict.fromkeys(ref for each in sets for ref in each))
    facts = answered(refs)
    if valid is None:
        valid = {i: current.verdict for i, current in latest_verdicts(refs).items()}
    change = {
        i: int(verdict != Judgement.EXCLUDED) - int(i in valid and valid[i] != Judgement.EXCLUDED)
        for i in facts
    }
    if codes is None:
        codes = dict(Position.objects.values_list("pk", "code"))
    rows = rate(questionnaire_of(survey), codes, list(facts.values()))
    moves = [_moves(rows, change, {i for _day, i in each}) for each in sets]
    now = _now(survey, {key for each in moves for key in each})
    return [_ordered(each, now) for each in moves]


def _moves(
    rows: Sequence[RatingRow], change: Mapping[int, int], chosen: Container[int]
) -> dict[Key, _Sums]:
    moves: dict[Key, _Sums] = {(SURVEY, None): _Sums()}
    for row in rows:
        if row.response_id not in chosen:
            continue
        times = change[row.response_id]
        if row.score is not None:
            moves[SURVEY, None].add(row.score, times)
            if row.department is not None:
                moves.setdefault((DEPARTMENT, row.department), _Sums()).add(row.score, times)
        if row.person_score is not None and row.employee is not None:
            moves.setdefault((PERSON, row.employee), _Sums()).add(row.person_score, times)
    return moves


def _ordered(moves: Mapping[Key, _Sums], now: Mapping[Key, _Sums]) -> list[Effect]:
    order = (SURVEY, DEPARTMENT, PERSON)
    keys = sorted(moves, key=lambda key: (order.index(key[0]), key[1] or 0))
    found = []
    for key in keys:
        before = now.get(key, _Sums())
        found.append(Effect(*key, before.mean(), before.plus(moves[key]).mean()))
    return found


def _now(survey: Survey, wanted: Iterable[Key]) -> dict[Key, _Sums]:
    keys = list(wanted)
    values: dict[str, Any] = {
        "survey": survey.pk,
        "departments": [key for kind, key in keys if kind == DEPARTMENT],
        "people": [key for kind, key in keys if kind == PERSON],
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOW, values)
        return {
            (kind, key): _Sums(int(n or 0), int(total or 0), int(sumsq or 0))
            for kind, key, n, total, sumsq in cursor.fetchall()
        }
