"""import_roster: what a roster states holds, or nothing changes."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from core.errors import BadRows
from core.models import AuditEntry
from core.permissions import Denied
from core.tables import Table
from organization.models import Department, Employee, PayProfile, Placement, Position
from organization.services import import_roster
from tests.organization.conftest import DEPARTMENTS, EMPLOYEES, changed, table


def state():
    return [
        list(model.objects.order_by("pk").values_list())
        for model in (Department, Position, Employee, Placement, PayProfile)
    ]


def take(company, lines, **options):
    return import_roster([table(lines)], actor=company, **options)


def errors(raised):
    return [str(error) for error in raised.value.errors]


def test_both_files_in_any_order_make_the_company(company):
    assert list(Department.objects.values_list("code", "path", "head__employee_no")) == [
        ("HQ", "/HQ/", "E1"),
        ("SALES", "/HQ/SALES/", "E2"),
        ("S01", "/HQ/SALES/S01/", "E3"),
        ("S02", "/HQ/SALES/S02/", None),
    ]
    e4 = Employee.objects.get(employee_no="E4")
    assert (e4.name, e4.sort_key, e4.hired_on) == (
        "毛嘉树",
        "mao2 jia1 shu4 毛嘉树",
        date(2021, 5, 1),
    )
    placement = e4.placements.get()
    assert (placement.department.code, placement.position.code) == ("S01", "sales_consultant")
    assert (placement.city, placement.legal_entity) == ("云屿市", "青穗")
    assert (placement.starts_on, placement.ends_on) == (date(2021, 5, 1), None)
    pay = e4.pay_profiles.get()
    assert (pay.base_wage, pay.performance_pay) == (Decimal("4200.00"), Decimal("1800.00"))


def test_the_same_files_twice_change_nothing(company):
    before, entries = state(), AuditEntry.objects.count()
    report = import_roster([table(DEPARTMENTS), table(EMPLOYEES)], actor=company)
    assert report.changes == 0
    assert report.employees_unchanged == 5
    assert state() == before
    assert AuditEntry.objects.count() == entries


def test_one_import_is_one_audit_row_with_counts(company):
    entry = AuditEntry.objects.get(verb="roster.imported")
    assert entry.actor == company
    assert entry.data["employees_created"] == 5
    assert entry.data["departments_created"] == 4
    assert len(entry.data["content_sha256"]) == 64


def test_a_transfer_and_a_raise_open_new_rows_on_the_effective_day(company):
    lines = changed(EMPLOYEES, "E4", "S01,sales_consultant", "S02,delivery_specialist")
    lines = changed(lines, "E4", "4200,1800", "4300,1800")
    report = take(company, lines, effective=date(2026, 3, 1))
    assert (report.placements_opened, report.pay_profiles_opened) == (1, 1)
    assert (report.employees_changed, report.employees_unchanged) == (1, 4)
    e4 = Employee.objects.get(employee_no="E4")
    assert list(e4.placements.values_list("department__code", "starts_on", "ends_on")) == [
        ("S01", date(2021, 5, 1), date(2026, 2, 28)),
        ("S02", date(2026, 3, 1), None),
    ]
    assert list(e4.pay_profiles.values_list("base_wage", "starts_on", "ends_on")) == [
        (Decimal("4200.00"), date(2021, 5, 1), date(2026, 2, 28)),
        (Decimal("4300.00"), date(2026, 3, 1), None),
    ]


def test_absent_rows_and_an_absent_legal_entity_column_change_nothing(company):
    lines = [",".join(c for i, c in enumerate(line.split(",")) if i != 8) for line in EMPLOYEES]
    assert take(company, lines[:2]).changes == 0


def test_a_last_day_closes_placement_and_pay(company):
    take(company, changed(EMPLOYEES, "E4", "2021-05-01,,", "2021-05-01,2026-04-30,"))
    e4 = Employee.objects.get(employee_no="E4")
    assert e4.left_on == date(2026, 4, 30)
    assert e4.placements.get().ends_on == date(2026, 4, 30)
    assert e4.pay_profiles.get().ends_on == date(2026, 4, 30)


def test_unknown_positions_are_created(company):
    report = take(company, changed(EMPLOYEES, "E4", "sales_consultant", "LECT"))
    assert report.positions_created == 1
    position = Position.objects.get(code="LECT")
    assert (position.name_zh, position.peer_group, position.front_line) == ("LECT", "", False)


def test_a_moved_department_takes_its_shops_along(company):
    lines = [DEPARTMENTS[0], "SALES,销售部,Sales,,E2,headquarters"]
    report = take(company, lines)
    assert report.departments_changed == 3
    assert list(Department.objects.values_list("path", flat=True)) == [
        "/HQ/",
        "/SALES/",
        "/SALES/S01/",
        "/SALES/S02/",
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_dry_run_reports_and_changes_nothing(company):
    before = state()
    report = take(
        company, changed(EMPLOYEES, "E4", "S01", "S02"), effective=date(2026, 3, 1), dry_run=True
    )
    assert report.placements_opened == 1
    assert state() == before


def test_every_fault_is_named_with_row_and_column_and_nothing_changes(company):
    before = state()
    lines = [
        EMPLOYEES[0],
        "E4,毛嘉树,S09,sales_consultant,2021-05-01,2020-01-01,nobody,云屿市,青穗,-1,1800.005",
        "E4,,S01,sales_consultant,01.05.2021,,,云屿市,青穗,4200,",
        "E;6,某人,S01,,2021-05-01,,,云屿市,青穗,abc,1800",
    ]
    with pytest.raises(BadRows) as raised:
        take(company, lines)
    assert errors(raised) == [
        "row 2, column base_wage: must not be negative",
        "row 2, column department_code: unknown department S09",
        "row 2, column email: nobody is not an e-mail address",
        "row 2, column left_on: before the day of hiring",
        "row 2, column performance_pay: at most 2 decimal places",
        "row 3, column employee_no: E4 stands in the file twice",
        "row 3, column hired_on: '01.05.2021' is not a date like 2026-03-31",
        "row 3, column name: a value is required",
        "row 3, column performance_pay: base_wage and performance_pay go together",
        "row 4, column base_wage: 'abc' is not a number",
        "row 4, column employee_no: a code must not contain ';'",
        "row 4, column position_code: a value is required",
    ]
    assert state() == before


def test_references_are_checked_over_all_files_and_the_file_is_named(company):
    departments = [
        DEPARTMENTS[0],
        "S03,港湾店,Bay,NOWHERE,E99,shop",
        "A,甲,A,B,,",
        "B,乙,B,A,,",
    ]
    employees = changed(EMPLOYEES, "E4", "S01", "S09")
    with pytest.raises(BadRows) as raised:
        import_roster([table(employees, "people"), table(departments, "units")], actor=company)
    assert errors(raised) == [
        "row 2, column head_employee_no: unknown employee E99 (in units)",
        "row 2, column parent_code: unknown department NOWHERE (in units)",
        "row 3, column parent_code: the departments form a circle here (in units)",
        "row 4, column parent_code: the departments form a circle here (in units)",
        "row 5, column department_code: unknown department S09 (in people)",
    ]


def test_a_change_dated_before_the_current_placement_is_a_row_error(company):
    with pytest.raises(BadRows) as raised:
        take(company, changed(EMPLOYEES, "E4", "S01", "S02"), effective=date(2020, 1, 1))
    assert errors(raised) == [
        "row 5, column department_code: differs, but what is stored begins on 2021-05-01, "
        "after the effective date 2020-01-01"
    ]


def test_a_table_that_is_neither_is_refused(company):
    with pytest.raises(BadRows) as raised:
        take(company, ["customer_no,name", "C1,某人"])
    assert errors(raised) == [
        "row 1, column customer_no: neither a table of departments (department_code) nor of "
        "employees (employee_no)"
    ]


def test_only_hr_and_administration_import(company, director):
    before = state()
    with pytest.raises(Denied):
        import_roster([table(EMPLOYEES)], actor=director)
    assert state() == before


def test_the_number_of_queries_does_not_grow_with_the_rows(company, django_assert_max_num_queries):
    def many(first, count):
        rows = [
            f"N{n},某人{n},S01,technician,2024-01-01,,,云屿市,青穗,4600,2000"
            for n in range(first, first + count)
        ]
        return table([EMPLOYEES[0], *rows])

    with django_assert_max_num_queries(40):
        import_roster([many(0, 3)], actor=company)
    with django_assert_max_num_queries(40):
        import_roster([many(1000, 3000)], actor=company)
    moved = [(*row[:2], "S02", *row[3:]) for row in many(1000, 3000).rows]
    with django_assert_max_num_queries(40):
        import_roster(
            [Table("file", tuple(EMPLOYEES[0].split(",")), moved)],
            actor=company,
            effective=date(2026, 1, 1),
        )
    assert Placement.objects.filter(department__code="S02", ends_on=None).count() == 3001
