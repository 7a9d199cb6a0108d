"""Roster and attendance from a file in a browser: preview, confirmation, faults, who may."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.models import AuditEntry, User
from organization.models import Attendance, Employee, PayProfile, Placement
from organization.services import assign_role
from tests.organization.conftest import EMPLOYEES, changed

KEY = 'name="key" value="'


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = []


@pytest.fixture
def hr(company: User, person: Any) -> Client:
    user = person("E5")
    assign_role(user, "hr", actor=None)
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client


def upload(client: Client, lines: Sequence[str], name: str = "roster.csv", **more: str) -> Any:
    file = SimpleUploadedFile(name, "\n".join(lines).encode())
    data = {"kind": "roster", "effective": "2026-03-01", "chosen": file, **more}
    return client.post("/roster/preview/", data)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def key_of(answer: Any) -> str:
    return str(answer.content.decode().split(KEY)[1].split('"')[0])


def stored() -> tuple[int, int, int, int]:
    return (
        Employee.objects.count(),
        Placement.objects.count(),
        PayProfile.objects.count(),
        AuditEntry.objects.filter(verb="roster.imported").count(),
    )


NEW = (
    *changed(changed(EMPLOYEES, "E4", "S01", "S02"), "E2", "8500.00", "9000.00"),
    "E6,罗启文,S02,sales_consultant,2026-03-02,,,云屿市,青穗,4000,1500",
)


def test_the_preview_names_everybody_and_stores_nothing(hr: Client) -> None:
    before = stored()
    answer = upload(hr, NEW)
    page = text(answer)
    assert answer.status_code == 200
    assert "This is what would change" in page
    assert "罗启文" in page
    assert "S01 / sales_consultant" in page
    assert "S02 / sales_consultant" in page
    assert "8,500.00 + 4,500.00" in page
    assert "9,000.00 + 4,500.00" in page
    assert "1 Mar 2026" in page
    assert stored() == before


def test_the_confirmation_takes_the_file_that_was_shown(hr: Client) -> None:
    before = stored()
    key = key_of(upload(hr, NEW))
    answer = hr.post("/roster/confirm/", {"key": key}, follow=True)
    assert "Roster taken: 1 people new, 2 changed, 3 unchanged" in text(answer)
    assert Placement.objects.get(employee__employee_no="E4", ends_on=None).starts_on == date(
        2026, 3, 1
    )
    profile = PayProfile.objects.get(employee__employee_no="E2", ends_on=None)
    assert profile.base_wage == Decimal("9000.00")
    assert stored() == (before[0] + 1, before[1] + 2, before[2] + 2, before[3] + 1)
    again = hr.post("/roster/confirm/", {"key": key}, follow=True)
    assert "The file was not kept any longer; please choose it once more." in text(again)
    assert stored()[3] == before[3] + 1


def test_a_bad_file_changes_nothing_and_names_each_cell(hr: Client) -> None:
    before = stored()
    bad = (*NEW, "E7,无名,S99,sales_consultant,yesterday,,,云屿市,青穗,4000,")
    answer = upload(hr, bad)
    page = text(answer)
    assert answer.status_code == 422
    assert '<td class="num">8</td>' in page
    for column in ("department_code", "hired_on", "performance_pay"):
        assert f"<code>{column}</code>" in page
    assert KEY not in page
    assert stored() == before


@pytest.mark.parametrize(
    ("name", "lines", "words"),
    [
        ("roster.exe", NEW, "roster.exe cannot be read. CSV and XLSX files work"),
        ("roster.csv", (), "The submitted file is empty."),
        ("roster.csv", ("a,b", "1,2"), "neither a table of departments"),
    ],
)
def test_files_of_the_wrong_kind(hr: Client, name: str, lines: Any, words: str) -> None:
    answer = upload(hr, lines, name)
    assert answer.status_code == 422
    assert words in text(answer)


def test_another_account_cannot_confirm_my_file(hr: Client, person: Any) -> None:
    key = key_of(upload(hr, NEW))
    before = stored()
    other = person("E1")
    assign_role(other, "admin", actor=None)
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(other)
    assert client.post("/roster/confirm/", {"key": key}).status_code == 302
    assert stored() == before


def test_the_administrator_sees_no_pay_in_the_preview(company: User, person: Any) -> None:
    user = person("E1")
    assign_role(user, "admin", actor=None)
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(user)
    page = text(upload(client, NEW))
    assert "S02 / sales_consultant" in page
    assert "9,000.00" not in page


def test_who_may_not(company: User, person: Any) -> None:
    user = person("E3")
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(user)
    before = stored()
    for answer in (client.get("/roster/"), upload(client, NEW), client.post("/roster/confirm/")):
        assert answer.status_code == 403
        assert "This needs one of these roles: HR, administrator." in text(answer)
    assert stored() == before


def test_attendance_on_the_same_page(hr: Client) -> None:
    lines = (
        "employee_no,period,working_days,present_days,statutory_leave_days",
        "E1,2026-02,18,17,1",
    )
    answer = upload(hr, lines, kind="attendance")
    assert "New months of people" in text(answer)
    assert not Attendance.objects.exists()
    done = hr.post("/roster/confirm/", {"key": key_of(answer)}, follow=True)
    assert "Attendance: 1 new, 0 corrected, 0 unchanged." in text(done)
    assert Attendance.objects.get().present_days == Decimal("17.00")


def test_empty_tables_to_fill(hr: Client) -> None:
    answer = hr.get("/roster/template/employees.csv")
    assert answer.content.decode("utf-8-sig").startswith("employee_no,name,department_code")
    assert hr.get("/roster/template/attendance.xlsx").content[:2] == b"PK"
    assert hr.get("/roster/template/salaries.csv").status_code == 404
