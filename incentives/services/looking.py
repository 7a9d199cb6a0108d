"""What of a batch, a proposal or an appeal a page showed, for the access log.

Each takes the context its page was made of: who stood on it is known there already, so the log
costs no query but its own insert.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.models import User
from organization.services import saw_pay


def saw_batch(reader: User, context: Mapping[str, Any]) -> None:
    """Lines and hints of a payroll batch; its totals alone are nobody's pay."""
    people = {line.employee_id for line in context["page"]}
    people |= {hint.employee.pk for hint in context["hints"] if hint.employee}
    saw_pay(reader, "payroll_batch", subject=context["batch"].batch_no, people=people)


def saw_proposal(reader: User, context: Mapping[str, Any], lines: Iterable[Any] = ()) -> None:
    """Awards with their amounts, and the `lines` of performance pay the page lists."""
    if not context["with_pay"]:
        return
    people = {line.award.employee_id for _name, line in context["singles"]}
    people |= {line.row.employee_id for line in lines}
    saw_pay(reader, "proposal", subject=context["proposal"].period.key, people=people)


def saw_appeal(reader: User, context: Mapping[str, Any]) -> None:
    """The pay a dry run worked out, before and after."""
    said = context["said"]
    if any(line.kind == "money" for line in context["lines"]) or (said and said.pay):
        appeal = context["appeal"]
        saw_pay(reader, "appeal", subject=appeal.appeal_no, people=[appeal.employee_id])
