"""What a period's proposal rests on: scorecards, presence and pay, read in a few queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from assessments.models import Period, Scorecard
from core.rounding import half_up
from core.workdays import Calendar
from incentives.queries import holds
from incentives.rules.consider import Person
from incentives.rules.pay import Segment
from organization import queries as organization
from organization.models import PayProfile

MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class PayFacts:
    """What one person's performance pay of a month is computed from.

    `spans` are the working days of each pay profile inside the person's placements: (first day,
    last day, monthly performance pay, working days). Days without a profile count with 0.
    `present_days` and `working_days` are HR's attendance; without a row the working days of the
    placements and of the month.
    """

    spans: tuple[tuple[date, date, Decimal, int], ...] = ()
    uncovered_days: int = 0
    present_days: Decimal = Decimal(0)
    working_days: Decimal = Decimal(0)
    attendance_version: int | None = None

    @property
    def segments(self) -> list[Segment]:
        rows = [Segment(pay, days) for _first, _last, pay, days in self.spans]
        if self.uncovered_days:
            rows.append(Segment(Decimal("0.00"), self.uncovered_days))
        return rows

    def as_data(self) -> dict[str, Any]:
        """The facts as stored with the payment; money and days as text."""
        return {
            "profiles": [
                {"from": str(first), "to": str(last), "performance_pay": str(pay), "days": days}
                for first, last, pay, days in self.spans
            ],
            "days_without_profile": self.uncovered_days,
            "attendance_version": self.attendance_version,
        }


@dataclass(frozen=True)
class Facts:
    """Everybody with a current scorecard of the period, by employee number."""

    people: list[Person]
    scorecards: dict[int, Scorecard]
    pay: dict[int, PayFacts] = field(default_factory=dict)


def load(period: Period) -> Facts:
    """Read the facts of a period; pay facts only for a month, since only months pay."""
    cards = list(
        Scorecard.objects.current()
        .filter(period=period)
        .select_related("employee", "position")
        .defer("facts", "placements")
        .order_by("employee__employee_no")
    )
    held = holds.of_period(period, cards)
    people = [_person(card, held.get(card.employee_id, frozenset())) for card in cards]
    by_employee = {card.employee_id: card for card in cards}
    pay = load_pay(period.first_day, period.last_day) if period.kind == "month" else {}
    return Facts(people, by_employee, pay)


def _person(card: Scorecard, held: frozenset[str]) -> Person:
    low = None if card.fair_low is None else half_up(card.fair_low, 2)
    return Person(
        employee_id=card.employee_id,
        employee_no=card.employee.employee_no,
        scorecard_id=card.pk,
        scorecard_hash=card.content_hash,
        position_code=card.position.code,
        n=card.satisfaction_n,
        fair_low=low,
        fair_status=card.fair_status,
        status=card.status,
        grade=card.grade,
        present_days=card.present_days,
        holds=held,
    )


def load_pay(first: date, last: date) -> dict[int, PayFacts]:
    """Pay facts of a month by employee id, for everybody placed in it."""
    calendar = Calendar.load()
    month_days = calendar.count(first, last)
    placed: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for row in organization.placements_between(first, last):
        placed[row["employee_id"]].append(_clip(row["starts_on"], row["ends_on"], first, last))
    profiles: dict[int, list[tuple[date, date, Decimal]]] = defaultdict(list)
    rows = PayProfile.objects.between(first, last).order_by("employee_id", "starts_on")
    for employee_id, starts_on, ends_on, pay in rows.values_list(
        "employee_id", "starts_on", "ends_on", "performance_pay"
    ):
        profiles[employee_id].append((*_clip(starts_on, ends_on, first, last), pay))
    attendance = {row["employee_id"]: row for row in organization.attendance_for([first])}
    return {
        employee_id: _pay_facts(
            calendar, days, profiles[employee_id], attendance.get(employee_id), month_days
        )
        for employee_id, days in placed.items()
    }


def _clip(starts_on: date, ends_on: date | None, first: date, last: date) -> tuple[date, date]:
    return max(starts_on, first), min(ends_on or last, last)


def _pay_facts(
    calendar: Calendar,
    placed: Iterable[tuple[date, date]],
    profiles: Iterable[tuple[date, date, Decimal]],
    attendance: dict[str, Any] | None,
    month_days: int,
) -> PayFacts:
    spans = []
    placed = list(placed)
    placed_days = sum(calendar.count(start, end) for start, end in placed)
    for starts_on, ends_on, pay in profiles:
        for start, end in placed:
            days = calendar.count(max(starts_on, start), min(ends_on, end))
            if days:
                spans.append((max(starts_on, start), min(ends_on, end), pay, days))
    covered = sum(days for _first, _last, _pay, days in spans)
    present, working = Decimal(placed_days), Decimal(month_days)
    if attendance is not None:
        present = attendance["present_days"]
        # A row without working days (a month wholly off) still divides by the month's.
        working = attendance["working_days"] or working
    return PayFacts(
        spans=tuple(sorted(spans)),
        uncovered_days=placed_days - covered,
        present_days=present,
        working_days=working,
        attendance_version=attendance["version"] if attendance else None,
    )
