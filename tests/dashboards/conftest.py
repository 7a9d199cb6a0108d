"""A browser that speaks English, and people with passwords."""

import pytest
from django.test import Client

from core.models import User
from organization.services import create_user, import_roster, operator
from tests.organization.conftest import DEPARTMENTS, EMPLOYEES, table

PASSWORD = "a long enough pass phrase"


@pytest.fixture
def browser():
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def people(db) -> User:
    """The small company of the organization's tests; the value is the operator."""
    admin = operator()
    import_roster([table(EMPLOYEES), table(DEPARTMENTS)], actor=admin)
    return admin


@pytest.fixture
def login(people, browser):
    """login("E4", "handler") -> the browser, logged in as that employee with these roles."""

    def enter(number: str, *roles: str) -> Client:
        user = create_user(
            number, roles=roles or ["employee"], employee_no=number, password=PASSWORD, actor=people
        )
        User.objects.filter(pk=user.pk).update(language="en")
        answer = browser.post("/login/", {"login": number, "password": PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        return browser

    return enter
