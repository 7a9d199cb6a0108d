"""What people read about a payroll batch: warnings as sentences, lines by their number."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from core.errors import InvalidInput
from incentives.models import PayrollBatch, PayrollLine
from incentives.rules.months import first_of_month

WAITS = "reduction_waits"


def listed(warnings: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Warnings as they are stored today: the entries of a reduction that waits are a list of
    numbers; batches of before hold them as one text."""
    found = []
    for one in warnings:
        row = dict(one)
        if row["code"] == WAITS and "entry_nos" not in row:
            row["entry_nos"] = [int(number) for number in row.pop("entry_no").split(", ")]
        found.append(row)
    return found


def warning_text(warning: Mapping[str, Any]) -> str:
    """One warning of a batch as a sentence in the reader's language."""
    (row,) = listed([warning])
    if "entry_nos" in row:
        row["entry_no"] = ", ".join(map(str, row["entry_nos"]))
    return _TEXTS[row["code"]]() % row


# Functions, because the language is the reader's and not that of whoever started the server.
_TEXTS = {
    "shortfall": lambda: _(
        "%(employee_no)s: the wage is %(amount)s below the minimum wage; please check base pay."
    ),
    "not_earned": lambda: _(
        "%(employee_no)s: variable pay not earned is %(amount)s, %(percent)s %% of the month's wage"
        " (line %(line)s %%)."
    ),
    WAITS: lambda: _(
        "%(employee_no)s: entry %(entry_no)s (%(amount)s) waits: it would touch base pay or the"
        " minimum wage."
    ),
    "limited": lambda: _(
        "%(employee_no)s: of %(recovery_no)s %(deduct)s is taken, %(carry)s carried over"
        " (%(reason)s)."
    ),
    "to_hr": lambda: _(
        "%(employee_no)s has left: of %(recovery_no)s %(deduct)s is taken, %(carry)s goes to HR."
    ),
    "leaver": lambda: _("%(employee_no)s left on %(left_on)s: please check the lines by hand."),
    "insurance_unknown": lambda: _(
        "%(employee_no)s: own social insurance must fit above the minimum wage here, but is not"
        " known for the month."
    ),
    "no_pay_profile": lambda: _("%(employee_no)s has no base wage in the month."),
    "no_minimum_wage": lambda: _(
        "No minimum wage is known for %(city)s (%(people)s people): nothing is recovered there."
    ),
}


def payroll_month(text: str) -> date:
    """`2025-11` as its first day. Raises InvalidInput."""
    month = first_of_month(text)
    if month is None:
        raise InvalidInput(_("%(text)s is not a month; write it as 2025-11.") % {"text": text})
    return month


def line_by_no(text: str) -> PayrollLine:
    """`PB-2025-11/87` as its line. Raises InvalidInput."""
    batch_no, _slash, number = text.partition("/")
    line = None
    if number.isascii() and number.isdigit() and len(number) < 10:
        line = (
            PayrollLine.objects.filter(batch__batch_no=batch_no, line_no=int(number))
            .select_related("batch", "employee", "entry", "reverses__batch")
            .first()
        )
    if line is None:
        raise InvalidInput(
            _("There is no payroll line %(no)s; write it as PB-2025-11/87.") % {"no": text}
        )
    return line


def summary_lines(batch: PayrollBatch) -> list[str]:
    """State, control totals and warnings of a batch, one sentence or row each."""
    totals = batch.totals
    found = [
        _("%(no)s is %(state)s: %(lines)s lines, %(people)s people, net %(net)s CNY")
        % {
            "no": batch.batch_no,
            "state": PayrollBatch.State(batch.state).label,
            "lines": totals["lines"],
            "people": totals["employees"],
            "net": totals["net"],
        }
    ]
    for row in totals["items"]:
        kind = f" ({row['kind']})" if row["kind"] else ""
        found.append(
            f"  {row['pay_item_code']} {row['period']}{kind}: {row['lines']}"
            f"  +{row['add']}  -{row['deduct']}"
        )
    found += [_("warning: %(text)s") % {"text": warning_text(one)} for one in batch.warnings]
    return found
