"""HR's file of what a month's wage is made of besides base wage and performance pay."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from core import tables
from incentives.models import WageComponent
from incentives.rules.months import first_of_month
from incentives.services.wages import ComponentRow
from organization.models import Employee

COLUMNS = ("employee_no", "month", "component", "amount")
LARGEST = Decimal(10) ** 10


def read(files: Sequence[tables.Table]) -> list[ComponentRow]:
    """The rows of `employee_no,month,component,amount`. Raises BadRows naming every fault."""
    errors = tables.Errors()
    rows: list[ComponentRow] = []
    seen: dict[tuple[int, date, str], int] = {}
    for table in files:
        places = tables.columns(table, required=COLUMNS)
        numbers = {row[places["employee_no"]] for row in table.rows} - {None}
        found = Employee.objects.filter(employee_no__in=numbers)
        employees = dict(found.values_list("employee_no", "pk"))
        for number, row in enumerate(table.rows, start=2):
            cells = {column: row[place] for column, place in places.items()}
            parsed = _row(number, cells, employees, errors)
            if parsed is None:
                continue
            key = (parsed.employee_id, parsed.month, parsed.component)
            if key in seen:
                again = _("stands in row %(row)d already") % {"row": seen[key]}
                errors.add(number, "component", again)
            seen[key] = number
            rows.append(parsed)
    errors.raise_if_any()
    return rows


def _row(
    number: int,
    cells: Mapping[str, str | None],
    employees: Mapping[str, int],
    errors: tables.Errors,
) -> ComponentRow | None:
    """One row, or None with its faults in `errors`."""
    empty = [column for column in COLUMNS if not cells[column]]
    for column in empty:
        errors.add(number, column, _("is empty"))
    if empty:
        return None
    employee_id = employees.get(str(cells["employee_no"]))
    component = str(cells["component"])
    month, amount = first_of_month(str(cells["month"])), None
    if employee_id is None:
        errors.add(number, "employee_no", _("is unknown"))
    if component not in WageComponent.Component.values:
        codes = ", ".join(WageComponent.Component.values)
        errors.add(number, "component", _("must be one of %(codes)s") % {"codes": codes})
    if month is None:
        errors.add(number, "month", _("is not a month; write it as 2025-11"))
    try:
        amount = tables.parse_decimal(str(cells["amount"]))
    except ValueError as error:
        errors.add(number, "amount", str(error))
    if amount is not None and not _whole_fen(amount):
        errors.add(number, "amount", _("must be an amount of whole fen, not negative"))
        return None
    if employee_id is None or month is None or amount is None:
        return None
    return ComponentRow(employee_id, month, component, amount)


def _whole_fen(amount: Decimal) -> bool:
    return 0 <= amount < LARGEST and amount == amount.quantize(Decimal("0.01"))
