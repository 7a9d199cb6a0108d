"""Who sees whom."""

from datetime import date

import pytest
from django.utils import timezone

from core.permissions import Allowed
from organization import queries
from organization.models import Department, Employee
from organization.permissions import may_hold
from organization.services import assign_role, end_role, import_roster
from tests.organization.conftest import EMPLOYEES, changed, table


def seen(user):
    return sorted(Employee.objects.visible_to(user).values_list("employee_no", flat=True))


def departments(user):
    return sorted(Department.objects.visible_to(user).values_list("code", flat=True))


def test_an_employee_sees_only_oneself_and_the_own_department(person):
    assert seen(person("E4")) == ["E4"]
    assert departments(person("E4")) == ["S01"]


def test_a_head_sees_the_people_of_the_subtree(person):
    assert seen(person("E3")) == ["E3", "E4"]
    assert seen(person("E2")) == ["E2", "E3", "E4", "E5"]
    assert departments(person("E2")) == ["S01", "S02", "SALES"]


def test_a_manager_role_limited_to_a_department_opens_that_subtree(person, place, company):
    assign_role(person("E4"), "manager", department=place("S02"), actor=company)
    assert seen(person("E4")) == ["E4", "E5"]


def test_a_manager_role_without_a_department_opens_nothing(person, company):
    assign_role(person("E4"), "manager", actor=company)
    assert seen(person("E4")) == ["E4"]


@pytest.mark.parametrize("role", ["hr", "assessment", "group", "supervision", "admin", "analyst"])
def test_the_offices_of_the_company_see_everybody(person, company, role):
    assign_role(person("E4"), role, actor=company)
    assert seen(person("E4")) == ["E1", "E2", "E3", "E4", "E5"]
    assert departments(person("E4")) == ["HQ", "S01", "S02", "SALES"]


def test_an_office_limited_to_a_department_sees_only_that_part(person, place, company):
    assign_role(person("E5"), "analyst", department=place("S01"), actor=company)
    assert seen(person("E5")) == ["E3", "E4", "E5"]


@pytest.mark.parametrize("role", ["executor", "handler"])
def test_those_who_record_service_see_the_front_line(person, company, role):
    assign_role(person("E5"), role, actor=company)
    assert seen(person("E5")) == ["E4", "E5"]


def test_an_outsider_sees_nobody(company, outsider):
    assert seen(outsider) == []
    assert departments(outsider) == []


def test_a_transferred_employee_leaves_the_sight_of_the_old_manager(person, company):
    manager = person("E3")
    lines = changed(EMPLOYEES, "E4", "S01", "S02")
    import_roster([table(lines)], actor=company, effective=timezone.localdate())
    assert seen(manager) == ["E3"]


def test_an_ended_role_no_longer_counts(person, company):
    user = person("E4")
    assignment = assign_role(user, "hr", actor=company)
    assert queries.roles_of(user) == {"employee", "hr"}
    end_role(assignment, actor=company)
    assert queries.roles_of(user) == {"employee"}


def test_roles_come_from_assignments_employment_and_headship(person, company, outsider):
    assert queries.roles_of(person("E3")) == {"employee", "manager"}
    assert queries.roles_of(outsider) == frozenset()
    leaver = person("E4")
    lines = changed(EMPLOYEES, "E4", "2021-05-01,,", "2021-05-01,2022-01-31,")
    import_roster([table(lines)], actor=company)
    assert queries.roles_of(leaver) == frozenset()


def test_may_hold_says_which_role_is_needed(person, company):
    assert may_hold(company, "hr", "admin") == Allowed()
    denied = may_hold(person("E4"), "hr")
    assert not denied


def test_heads_above_and_facts_of_a_day(company, place):
    heads = queries.heads_above(place("S01")).values_list("employee_no", flat=True)
    assert sorted(heads) == ["E1", "E2", "E3"]
    e4 = Employee.objects.get(employee_no="E4")
    assert queries.placement_on([e4.pk], date(2021, 4, 30)) == {}
    assert queries.placement_on([e4.pk], date(2021, 5, 1))[e4.pk].department.code == "S01"
    assert str(queries.pay_on([e4.pk], date(2026, 1, 1))[e4.pk].base_wage) == "4200.00"
    row = queries.placements_between(date(2021, 5, 1), date(2021, 5, 31)).get(employee_id=e4.pk)
    assert (row["employee_no"], row["department_code"], row["position_code"]) == (
        "E4",
        "S01",
        "sales_consultant",
    )
    assert row["peer_group"] == "sales_consultant"
