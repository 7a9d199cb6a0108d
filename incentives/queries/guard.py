"""The wage guard's hints of a batch: what it did to whom, with the whole calculation in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.templatetags.ui import money
from incentives.models import PayrollBatch
from incentives.queries.payroll import warning_text
from organization.models import Employee

STOPPED = {"limited", "to_hr", "shortfall", "reduction_waits"}


@dataclass(frozen=True)
class Hint:
    """One hint: a sentence, the arithmetic behind it, and the person it is about."""

    code: str
    text: str
    arithmetic: str
    employee: Employee | None

    @property
    def icon(self) -> str:
        return "shield-x" if self.code in STOPPED else "alert-triangle"


def hints(batch: PayrollBatch) -> list[Hint]:
    """In the order the batch stored them; two queries for any number."""
    numbers = {row["employee_no"] for row in batch.warnings if "employee_no" in row}
    people = {one.employee_no: one for one in Employee.objects.filter(employee_no__in=numbers)}
    figures = {row["employee_no"]: row for row in batch.guard}
    found = []
    for row in batch.warnings:
        number = row.get("employee_no", "")
        found.append(
            Hint(
                row["code"],
                warning_text(row | _for_reading(row)),
                arithmetic(figures[number], row) if number in figures else "",
                people.get(number),
            )
        )
    return found


def _for_reading(row: Mapping[str, Any]) -> dict[str, str]:
    """Amounts as a page prints them, and what limited a recovery instead of its code."""
    words = {
        "cap": _("the month's cap"),
        "room": _("the minimum wage"),
        "no_minimum_wage": _("no minimum wage known"),
        "fines_off": _("no fines here"),
        "fine_cap": _("the cap on fines"),
    }
    shown = {key: money(row[key]) for key in ("amount", "due", "deduct", "carry") if key in row}
    if reason := row.get("reason", ""):
        shown["reason"] = words.get(reason, reason)
    return shown


def arithmetic(figures: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """The guard's calculation: W − X − minimum = room; cap; what is left for later."""
    shown = {key: money(figures[key]) for key in ("gross", "excluded", "cap", "room", "shortfall")}
    minimum = figures["minimum"]
    if minimum is None:
        return _("Wage %(gross)s; no minimum wage is known, so nothing is taken.") % shown
    shown["minimum"] = money(minimum)
    difference = Decimal(figures["gross"]) - Decimal(figures["excluded"]) - Decimal(minimum)
    shown["difference"] = money(difference)
    if Decimal(figures["excluded"]):
        text = _(
            "Wage %(gross)s − not counted %(excluded)s − minimum wage %(minimum)s = %(difference)s."
        )
    else:
        text = _("Wage %(gross)s − minimum wage %(minimum)s = %(difference)s.")
    said = text % shown
    if row["code"] in ("limited", "to_hr"):
        said += " " + _("Cap on recoveries %(cap)s; room %(room)s.") % shown
    return said
