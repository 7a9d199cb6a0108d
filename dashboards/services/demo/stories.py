"""What befalls single people and shops of the demo company, by month counted from M0.

Services and answers are drawn as for everybody; here stands who was away, whose customers were
more or less content than usual, how many answers somebody got, and which answers were coached.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from core.months import apart
from core.workdays import Calendar
from dashboards.services.demo.company import Person
from dashboards.services.demo.parameters import Month, parameters

STAR, SMALL_SAMPLE, UPHELD = "E0014", "E0081", "E0012"
CHEATING_SHOP, LENT_PHONE = "S05", "E0067"
TRANSFER_DAY = 15
UPHELD_ANSWERS = 36
OTHERS_AT_MOST = 82.5  # true mean of the Star's colleagues in M0
WAITING = 12  # coached answers of the running month, nobody has looked at them yet


@dataclass(frozen=True)
class Stories:
    """The stories on the calendar of one seeding; `months` ends with M0."""

    months: tuple[Month, ...]
    calendar: Calendar

    def at(self, offset: int) -> Month:
        """The month so many after M0 (before it when negative)."""
        return self.months[-1].shifted(offset)

    def offset(self, month: Month) -> int:
        return apart(self.months[-1].first, month.first)

    # -- who was there --------------------------------------------------------------------------

    @cached_property
    def transferred_on(self) -> date:
        return self.at(-1).first.replace(day=TRANSFER_DAY)

    @cached_property
    def hired(self) -> dict[str, date]:
        """Who came late in the year: the newcomer, seven working days before the end of M0."""
        days = int(_story("newcomer")["hired_working_days_ago"])
        return {_story("newcomer")["employee"]: self._last_days(days)}

    @cached_property
    def left(self) -> dict[str, date]:
        story = _story("leaver")
        return {story["employee"]: self.at(0).first.replace(day=int(story["last_day"]))}

    def _last_days(self, count: int) -> date:
        """The first of the last `count` working days of M0."""
        day = self.at(0).last + timedelta(days=1)
        while count:
            day -= timedelta(days=1)
            count -= self.calendar.is_working(day)
        return day

    @cached_property
    def _away(self) -> dict[str, tuple[date, date]]:
        """Number -> the days a person served nobody."""
        leave, few = _story("maternity_leave"), _story("few_days")
        first, last = leave["months"]
        away = {
            leave["employee"]: (self.at(first).first, self.at(last).last),
            few["employee"]: (self.at(0).first, self._last_days(few["working_days_present"])),
        }
        for number, day in self.hired.items():
            away[number] = (date.min, day)
        for number, day in self.left.items():
            away[number] = (day + timedelta(days=1), date.max)
        return away

    def absent(self, number: str, day: date) -> bool:
        span = self._away.get(number)
        return span is not None and span[0] <= day <= span[1]

    def present_days(self, number: str, month: Month, working: int) -> tuple[int, int] | None:
        """(days present, of them on statutory leave) where the story says so."""
        span = self._away.get(number)
        if span is None or span[1] < month.first or span[0] > month.last:
            return (working, 0) if number == UPHELD else None
        if number == _story("few_days")["employee"]:
            return int(_story("few_days")["working_days_present"]), 0
        days = [month.first + timedelta(days=at) for at in range(month.last.day)]
        there = sum(self.calendar.is_working(d) and not self.absent(number, d) for d in days)
        if number in self.hired:
            there += self.calendar.is_working(self.hired[number])
        return (there, working - there if number == _story("maternity_leave")["employee"] else 0)

    def department(self, person: Person, day: date) -> str:
        """Where the person worked that day: one was transferred."""
        story = _story("transfer")
        if person.number == story["employee"] and day < self.transferred_on:
            return str(story["from_department"])
        return person.department

    # -- what customers thought -----------------------------------------------------------------

    def in_month(self, person: Person, month: Month) -> Person:
        """The person with the true mean of that month."""
        offset = self.offset(month)
        mean = person.true_mean + self._shop(person, offset)
        if person.position == "service_advisor" and offset == 0:
            mean = min(mean, OTHERS_AT_MOST)
            if person.number == STAR:
                mean = 88.0
        return replace(person, true_mean=mean)

    def _shop(self, person: Person, offset: int) -> float:
        for key in ("rising_shop", "failing_shop"):
            story = _story(key)
            effect = story["effect"]
            if person.department == story["department"]:
                since = effect["from_month"]
                if offset < since:
                    return float(effect["start"]) if key == "rising_shop" else 0.0
                share = min(1.0, (offset - since) / (0 - since))
                return float(effect["start"] + share * (effect["end"] - effect["start"]))
        story = _story("cheating_shop")
        if self.coached(person.department, person.position, offset):
            return float(story["true_effect"])
        return 0.0

    def coached(self, department: str, position: str, offset: int) -> bool:
        """Whether answers of that shop and job were coached in the month; the running month's
        wait in review."""
        story = _story("cheating_shop")
        first, last = story["months"]
        return (
            department == story["department"]
            and position in story["positions"]
            and (first <= offset <= last or offset == 1)
        )

    def quota(self, questionnaire: str, month: Month) -> Iterable[tuple[str, int, float | None]]:
        """(number, so many answers, their mean if it matters) in this month and survey."""
        small = _story("small_sample_star")
        rival, offset = small["rival"], self.offset(month)
        if offset == small["month"]:
            if questionnaire == "AFTER-SALES":
                yield rival["employee"], rival["responses"], rival["mean"]
            if questionnaire == "SALES-VISIT":
                yield small["employee"], small["responses"], small["mean"]
            if questionnaire == "SALES-DELIVERY":
                yield small["employee"], 0, None
        if offset == -1 and questionnaire == "SALES-DELIVERY":
            yield UPHELD, UPHELD_ANSWERS, None

    def sole_helper(self, questionnaire: str, department: str, month: Month) -> str | None:
        """Who did all deliveries of a shop alone that month."""
        delivery = questionnaire == "SALES-DELIVERY" and department == "S01"
        alone = delivery and self.offset(month) == -1
        return UPHELD if alone else None

    def staff_phone_answers(self, questionnaire: str, month: Month) -> int:
        story = _story("staff_phone")
        fits = questionnaire == "SALES-VISIT" and self.offset(month) == story["month"]
        return int(story["responses"]) if fits else 0

    def points(self, number: str, month: Month) -> float | None:
        """Points every measured item of a person earns, where the story says so."""
        story = _story("shortfall_warning")
        fits = number == story["employee"] and self.offset(month) == story["month"]
        return 45.0 if fits else None


def _story(key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in parameters()["stories"] if one["key"] == key)
    return found
