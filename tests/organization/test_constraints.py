"""What PostgreSQL itself refuses, whoever writes."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from core.errors import InvalidInput
from organization.models import Department, Employee, PayProfile, Placement, Position
from organization.services import move_department


def commit_checks():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_an_employee_has_one_placement_a_day(company):
    e4 = Employee.objects.get(employee_no="E4")
    with pytest.raises(IntegrityError, match="placement_one_per_day"), transaction.atomic():
        Placement.objects.create(
            employee=e4,
            department=Department.objects.get(code="S02"),
            position=Position.objects.get(code="technician"),
            starts_on=date(2026, 1, 1),
        )


def test_an_employee_has_one_pay_profile_a_day(company):
    e4 = Employee.objects.get(employee_no="E4")
    e4.pay_profiles.update(ends_on=date(2026, 1, 1))
    with pytest.raises(IntegrityError, match="pay_profile_one_per_day"), transaction.atomic():
        PayProfile.objects.create(
            employee=e4,
            base_wage=Decimal(1),
            performance_pay=Decimal(1),
            starts_on=date(2026, 1, 1),  # both ends of a span are inclusive
        )
    PayProfile.objects.create(
        employee=e4, base_wage=Decimal(1), performance_pay=Decimal(1), starts_on=date(2026, 1, 2)
    )


def test_a_path_that_does_not_follow_the_parent_is_refused_at_commit(company):
    Department.objects.filter(code="S01").update(parent=Department.objects.get(code="HQ"))
    with pytest.raises(IntegrityError, match="does not stand below its parent"):
        commit_checks()


def test_a_circle_is_refused_by_the_verb_and_by_the_database(company, place):
    with pytest.raises(InvalidInput, match="below itself"):
        move_department(place("HQ"), place("S01"), actor=company)
    Department.objects.filter(code="HQ").update(parent=place("S01"), path="/HQ/SALES/S01/HQ/")
    with pytest.raises(IntegrityError):
        commit_checks()


def test_a_move_takes_everything_below_along(company, place):
    move_department(place("SALES"), None, actor=company)
    commit_checks()
    assert place("S01").path == "/SALES/S01/"
    assert place("SALES").parent is None


def test_a_new_department_finds_its_path(company, place):
    shop = Department.objects.create(code="S07", name_zh="新店", parent=place("SALES"))
    commit_checks()
    assert shop.path == "/HQ/SALES/S07/"
