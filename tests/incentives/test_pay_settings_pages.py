"""Pay profiles set by HR on a page: dated, with a reason, by nobody else."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from core.models import AuditEntry, User
from organization.models import PayProfile
from tests.incentives.company import Company, account

NEW = {
    "employee": "E1",
    "starts_on": "2026-03-01",
    "base_wage": "6500.00",
    "performance_pay": "2200.00",
    "reason": "step of 2026",
}


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = []


def browser(user: User) -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def profiles() -> list[tuple[Any, ...]]:
    rows = PayProfile.objects.order_by("starts_on")
    return list(rows.values_list("starts_on", "ends_on", "base_wage", "performance_pay"))


@pytest.fixture
def one(company: Company) -> Company:
    company.hire("E1")
    return company


def test_a_new_profile_closes_the_old_one_the_day_before(one: Company, hana: User) -> None:
    answer = browser(hana).post("/pay-settings/profile/", NEW)
    assert answer.headers["location"] == "/employees/E1/"
    assert profiles() == [
        (date(2020, 1, 1), date(2026, 2, 28), Decimal("6000.00"), Decimal("2000.00")),
        (date(2026, 3, 1), None, Decimal("6500.00"), Decimal("2200.00")),
    ]
    kept = AuditEntry.objects.get(verb="pay_profile.set").data
    assert kept == {
        "employee": "E1",
        "starts_on": "2026-03-01",
        "base_wage": "6500.00",
        "performance_pay": "2200.00",
        "reason": "step of 2026",
    }


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"employee": "E9"}, "There is no employee of this number."),
        ({"starts_on": "2019-12-31"}, "2019-12-31 is before the day of hiring, 2020-01-01."),
        ({"reason": " "}, "This field is required."),
        ({"base_wage": "-1"}, "greater than or equal to 0"),
        (
            {"base_wage": "6000.00", "performance_pay": "2000.00"},
            "These are the amounts that hold already.",
        ),
    ],
)
def test_what_makes_no_sense_changes_nothing(
    one: Company, hana: User, changed: dict[str, str], words: str
) -> None:
    answer = browser(hana).post("/pay-settings/profile/", NEW | changed)
    assert answer.status_code == 422
    assert words in text(answer)
    assert len(profiles()) == 1
    assert not AuditEntry.objects.filter(verb="pay_profile.set").exists()


def test_an_earlier_day_than_the_current_row_is_refused(one: Company, hana: User) -> None:
    client = browser(hana)
    client.post("/pay-settings/profile/", NEW)
    earlier = NEW | {"starts_on": "2026-02-01", "base_wage": "7000.00"}
    answer = client.post("/pay-settings/profile/", earlier)
    assert answer.status_code == 422
    assert "2026-02-01 does not fit" in text(answer)
    assert len(profiles()) == 2


def test_hr_only(one: Company, hugo: User) -> None:
    for user in (hugo, account("root", "admin"), account("ole", "analyst")):
        client = browser(user)
        refused = client.get("/pay-settings/")
        assert refused.status_code == 403
        assert "Only HR changes what people are paid." in text(refused)
        assert client.post("/pay-settings/profile/", NEW).status_code == 403
    assert len(profiles()) == 1


def test_the_parameters_stand_on_the_page(one: Company, hana: User) -> None:
    one.wage_rules()
    page = text(browser(hana).get("/pay-settings/?q=E1"))
    assert "6,000.00" in page
    assert "云屿" in page
    assert "2,490.00" in page
    assert "PERF-PAY" in page
