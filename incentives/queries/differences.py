"""The payroll of a month against the month before, cause by cause."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.charts import Chart, Step, waterfall
from core.months import last_of, shift
from core.templatetags.ui import signed
from incentives.models import LedgerEntry, PayrollLine
from incentives.rules.differences import Month, Part, Pay, differences

Source = LedgerEntry.Source


def difference(month: date) -> dict[str, Any] | None:
    """Nets of the month and the one before, the causes between them and their chart.

    None where one of the two months has no payroll.
    """
    before, now = _month(shift(month, -1), month), _month(month, month)
    if before is None or now is None:
        return None
    parts = differences(before, now)
    whole = now.net - before.net
    return {
        "before": before.net,
        "now": now.net,
        "whole": whole,
        "parts": parts,
        "chart": _chart(parts, whole) if parts else None,
    }


def _month(payroll: date, month: date) -> Month | None:
    """The live lines of a payroll month; `month` is the later one of the comparison."""
    rows = list(
        PayrollLine.objects.filter(live=True, batch__month=payroll).select_related(
            "employee", "entry__performance_pay", "entry__reverses"
        )
    )
    if not rows:
        return None
    found = Month(pay := {})
    sums = dict.fromkeys(("corrections", "awards", "recoveries", "others"), Decimal("0.00"))
    for line in rows:
        regular = line.entry.source_type == Source.PERFORMANCE_PAY and not line.entry.appeal_id
        if regular and line.entry.month == payroll and line.employee_id not in pay:
            pay[line.employee_id] = _pay(line, month)
        else:
            sums[_kind_of(line)] += line.signed
    for name, amount in sums.items():
        setattr(found, name, amount)
    return found


def _pay(line: PayrollLine, month: date) -> Pay:
    row, person = line.entry.performance_pay, line.employee
    assert row is not None
    return Pay(
        line.signed,
        row.performance_pay,
        row.coefficient,
        row.present_days,
        row.working_days,
        shared=row.mode == "pool_share",
        hired_here=person.hired_on >= shift(month, -1),
        left_by_now=person.left_on is not None and person.left_on <= last_of(month),
    )


def _kind_of(line: PayrollLine) -> str:
    entry = line.entry
    if entry.source_type == Source.RECOVERY:
        return "recoveries"
    if entry.reverses is not None and entry.reverses.source_type == Source.RECOVERY:
        return "recoveries"
    if entry.appeal_id or entry.reverses_id:
        return "corrections"
    return "awards" if entry.source_type == Source.AWARD else "others"


def part_label(part: Part) -> str:
    """The cause in words, with how many people it moved."""
    people = {"n": part.people, "up": part.up, "down": part.down}
    if part.cause == "coefficient":
        return _("Coefficients (%(up)d up, %(down)d down)") % people
    if part.cause == "base":
        return (
            ngettext("Pay profile of %(n)d person", "Pay profiles of %(n)d", part.people) % people
        )
    if part.cause == "days":
        return (
            ngettext("Days present of %(n)d person", "Days present of %(n)d", part.people) % people
        )
    if part.cause == "joined":
        return ngettext("%(n)d person joined", "%(n)d people joined", part.people) % people
    if part.cause == "left":
        return ngettext("%(n)d person left", "%(n)d people left", part.people) % people
    if part.cause == "started":
        return (
            ngettext("%(n)d not paid last month", "%(n)d not paid last month", part.people) % people
        )
    if part.cause == "stopped":
        return (
            ngettext("%(n)d not paid this month", "%(n)d not paid this month", part.people) % people
        )
    return {
        "pool": _("Shares of a pool"),
        "corrections": _("Corrections"),
        "awards": _("Awards"),
        "recoveries": _("Recoveries"),
    }.get(part.cause) or _("Other lines")


def _chart(parts: list[Part], whole: Decimal) -> Chart:
    steps = [Step(part_label(part), float(part.amount), signed(part.amount)) for part in parts]
    summary = _("The difference of %(whole)s CNY by its causes: %(parts)s.") % {
        "whole": signed(whole),
        "parts": "; ".join(f"{step.label} {step.text}" for step in steps),
    }
    return waterfall(steps, summary=summary, title=_("Cause"))
