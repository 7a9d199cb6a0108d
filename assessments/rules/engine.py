"""From a person's facts to a scorecard. Pure: the same facts give the same result, always."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from assessments.rules import composite
from assessments.rules.canonical import text_digest
from assessments.rules.facts import EventFact, PersonFacts, PlacementFacts
from assessments.rules.headline import Headline, headline
from assessments.rules.peers import NOBODY, PeerGroup
from assessments.rules.satisfaction import Answers, answers_of
from assessments.rules.scheme import (
    DEFAULT_MIN_ASSESSED_WEIGHT,
    DEFAULT_MIN_WORKING_DAYS,
    SATISFACTION,
    Grade,
    Item,
    SchemeSpec,
)
from assessments.rules.values import (
    BELOW_MIN_N,
    NO_DATA,
    NO_PEER_GROUP,
    SCORED,
    Measured,
    measured_value,
)
from core.rounding import half_up

ENGINE = "1"  # raise when the same facts may give another result
ASSESSED, PARTIAL, NOT_ASSESSED = "assessed", "partial", "not_assessed"
PRESENCE, NO_SCHEME = "presence", "no_scheme"  # reasons beside the result statuses
ZERO = Decimal(0)


MOST_KEPT = 20_000  # shared results; some 20 MB
_Figure = tuple[str, str] | None  # numerator and denominator as given; None: nothing was


class _Place(NamedTuple):
    """What a result is about, beside its indicator."""

    number: int
    scheme: str
    position: str


class Result(NamedTuple):
    """One indicator of one placement; the fields of IndicatorResult."""

    placement_no: int
    indicator: str
    scheme: str
    position: str
    weight: Decimal
    numerator: Decimal | None
    denominator: Decimal | None
    n: int
    raw: Decimal | None
    adjusted: Decimal | None
    low: Decimal | None
    high: Decimal | None
    value_used: Decimal | None
    points: Decimal | None
    status: str
    inputs_hash: str


class PlacementScore(NamedTuple):
    """What one placement gave; scores unrounded."""

    facts: PlacementFacts
    status: str
    reason: str
    quantitative: Decimal | None
    qualitative: Decimal | None
    composite: Decimal | None


class PersonScore(NamedTuple):
    """A scorecard's content. quantitative, qualitative, composite are rounded to 2 places."""

    facts: PersonFacts
    status: str
    reason: str
    quantitative: Decimal | None
    qualitative: Decimal | None
    composite: Decimal | None
    grade: str
    coefficient: Decimal | None
    headline: Headline
    placements: list[PlacementScore]
    results: list[Result]


def score(
    facts: PersonFacts,
    schemes: Mapping[str, SchemeSpec],
    groups: Mapping[str, PeerGroup],
    units: Mapping[str, str],
) -> PersonScore:
    """Score one person.

    `schemes` by content hash, `groups` the frozen peer group by position code, `units` of the
    indicators by code.
    """
    return Scorer(schemes, groups, units).score(facts)


class Scorer:
    """Scores any number of people by the same schemes, groups and units.

    A figure that many people have (47 of 100) is worked out once: they share one Result, which
    nothing can change. What depends on answers or events is each person's own.
    """

    def __init__(
        self,
        schemes: Mapping[str, SchemeSpec],
        groups: Mapping[str, PeerGroup],
        units: Mapping[str, str],
    ) -> None:
        self._schemes, self._groups, self._units = schemes, groups, units
        self._shared: dict[_Place, list[tuple[str, Item, dict[_Figure, Result]]]] = {}
        self._kept = 0

    def score(self, facts: PersonFacts) -> PersonScore:
        """As the function of that name."""
        answers = answers_of(facts)
        events = facts.get("events", ())
        names = frozenset([event["event"] for event in events])
        scores: list[PlacementScore] = []
        results: list[Result] = []
        for number, placement in enumerate(facts["placements"]):
            scheme = self._schemes.get(placement["scheme"])
            if scheme is None:
                scores.append(PlacementScore(placement, NOT_ASSESSED, NO_SCHEME, None, None, None))
                continue
            rows = self._rows(number, placement, scheme, answers.of_placement(number), names)
            results.extend(rows)
            scores.append(_placement_score(placement, scheme, rows))
        total = _combine(facts, scores, self._schemes, events)
        return PersonScore(
            facts=facts,
            headline=headline(answers, self._groups),
            placements=scores,
            results=results,
            **total,
        )

    def _rows(
        self,
        number: int,
        placement: PlacementFacts,
        scheme: SchemeSpec,
        own: Answers,
        events: frozenset[str],
    ) -> list[Result]:
        place = _Place(number, placement["scheme"], placement["position"])
        measured = placement["measured"]
        if events:
            return [self._result(place, item, measured, own, events) for item in scheme.items]
        if self._kept > MOST_KEPT:
            self._shared.clear()
            self._kept = 0
        shared = self._shared.get(place)
        if shared is None:
            shared = self._shared[place] = [(item.indicator, item, {}) for item in scheme.items]
        rows = []
        for indicator, item, known in shared:
            if indicator == SATISFACTION:
                if own.modes:
                    rows.append(self._result(place, item, measured, own, events))
                    continue
                figure: _Figure = None
            else:
                given = measured.get(indicator)
                figure = None if given is None else (given[0], given[1])
            row = known.get(figure)
            if row is None:
                row = known[figure] = self._result(place, item, measured, own, events)
                self._kept += 1
            rows.append(row)
        return rows

    def _result(
        self,
        place: _Place,
        item: Item,
        measured: Mapping[str, list[str]],
        own: Answers,
        events: frozenset[str],
    ) -> Result:
        scheme = self._schemes[place.scheme]
        if item.indicator == SATISFACTION:
            value = own.value(item, self._groups.get(place.position, NOBODY))
        else:
            given = measured.get(item.indicator)
            value = measured_value(item, self._units[item.indicator], given)
        points = None
        if value.status in SCORED and value.used is not None:
            points = item.curve.points(value.used)
            cap = composite.item_cap(scheme.gates, events, item.indicator) if events else None
            points = points if cap is None else min(points, cap)
        return Result(
            place.number,
            item.indicator,
            place.scheme,
            place.position,
            item.weight,
            value.numerator,
            value.denominator,
            value.n,
            value.raw,
            value.adjusted,
            value.low,
            value.high,
            value.used,
            points,
            value.status,
            _inputs_hash(item, value, own),
        )


def _inputs_hash(item: Item, value: Measured, own: Answers) -> str:
    if item.indicator == SATISFACTION:
        return text_digest(f"{item.indicator}|{own.text}")
    return text_digest(f"{item.indicator}|{value.numerator}|{value.denominator}")


def _placement_score(
    placement: PlacementFacts, scheme: SchemeSpec, rows: Sequence[Result]
) -> PlacementScore:
    q = composite.quantitative([(r.weight, r.points) for r in rows], scheme.min_assessed_weight)
    given = {
        group: [Decimal(x) for x in ratings]
        for group, ratings in placement.get("opinions", {}).items()
    }
    opinion = composite.qualitative(scheme.opinions, given)
    if q is None:
        return PlacementScore(placement, NOT_ASSESSED, _why(rows), None, opinion, None)
    value = composite.combine(q, opinion, scheme.quantitative_weight, scheme.qualitative_weight)
    partial = opinion is None and scheme.qualitative_weight > 0
    status = PARTIAL if partial else ASSESSED
    return PlacementScore(placement, status, "", q, opinion, value)


def _why(rows: Sequence[Result]) -> str:
    """The status that takes the most weight out of the assessment."""
    lost: dict[str, Decimal] = {}
    for row in rows:
        if row.points is None:
            lost[row.status] = lost.get(row.status, ZERO) + row.weight
    order = [NO_DATA, BELOW_MIN_N, NO_PEER_GROUP]
    return max(lost, key=lambda status: (lost[status], -order.index(status)))


def _combine(
    facts: PersonFacts,
    scores: Sequence[PlacementScore],
    schemes: Mapping[str, SchemeSpec],
    events: Sequence[EventFact],
) -> dict[str, Any]:
    """Placements weighted by working days; the last assessed one's scheme gives the grade."""
    ruled = [schemes[s.facts["scheme"]] for s in scores if s.facts["scheme"] in schemes]
    last = ruled[-1] if ruled else None
    minimum = last.min_working_days_present if last else DEFAULT_MIN_WORKING_DAYS
    if Decimal(facts["present_days"]) < minimum * facts["months"]:
        return _nothing(PRESENCE)
    assessed = [s for s in scores if s.composite is not None]
    share = last.min_assessed_weight if last else DEFAULT_MIN_ASSESSED_WEIGHT
    whole = len(assessed) == len(scores)
    if not assessed or (not whole and _days(assessed) * 100 < share * _days(scores)):
        missing = [s for s in scores if s.composite is None]
        return _nothing(max(missing, key=lambda s: s.facts["days"]).reason)
    scheme = schemes[assessed[-1].facts["scheme"]]
    value, grade = _graded(_weighted([(s, s.composite) for s in assessed]), scheme, events)
    whole = whole and all(s.status == ASSESSED for s in assessed)
    opinions = [(s, s.qualitative) for s in assessed if s.qualitative is not None]
    return {
        "status": ASSESSED if whole else PARTIAL,
        "reason": "",
        "quantitative": half_up(_weighted([(s, s.quantitative) for s in assessed])),
        "qualitative": half_up(_weighted(opinions)) if opinions else None,
        "composite": value,
        "grade": grade.grade,
        "coefficient": grade.coefficient,
    }


def _graded(
    weighted: Decimal, scheme: SchemeSpec, events: Sequence[EventFact]
) -> tuple[Decimal, Grade]:
    """What the employee sees, and the grade that is read from it."""
    if not events:
        value = half_up(max(ZERO, weighted))
        return value, composite.grade_of(value, scheme.grades)
    names = frozenset([event["event"] for event in events])
    value = composite.settle(
        weighted,
        penalty_points=sum((Decimal(event["points"]) for event in events), ZERO),
        deduction_cap=scheme.deduction_cap,
        cap=composite.composite_cap(scheme.gates, names),
    )
    return value, composite.grade_of(value, scheme.grades, scheme.gates, names)


def _nothing(reason: str) -> dict[str, Any]:
    empty = dict.fromkeys(("quantitative", "qualitative", "composite", "coefficient"))
    return {**empty, "status": NOT_ASSESSED, "reason": reason, "grade": ""}


def _days(scores: Sequence[PlacementScore]) -> int:
    """Working days together; a stay over a weekend only still counts as one day."""
    return sum(max(1, s.facts["days"]) for s in scores)


def _weighted(rows: Sequence[tuple[PlacementScore, Decimal | None]]) -> Decimal:
    if len(rows) == 1 and rows[0][1] is not None:
        return rows[0][1]
    values = [(max(1, s.facts["days"]), x) for s, x in rows if x is not None]
    return sum((days * x for days, x in values), ZERO) / sum(days for days, _ in values)
