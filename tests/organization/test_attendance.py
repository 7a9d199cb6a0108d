"""Attendance: versions, and what was known at a cut-off."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from core.errors import BadRows
from organization import queries
from organization.models import Attendance
from organization.services import import_attendance
from tests.organization.conftest import table

HEADER = "employee_no,period,working_days,present_days,statutory_leave_days"


def take(company, *lines, **options):
    return import_attendance([table([HEADER, *lines])], actor=company, **options)


def test_a_correction_is_a_new_version_and_the_cut_off_still_sees_the_old_one(company):
    take(company, "E4,2026-03,22,20.5,", "E5,2026-03,22,22,0")
    between = timezone.now()
    report = take(company, "E4,2026-03,22,21,1", "E5,2026-03,22,22,0")
    assert (report.created, report.corrected, report.unchanged) == (0, 1, 1)
    march = [date(2026, 3, 1)]
    now = queries.attendance_for(march).get(employee__employee_no="E4")
    assert (now["present_days"], now["version"]) == (Decimal("21.00"), 2)
    then = queries.attendance_for(march, as_of=between).get(employee__employee_no="E4")
    assert (then["present_days"], then["version"]) == (Decimal("20.50"), 1)


def test_faults_are_named_and_nothing_changes(company):
    with pytest.raises(BadRows) as raised:
        take(
            company,
            "E4,2026-Q1,22,20,",
            "E9,2026-03,22,20,",
            "E8,2026-03,20,21,",
            "E4,2026-04,20,,",
            "E3,2026-04,20,20,",
            "E3,2026-04,20,20,",
        )
    assert [str(error) for error in raised.value.errors] == [
        "row 2, column period: a month is written as in 2025-11",
        "row 3, column employee_no: unknown employee E9",
        "row 4, column employee_no: unknown employee E8",
        "row 4, column present_days: more than the working days of the month",
        "row 5, column present_days: a value is required",
        "row 7, column period: the same employee and month stand in the file twice",
    ]
    assert not Attendance.objects.exists()
