"""What a verdict on some answers would do to the scores they are part of."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from core.stats import Mean, mean_interval
from organization.models import Position
from surveys.models import OVERALL, Judgement, RatingRollup, Survey
from surveys.queries.facts import ResponseRef, answered, latest_verdicts, questionnaire_of
from surveys.rules.rating import rate

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


def effects(survey: Survey, refs: Sequence[ResponseRef], verdict: str) -> list[Effect]:
    """The survey, then the departments, then the persons the answers count for.

    The same exact sums as the ratings that would begin or end, so the figures after the verdict
    are these figures.
    """
    facts = answered(refs)
    valid = latest_verdicts(refs)
    change = {
        i: int(verdict != Judgement.EXCLUDED)
        - int(i in valid and valid[i].verdict != Judgement.EXCLUDED)
        for i in facts
    }
    codes = dict(Position.objects.values_list("pk", "code"))
    moves: dict[tuple[str, int | None], _Sums] = {(SURVEY, None): _Sums()}
    for row in rate(questionnaire_of(survey), codes, list(facts.values())):
        if row.dimension != OVERALL:
            continue
        times = change[row.response_id]
        if row.score is not None:
            moves[SURVEY, None].add(row.score, times)
            if row.department is not None:
                moves.setdefault((DEPARTMENT, row.department), _Sums()).add(row.score, times)
        if row.person_score is not None and row.employee is not None:
            moves.setdefault((PERSON, row.employee), _Sums()).add(row.person_score, times)
    now = _now(survey, moves)
    order = (SURVEY, DEPARTMENT, PERSON)
    return [
        Effect(kind, key, now[kind, key].mean(), now[kind, key].plus(move).mean())
        for (kind, key), move in sorted(
            moves.items(), key=lambda item: (order.index(item[0][0]), item[0][1] or 0)
        )
    ]


def _now(
    survey: Survey, wanted: dict[tuple[str, int | None], _Sums]
) -> dict[tuple[str, int | None], _Sums]:
    rows = RatingRollup.objects.filter(survey=survey, dimension=OVERALL)
    found: dict[tuple[str, int | None], _Sums] = defaultdict(_Sums)
    whole = rows.aggregate(k=Sum("n"), t=Sum("total"), q=Sum("sumsq"))
    found[SURVEY, None] = _sums(whole)
    for kind, field, part in (
        (DEPARTMENT, "department_id", ""),
        (PERSON, "employee_id", "person_"),
    ):
        keys = [key for each, key in wanted if each == kind]
        grouped = (
            rows.filter(**{f"{field}__in": keys})
            .values(field)
            .annotate(k=Sum(f"{part}n"), t=Sum(f"{part}total"), q=Sum(f"{part}sumsq"))
        )
        for row in grouped:
            found[kind, row[field]] = _sums(row)
    return found


def _sums(row: Mapping[str, Any]) -> _Sums:
    return _Sums(int(row["k"] or 0), int(row["t"] or 0), int(row["q"] or 0))
