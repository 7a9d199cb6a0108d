"""A person's pay from a day on: a new dated row, the old one closes the day before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import InvalidInput
from core.locks import Lock, take
from core.models import User
from core.permissions import require
from organization.models import Employee, PayProfile
from organization.permissions import may_set_pay
from organization.rules import Employment, Plan, RosterRefused, Span, plan_spans


@transaction.atomic
def set_pay_profile(
    employee: Employee,
    *,
    base_wage: Decimal,
    performance_pay: Decimal,
    starts_on: date,
    reason: str,
    actor: User,
) -> PayProfile:
    """Base wage and full performance pay (CNY a month) that hold from `starts_on` on.

    On the very day the current row began, it is corrected in place. Raises InvalidInput for
    amounts that are negative or not whole fen, no reason, the values that hold already, or a day
    before the current row began or outside the employment.
    """
    require(may_set_pay(actor, employee))
    if not reason.strip():
        raise InvalidInput(_("A change of pay needs a reason."))
    for amount in (base_wage, performance_pay):
        if amount < 0 or amount != amount.quantize(Decimal("0.01")):
            raise InvalidInput(_("An amount is a whole number of fen, not negative."))
    take(Lock.ROSTER)
    employee = Employee.objects.select_for_update().get(pk=employee.pk)
    rows = {row.pk: row for row in employee.pay_profiles.order_by("starts_on")}
    spans = [
        Span((row.base_wage, row.performance_pay), row.starts_on, row.ends_on, row.pk)
        for row in rows.values()
    ]
    if starts_on < employee.hired_on:
        raise InvalidInput(
            _("%(day)s is before the day of hiring, %(hired)s.")
            % {"day": starts_on, "hired": employee.hired_on}
        )
    hired = employee.hired_on if spans else starts_on
    work = Employment(hired, employee.left_on, hired)
    try:
        plan = plan_spans(spans, (base_wage, performance_pay), work, starts_on)
    except RosterRefused as refused:
        raise InvalidInput(
            _("%(day)s does not fit: the current pay profile or the employment ends at %(other)s.")
            % {"day": starts_on, "other": refused.day}
        ) from refused
    if not plan.changed and not plan.opened:
        raise InvalidInput(_("These are the amounts that hold already."))
    row = _store(employee, rows, plan)
    audit.record(
        actor,
        "pay_profile.set",
        row,
        employee=employee.employee_no,
        starts_on=row.starts_on,
        base_wage=row.base_wage,
        performance_pay=row.performance_pay,
        reason=reason.strip(),
    )
    return row


def _store(employee: Employee, rows: dict[int, PayProfile], plan: Plan) -> PayProfile:
    """Write the plan; the profile that holds from its day on."""
    for span in plan.changed:
        row = rows[span.key or 0]
        row.base_wage, row.performance_pay = span.value
        row.starts_on, row.ends_on = span.starts_on, span.ends_on
        row.save(update_fields=["base_wage", "performance_pay", "starts_on", "ends_on"])
    for span in plan.opened:
        rows[-1] = PayProfile.objects.create(
            employee=employee,
            base_wage=span.value[0],
            performance_pay=span.value[1],
            starts_on=span.starts_on,
            ends_on=span.ends_on,
        )
    return list(rows.values())[-1]
