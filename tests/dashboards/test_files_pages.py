"""The list of employees and a person's file, for HR and the management group."""

from typing import Any

import pytest
from django.test import Client

from core.models import User
from tests.incentives import batches
from tests.incentives.company import Company, account


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = []


def browser(user: User, language: str = "en") -> Client:
    client = Client()
    client.cookies["django_language"] = language
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def company(db: Any) -> Company:
    made = Company.create()
    made.wage_rules()
    for number in ("E1", "E2"):
        made.hire(number)
        made.pay(number, "1.2")
    return made


@pytest.fixture
def hana(db: Any) -> User:
    return account("hana", "hr")


def test_people_are_found(company: Company, hana: User) -> None:
    client = browser(hana)
    page = text(client.get("/employees/"))
    assert "2 people" in page
    assert "Riverside" in page
    assert "1 person" in text(client.get("/employees/?q=gong E1"))
    assert "Nobody fits the search." in text(client.get("/employees/?q=nobody"))
    assert "Nobody fits the search." in text(client.get("/employees/?state=left"))
    assert "2 people" in text(client.get("/employees/?department=S01"))


def test_a_file_holds_everything(company: Company, hana: User) -> None:
    batches.acknowledged()
    page = text(browser(hana).get("/employees/E1/"))
    for words in ("员工E1", "6,000.00", "2,000.00", "92.00", "1.20", "2,400.00", "November 2025"):
        assert words in page
    chinese = text(browser(hana, "zh-hans").get("/employees/E1/"))
    assert "任职经历" in chinese
    assert browser(hana).get("/employees/E99/").status_code == 404


def test_only_hr_and_the_group(company: Company) -> None:
    assert browser(account("hugo", "group")).get("/employees/E1/").status_code == 200
    for name, role in (("ole", "analyst"), ("root", "admin"), ("mia", "manager")):
        for path in ("/employees/", "/employees/E1/"):
            refused = browser(account(name, role)).get(path)
            assert refused.status_code == 403
            assert "Employee files are for HR and the management group." in text(refused)


def test_the_pages_cost_the_same(
    company: Company, hana: User, django_assert_max_num_queries: Any
) -> None:
    client = browser(hana)
    client.get("/employees/")
    counts = []
    for more in (range(3, 4), range(4, 24)):
        for number in more:
            company.hire(f"E{number}")
        for path in ("/employees/", "/employees/E1/"):
            with django_assert_max_num_queries(25) as found:
                client.get(path)
            counts.append(len(found))
    assert counts[:2] == counts[2:]
