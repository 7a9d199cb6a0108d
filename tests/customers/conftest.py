"""Two shops, an advisor who moved between them, a technician, a consultant."""

from collections.abc import Sequence
from datetime import date

import pytest

from core.models import User
from core.tables import Table
from customers.models import ServiceEvent
from organization.models import Department, Employee
from organization.services import import_roster, operator

DEPARTMENTS = (
    "department_code,name_zh,name_en,parent_code,head_employee_no",
    "S01,滨河店,Riverside,,",
    "S02,城北店,North,,",
)
EMPLOYEES = (
    "employee_no,name,department_code,position_code,hired_on,left_on,email,city,base_wage,"
    "performance_pay",
    "A1,林予安,S01,service_advisor,2020-01-01,,,云屿市,4300,1800",
    "T1,贺景川,S01,technician,2020-01-01,,,云屿市,4600,2000",
    "C1,毛嘉树,S02,sales_consultant,2025-06-01,2026-06-30,,云屿市,4200,1800",
)
HEADER = (
    "event_no,customer_no,customer_name,phone,email,employee_no,department_code,stage,channel,"
    "occurred_at"
)


def table(lines: Sequence[str], name: str = "file") -> Table:
    header, *rows = (line.split(",") for line in lines)
    return Table(name, tuple(header), [tuple(cell or None for cell in row) for row in rows])


def events(*lines: str) -> list[Table]:
    return [table([HEADER, *lines])]


@pytest.fixture
def admin(db) -> User:
    return operator()


@pytest.fixture
def shops(admin: User) -> User:
    """The roster stands; A1 moved to S02 on 2026-03-01. The value is the account `operator`."""
    import_roster([table(DEPARTMENTS), table(EMPLOYEES)], actor=admin)
    moved = [EMPLOYEES[0], EMPLOYEES[1].replace("S01", "S02")]
    import_roster([table(moved)], actor=admin, effective=date(2026, 3, 1))
    return admin


def names() -> tuple[dict[int, str], dict[int, str]]:
    """(department id -> code, employee id -> number)."""
    return (
        dict(Department.objects.values_list("id", "code")),
        dict(Employee.objects.values_list("id", "employee_no")),
    )


def attribution(event_no: str) -> tuple[str, list[tuple[str, str, str]]]:
    """(department, [(employee, department, position)]) of a stored event."""
    event = ServiceEvent.objects.get(event_no=event_no)
    people = event.people.order_by("order").values_list(
        "employee__employee_no", "department__code", "position__code"
    )
    return event.department.code, list(people)
