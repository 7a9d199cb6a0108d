"""The departments of a roster: checked against each other and the stored tree, then written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from organization.imports.roster import DepartmentRow, RosterFile
from organization.models import Department, Employee
from organization.rules import resolve_paths

if TYPE_CHECKING:
    from organization.services.roster import RosterReport

FIELDS = ("name_zh", "name_en", "department_type", "path", "parent_id")


@dataclass
class DepartmentPlan:
    """Stored and new departments with the rows that speak of them."""

    rows: dict[str, DepartmentRow]
    stored: dict[str, Department]
    parents: dict[str, str | None]
    paths: dict[str, str]

    def write_tree(self, report: RosterReport) -> None:
        """Create, rename and move. New ones first stand without a parent: ids are not known yet,
        and the database compares paths with parents only at commit."""
        new = [self._new(row) for code, row in self.rows.items() if code not in self.stored]
        created = {row.code: row for row in Department.objects.bulk_create(new)}
        report.departments_created = len(created)
        ids = {row.code: row.pk for row in [*self.stored.values(), *created.values()]}
        changed = []
        for department in [*self.stored.values(), *created.values()]:
            before = [getattr(department, name) for name in FIELDS]
            self._fill(department, ids)
            if before != [getattr(department, name) for name in FIELDS]:
                changed.append(department)
        Department.objects.bulk_update(changed, FIELDS, batch_size=1000)
        report.departments_changed = sum(row.code in self.stored for row in changed)

    def write_heads(self, report: RosterReport, employees: dict[str, int]) -> None:
        """Set the heads, once the employees stand; `employees` is number -> id."""
        changed = []
        for department in Department.objects.filter(code__in=self.rows):
            number = self.rows[department.code].head_no
            head_id = employees[number] if number else None
            if department.head_id != head_id:
                department.head_id = head_id
                changed.append(department)
        Department.objects.bulk_update(changed, ["head"], batch_size=1000)
        report.departments_changed += sum(row.code in self.stored for row in changed)

    def _new(self, row: DepartmentRow) -> Department:
        return Department(
            code=row.code,
            name_zh=row.name_zh,
            name_en=row.name_en,
            department_type=row.department_type or "",
            path=self.paths[row.code],
        )

    def _fill(self, department: Department, ids: dict[str, int]) -> None:
        parent = self.parents[department.code]
        department.parent_id = ids[parent] if parent else None
        department.path = self.paths[department.code]
        row = self.rows.get(department.code)
        if row is not None:
            department.name_zh, department.name_en = row.name_zh, row.name_en
            if row.department_type is not None:
                department.department_type = row.department_type


def plan_departments(roster: RosterFile, stored: dict[str, Department]) -> DepartmentPlan:
    """Check parents, cycles and heads over the files and what is stored; faults are collected."""
    codes = {row.pk: code for code, row in stored.items()}
    parents: dict[str, str | None] = {
        code: codes.get(row.parent_id) if row.parent_id else None for code, row in stored.items()
    }
    parents.update({code: row.parent_code or None for code, row in roster.departments.items()})
    known = stored.keys() | roster.named_departments | {""}
    for row in [*roster.departments.values(), *roster.faulty_departments]:
        if row.parent_code not in known:
            row.cells.fault("parent_code", unknown_department(row.parent_code))
    paths, cyclic = resolve_paths(parents)
    for code in sorted(cyclic & roster.departments.keys()):
        roster.departments[code].cells.fault("parent_code", _("the departments form a circle here"))
    _check_heads(roster)
    return DepartmentPlan(roster.departments, stored, parents, paths)


def _check_heads(roster: RosterFile) -> None:
    rows = [*roster.departments.values(), *roster.faulty_departments]
    named = {row.head_no for row in rows} - {""}
    unknown = named - roster.named_employees
    unknown -= set(
        Employee.objects.filter(employee_no__in=unknown).values_list("employee_no", flat=True)
    )
    for row in rows:
        if row.head_no in unknown:
            row.cells.fault(
                "head_employee_no", _("unknown employee %(number)s") % {"number": row.head_no}
            )


def unknown_department(code: str) -> str:
    return _("unknown department %(code)s") % {"code": code}
