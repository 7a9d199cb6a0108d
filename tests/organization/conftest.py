"""A small company: headquarters, a sales branch with two shops, five people."""

from collections.abc import Sequence

import pytest

from core.models import User
from core.tables import Table
from organization.models import Department, Employee
from organization.services import import_roster, operator

DEPARTMENTS = (
    "department_code,name_zh,name_en,parent_code,head_employee_no,department_type",
    "S01,滨河店,Riverside,SALES,E3,shop",  # before its parent on purpose
    "HQ,总部,Headquarters,,E1,headquarters",
    "SALES,销售部,Sales,HQ,E2,headquarters",
    "S02,城北店,North,SALES,,shop",
)
EMPLOYEES = (
    "employee_no,name,department_code,position_code,hired_on,left_on,email,city,legal_entity,"
    "base_wage,performance_pay",
    "E1,林予安,HQ,general_manager,2019-01-01,,e1@example.com,云屿市,青穗,20000,10000",
    "E2,贺景川,SALES,department_head,2019-02-01,,,云屿市,青穗,8500.00,4500.00",
    "E3,钟立群,S01,shop_manager,2020-01-01,,,云屿市,青穗,7500,4000",
    "E4,毛嘉树,S01,sales_consultant,2021-05-01,,,云屿市,青穗,4200,1800",
    "E5,沈若溪,S02,hr_specialist,2021-06-01,,,云屿市,青穗,5500,1400",
)


def table(lines: Sequence[str], name: str = "file") -> Table:
    """A table from CSV lines; empty cells are missing."""
    header, *rows = (line.split(",") for line in lines)
    return Table(name, tuple(header), [tuple(cell or None for cell in row) for row in rows])


def changed(lines: Sequence[str], start: str, old: str, new: str) -> tuple[str, ...]:
    """The lines with one value replaced in the line that begins with `start`."""
    result = tuple(
        line.replace(old, new) if line.startswith(f"{start},") else line for line in lines
    )
    assert result != tuple(lines)
    return result


@pytest.fixture
def admin(db) -> User:
    return operator()


@pytest.fixture
def company(admin: User) -> User:
    """The roster is imported; the value is the account that did it."""
    import_roster([table(EMPLOYEES), table(DEPARTMENTS)], actor=admin)
    return admin


@pytest.fixture
def person(company: User):
    """person("E4") -> the account of that employee, made on first use."""

    def make(number: str) -> User:
        employee = Employee.objects.get(employee_no=number)
        if employee.user is None:
            employee.user = User.objects.create_user(number)
            employee.save(update_fields=["user"])
        return employee.user

    return make


@pytest.fixture
def place(company: User):
    """place("S01") -> the department."""
    return lambda code: Department.objects.get(code=code)
