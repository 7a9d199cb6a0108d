"""Everything a period is scored from, gathered set-based: a fixed number of queries for anyone."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from assessments.queries.answers import AnswerSum, period_sums, window_sums
from assessments.queries.measured import Measured, MeasuredSum, measured_sums, measured_texts
from assessments.queries.presence import Attendances, Days
from assessments.queries.schemes import indicator_versions, schemes_for
from assessments.rules.canonical import dumps, number_text
from assessments.rules.engine import ENGINE
from assessments.rules.facts import PlacementFacts, merge_placements
from assessments.rules.facts_text import PlacementTexts, figures_text, person_text
from assessments.rules.peers import PeerGroup, PersonTotal, freeze
from assessments.rules.periods import Span
from core.garbage import resting
from core.workdays import Calendar
from organization.models import Employee, Position
from organization.queries import placements_between

Warnings = dict[str, set[str]]


@dataclass
class Gathered:
    """The inputs of one scoring. `facts` is the canonical text of everybody's facts (PersonFacts),
    encoded: made once, it is hashed, handed on and stored as it is, and as values a hundred
    thousand of them take ten times the memory. `rules` names the versions; `warnings` maps a code
    to examples."""

    facts: list[bytes]
    groups: dict[str, PeerGroup]
    rules: dict[str, Any]
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def inputs_hash(self, span: Span, *, provisional: bool) -> str:
        """SHA-256 over all facts and rule contents: equal inputs need no second scoring."""
        seen = hashlib.sha256()
        indicators = {code: row["hash"] for code, row in self.rules["indicators"].items()}
        groups = {code: group.as_json() for code, group in self.groups.items()}
        head = [span.key, provisional, ENGINE, indicators, sorted(self.rules["schemes"]), groups]
        seen.update(dumps(head).encode())
        for person in self.facts:
            seen.update(person)
        return seen.hexdigest()


class _Held(NamedTuple):
    """A placement that touches the span."""

    employee_id: int
    number: str
    department: str
    position: str
    starts_on: date
    ends_on: date | None


@resting()
def gather(span: Span, *, as_of: datetime | None) -> Gathered:
    """The facts of everybody with a placement in the span, by department and employee number.

    Responses count as of `as_of` (None: as they count now). Differences between people are
    estimated over the 12 months ending with the span, m over the span itself.
    """
    placements = _held(span)
    positions = {row.position for row in placements}
    schemes = schemes_for(positions, span.first)
    sums = period_sums(span.first, span.last, as_of=as_of)
    own = [PersonTotal(s.employee, s.position, s.mode, s.n, s.total, s.sumsq) for s in sums]
    window = own
    if span.window_first < span.first:
        window = window_sums(span.window_first, span.last, as_of=as_of)
    families = dict(Position.objects.values_list("code", "peer_group"))
    held = positions | {row.position for row in window}
    groups = freeze({code: families.get(code, "") for code in held}, window, own)
    warnings: Warnings = defaultdict(set)
    builder = _Builder(span, {code: v.content_hash for code, v in schemes.items()}, sums, warnings)
    facts = builder.everybody(placements)
    return Gathered(facts, groups, _rules(schemes), _listed(warnings))


def _held(span: Span) -> list[_Held]:
    """By employee number, then day."""
    placements: Any = placements_between(span.first, span.last)  # of dicts; some names are its own
    rows = placements.values_list(
        "employee_id", "employee_no", "department_code", "position_code", "starts_on", "ends_on"
    )
    return [_Held(*row) for row in rows.iterator(chunk_size=5000)]


def _rules(schemes: dict[str, Any]) -> dict[str, Any]:
    return {
        "engine": ENGINE,
        "indicators": {
            code: {"number": row.number, "hash": row.content_hash, "unit": row.unit}
            for code, row in sorted(indicator_versions().items())
        },
        "schemes": {
            version.content_hash: {
                "id": version.pk,
                "code": version.scheme.code,
                "number": version.number,
            }
            for version in schemes.values()
        },
    }


def _listed(warnings: Warnings) -> list[dict[str, Any]]:
    return [
        {"code": code, "count": len(items), "examples": sorted(items)[:10]}
        for code, items in sorted(warnings.items())
    ]


class _Builder:
    """Puts people's rows together."""

    def __init__(
        self, span: Span, schemes: dict[str, str], sums: list[AnswerSum], warnings: Warnings
    ) -> None:
        self._span, self._schemes, self._warnings = span, schemes, warnings
        self._months = len(span.months)
        self._days = Days(Calendar.load())
        self._attendance = Attendances(span, self._days)
        self._measured = measured_texts(span)
        self._texts = PlacementTexts()
        self._answers: dict[str, list[AnswerSum]] = defaultdict(list)
        for row in sums:
            self._answers[row.employee].append(row)

    def everybody(self, placements: Sequence[_Held]) -> list[bytes]:
        """Everybody's facts as text, by the department of the last placement, then by number."""
        moved = self._figures_of_movers(placements)
        people: list[tuple[str, str, bytes]] = []
        for number, held in groupby(placements, key=itemgetter(1)):
            rows = list(held)
            department, text = self._person(number, rows, moved)
            people.append((department, number, text.encode()))
        self._warn_of_strangers()
        people.sort()
        return [text for _department, _number, text in people]

    def _figures_of_movers(self, placements: Sequence[_Held]) -> dict[int, list[MeasuredSum]]:
        """Figures by the day they are about, of those alone who held more than one job."""
        seen: dict[int, tuple[str, str]] = {}
        movers: set[int] = set()
        for row in placements:
            job = (row.department, row.position)
            if seen.setdefault(row.employee_id, job) != job:
                movers.add(row.employee_id)
        return measured_sums(self._span, movers) if movers else {}

    def _person(
        self, number: str, rows: list[_Held], moved: Mapping[int, list[MeasuredSum]]
    ) -> tuple[str, str]:
        """Department of the last placement, text of the facts."""
        pk = rows[0].employee_id
        presence = self._attendance.of(pk, rows)
        placements = merge_placements([self._placement(row) for row in rows])
        measured = self._measured.pop(pk, None)
        if measured is not None and measured.doubles is not None:
            for indicator in measured.doubles:
                self._warnings["measured_by_month_and_longer"].add(f"{number} {indicator}")
        answers = self._answers.pop(number, [])
        jobs = {placement["position"] for placement in placements}
        if any(row.position not in jobs for row in answers):
            self._warnings["position_not_held"].add(number)
        for placement in placements:
            if not placement["scheme"]:
                self._warnings["no_scheme"].add(placement["position"])
        text = person_text(
            number,
            self._months,
            working_days=number_text(presence.working),
            present_days=number_text(presence.present),
            placements=",".join(self._figured(rows, placements, measured, moved)),
            responses=[row[1:] for row in answers],
        )
        return placements[-1]["department"], text

    def _warn_of_strangers(self) -> None:
        """Responses and measurements of people without a placement in the period: what is left."""
        if self._answers:
            self._warnings["responses_without_placement"] |= set(self._answers)
        if self._measured:
            people = Employee.objects.filter(pk__in=list(self._measured))
            numbers = people.values_list("employee_no", flat=True)
            self._warnings["measurements_without_placement"] |= set(numbers)

    def _placement(self, row: _Held) -> PlacementFacts:
        first = max(self._span.first, row.starts_on)
        last = self._span.last if row.ends_on is None else min(self._span.last, row.ends_on)
        return {
            "department": row.department,
            "position": row.position,
            "first": first.isoformat(),
            "last": last.isoformat(),
            "days": self._days.count(first, last),
            "scheme": self._schemes.get(row.position, ""),
            "measured": {},
        }

    def _figured(
        self,
        rows: list[_Held],
        placements: list[PlacementFacts],
        measured: Measured | None,
        moved: Mapping[int, list[MeasuredSum]],
    ) -> Iterator[str]:
        """The texts of the placements, each with its figures: of one job all of them, of several
        those whose last day falls into it."""
        if len(placements) == 1:
            before, behind = self._texts.around(placements[0])
            yield before + (measured.text if measured else "") + behind
            return
        at = {(p["department"], p["position"]): p["measured"] for p in placements}
        for figure in moved.get(rows[0].employee_id, []):
            row = _held_on(rows, figure.last_day)
            own = [figure.numerator, figure.denominator]
            known = at[row.department, row.position]
            before_it = known.get(figure.indicator)
            known[figure.indicator] = own if before_it is None else _added(before_it, own)
        for placement in placements:
            before, behind = self._texts.around(placement)
            yield before + figures_text(placement["measured"]) + behind


def _added(one: list[str], other: list[str]) -> list[str]:
    pairs = zip(one, other, strict=True)
    return [number_text(Decimal(a) + Decimal(b)) for a, b in pairs]


def _held_on(rows: list[_Held], day: date) -> _Held:
    """The placement of the day, else the last one before it, else the first."""
    before = [row for row in rows if row.starts_on <= day]
    return before[-1] if before else rows[0]
