"""Everything a period is scored from, gathered set-based: a fixed number of queries for anyone."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from assessments.queries.answers import AnswerSum, period_sums, window_sums
from assessments.queries.measured import MeasuredSum, measured_sums
from assessments.queries.presence import Attendances, Days
from assessments.queries.schemes import indicator_versions, schemes_for
from assessments.rules.canonical import dumps, number_text
from assessments.rules.engine import ENGINE
from assessments.rules.facts import PersonFacts, PlacementFacts, merge_placements
from assessments.rules.peers import PeerGroup, PersonTotal, freeze
from assessments.rules.periods import Span
from core.workdays import Calendar
from organization.models import Position
from organization.queries import placements_between

Warnings = dict[str, set[str]]


@dataclass
class Gathered:
    """The inputs of one scoring. `rules` names the versions; `warnings` maps a code to examples."""

    facts: list[PersonFacts]
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
            seen.update(dumps(person).encode())
        return seen.hexdigest()


def gather(span: Span, *, as_of: datetime | None) -> Gathered:
    """The facts of everybody with a placement in the span, by department and employee number.

    Responses count as of `as_of` (None: as they count now). Differences between people are
    estimated over the 12 months ending with the span, m over the span itself.
    """
    placements = list(placements_between(span.first, span.last))
    schemes = schemes_for({row["position_code"] for row in placements}, span.first)
    sums = period_sums(span.first, span.last, as_of=as_of)
    own = [PersonTotal(s.employee, s.position, s.mode, s.n, s.total, s.sumsq) for s in sums]
    window = own
    if span.window_first < span.first:
        window = window_sums(span.window_first, span.last, as_of=as_of)
    families = dict(Position.objects.values_list("code", "peer_group"))
    held = {row["position_code"] for row in placements} | {row.position for row in window}
    groups = freeze({code: families.get(code, "") for code in held}, window, own)
    warnings: Warnings = defaultdict(set)
    builder = _Builder(span, {code: v.content_hash for code, v in schemes.items()}, sums, warnings)
    people = groupby(placements, key=lambda row: row["employee_no"])
    facts = [builder.person(number, list(rows)) for number, rows in people]
    facts.sort(key=lambda f: (f["placements"][-1]["department"], f["employee"]))
    builder.warn_of_strangers({f["employee"] for f in facts})
    return Gathered(facts, groups, _rules(schemes), _listed(warnings))


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
    """Puts one person's rows together."""

    def __init__(
        self, span: Span, schemes: dict[str, str], sums: list[AnswerSum], warnings: Warnings
    ) -> None:
        self._span, self._schemes, self._warnings = span, schemes, warnings
        self._days = Days(Calendar.load())
        self._attendance = Attendances(span, self._days)
        self._measured = measured_sums(span)
        self._answers: dict[str, list[AnswerSum]] = defaultdict(list)
        for row in sums:
            self._answers[row.employee].append(row)

    def person(self, number: str, rows: list[dict[str, Any]]) -> PersonFacts:
        presence = self._attendance.of(rows[0]["employee_id"], rows)
        placements = merge_placements([self._placement(row) for row in rows])
        self._measure(number, rows, placements)
        answers = self._answers.get(number, [])
        jobs = {placement["position"] for placement in placements}
        if any(row.position not in jobs for row in answers):
            self._warnings["position_not_held"].add(number)
        for placement in placements:
            if not placement["scheme"]:
                self._warnings["no_scheme"].add(placement["position"])
        return {
            "employee": number,
            "months": len(self._span.months),
            "working_days": number_text(presence.working),
            "present_days": number_text(presence.present),
            "placements": placements,
            "responses": [list(row[1:]) for row in answers],
        }

    def warn_of_strangers(self, known: set[str]) -> None:
        """Responses and measurements of people without a placement in the period."""
        for code, numbers in (
            ("responses_without_placement", set(self._answers) - known),
            ("measurements_without_placement", set(self._measured) - known),
        ):
            if numbers:
                self._warnings[code] |= numbers

    def _placement(self, row: dict[str, Any]) -> PlacementFacts:
        first = max(self._span.first, row["starts_on"])
        last = self._span.last if row["ends_on"] is None else min(self._span.last, row["ends_on"])
        return {
            "department": row["department_code"],
            "position": row["position_code"],
            "first": first.isoformat(),
            "last": last.isoformat(),
            "days": self._days.count(first, last),
            "scheme": self._schemes.get(row["position_code"], ""),
            "measured": {},
        }

    def _measure(
        self, number: str, rows: list[dict[str, Any]], placements: list[PlacementFacts]
    ) -> None:
        """Give each figure to the placement held on the last day it is about."""
        figures = self._measured.get(number, [])
        self._warn_of_doubles(number, figures)
        at = {(p["department"], p["position"]): p for p in placements}
        for figure in figures:
            row = _held_on(rows, figure.last_day)
            measured = at[row["department_code"], row["position_code"]]["measured"]
            own = [figure.numerator, figure.denominator]
            before = measured.get(figure.indicator)
            measured[figure.indicator] = own if before is None else _added(before, own)

    def _warn_of_doubles(self, number: str, figures: list[MeasuredSum]) -> None:
        """Figures of months and of a longer period add up: right only if they are not the same."""
        if len({figure.indicator for figure in figures}) == len(figures):
            return  # one figure each, as in nearly every month
        lengths: dict[str, set[int]] = defaultdict(set)
        for figure in figures:
            lengths[figure.indicator].add(0 if "Q" in figure.period_key else len(figure.period_key))
        for indicator, found in lengths.items():
            if len(found) > 1:
                self._warnings["measured_by_month_and_longer"].add(f"{number} {indicator}")


def _added(one: list[str], other: list[str]) -> list[str]:
    pairs = zip(one, other, strict=True)
    return [number_text(Decimal(a) + Decimal(b)) for a, b in pairs]


def _held_on(rows: list[dict[str, Any]], day: date) -> dict[str, Any]:
    """The placement of the day, else the last one before it, else the first."""
    before = [row for row in rows if row["starts_on"] <= day]
    return before[-1] if before else rows[0]
