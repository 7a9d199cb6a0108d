"""The two tables of a roster: departments and employees. The header tells which is which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from core.errors import BadRows, InvalidInput
from core.tables import Table, columns
from core.tables.cells import Cells, Faults, rows_of

DEPARTMENT_COLUMNS = ("department_code", "name_zh", "name_en", "parent_code", "head_employee_no")
EMPLOYEE_COLUMNS = (
    "employee_no",
    "name",
    "department_code",
    "position_code",
    "hired_on",
    "left_on",
    "email",
    "city",
    "base_wage",
    "performance_pay",
)
MOST = Decimal(10) ** 10  # what numeric(12, 2) holds


@dataclass(frozen=True)
class DepartmentRow:
    cells: Cells
    code: str
    name_zh: str
    name_en: str
    parent_code: str
    head_no: str
    department_type: str | None  # None: the file has no such column


@dataclass(frozen=True)
class EmployeeRow:
    cells: Cells
    employee_no: str
    name: str
    department_code: str
    position_code: str
    city: str
    legal_entity: str
    hired_on: date
    left_on: date | None
    email: str
    phone: str | None  # None: the file has no such column
    pay: tuple[Decimal, Decimal] | None  # base wage, performance pay; None: not stated


@dataclass
class RosterFile:
    """Everything the files of one call state, by code. Faulty rows stand apart: what they refer to
    is still checked, so that a sender sees all faults at once."""

    faults: Faults
    departments: dict[str, DepartmentRow] = field(default_factory=dict)
    employees: dict[str, EmployeeRow] = field(default_factory=dict)
    named_departments: set[str] = field(default_factory=set)  # also those of faulty rows
    named_employees: set[str] = field(default_factory=set)
    faulty_departments: list[DepartmentRow] = field(default_factory=list)
    faulty_employees: list[EmployeeRow] = field(default_factory=list)


def read_roster(tables: Sequence[Table]) -> RosterFile:
    """Read all tables; faults are collected, not raised. No usable table: InvalidInput."""
    used = [table for table in tables if table.header or table.rows]
    if not used:
        raise InvalidInput(_("The files hold no table."))
    roster = RosterFile(Faults(many=len(used) > 1))
    for table in used:
        try:
            _read_table(table, roster)
        except BadRows as error:
            for fault in error.errors:
                roster.faults.add(fault.row, fault.column, fault.message, table.name)
    return roster


def _read_table(table: Table, roster: RosterFile) -> None:
    if "employee_no" in table.header:
        where = columns(table, required=EMPLOYEE_COLUMNS, optional=("legal_entity", "phone"))
        for cells in rows_of(table, where, roster.faults):
            _take_employee(cells, roster)
    elif "department_code" in table.header:
        where = columns(table, required=DEPARTMENT_COLUMNS, optional=("department_type",))
        for cells in rows_of(table, where, roster.faults):
            _take_department(cells, roster)
    else:
        roster.faults.add(
            1,
            table.header[0] if table.header else "A",
            _("neither a table of departments (department_code) nor of employees (employee_no)"),
            table.name,
        )


def _take_department(cells: Cells, roster: RosterFile) -> None:
    code = cells.code("department_code", forbidden="/")
    if code in roster.named_departments:
        cells.fault("department_code", _("%(code)s stands in the file twice") % {"code": code})
    row = DepartmentRow(
        cells=cells,
        code=code,
        name_zh=cells.text("name_zh", longest=120, required=True),
        name_en=cells.text("name_en", longest=120),
        parent_code=cells.code("parent_code", required=False),
        head_no=cells.code("head_employee_no", required=False),
        department_type=(
            cells.text("department_type", longest=40) if cells.has("department_type") else None
        ),
    )
    roster.named_departments.add(code)
    if cells.ok:
        roster.departments[code] = row
    else:
        roster.faulty_departments.append(row)


def _take_employee(cells: Cells, roster: RosterFile) -> None:
    number = cells.code("employee_no", forbidden=";")
    if number in roster.named_employees:
        cells.fault("employee_no", _("%(code)s stands in the file twice") % {"code": number})
    hired_on = cells.day("hired_on", required=True)
    left_on = cells.day("left_on")
    if hired_on and left_on and left_on < hired_on:
        cells.fault("left_on", _("before the day of hiring"))
    row = EmployeeRow(
        cells=cells,
        employee_no=number,
        name=cells.text("name", longest=120, required=True),
        department_code=cells.code("department_code"),
        position_code=cells.code("position_code"),
        city=cells.text("city", longest=120),
        legal_entity=cells.text("legal_entity", longest=200) if cells.has("legal_entity") else "",
        hired_on=hired_on or date.min,
        left_on=left_on,
        email=cells.email("email"),
        phone=cells.text("phone", longest=40) if cells.has("phone") else None,
        pay=_pay(cells),
    )
    roster.named_employees.add(number)
    if cells.ok:
        roster.employees[number] = row
    else:
        roster.faulty_employees.append(row)


def _pay(cells: Cells) -> tuple[Decimal, Decimal] | None:
    base = cells.decimal("base_wage", below=MOST)
    performance = cells.decimal("performance_pay", below=MOST)
    if base is not None and performance is not None:
        return base, performance
    for column, value, other in (
        ("base_wage", base, performance),
        ("performance_pay", performance, base),
    ):
        if value is None and other is not None and not cells.raw(column):
            cells.fault(column, _("base_wage and performance_pay go together"))
    return None
