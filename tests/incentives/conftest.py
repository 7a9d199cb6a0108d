"""People and policies of the incentives tests."""

from typing import Any

import pytest

from core.models import User
from incentives.models import PolicyVersion
from organization import services as organization
from tests.incentives import released, surveyed
from tests.incentives.company import Company, account


@pytest.fixture
def second_director(db: Any) -> User:
    """Another member of the management group."""
    user = User.objects.create_user("second_director")
    organization.assign_role(user, "group", actor=None)
    return user


@pytest.fixture
def november(db: Any) -> Any:
    """2025-11, released, still without scorecards."""
    return released.period("2025-11")


@pytest.fixture
def policy(november: Any, director: User) -> PolicyVersion:
    """LECT-2025, active from 2025-01-01."""
    probe = released.period("2024-11")
    released.scorecard(probe, released.employee(9999, position="GHOST"))
    return released.active_policy(released.lect_policy(), director, simulated="2024-11")


@pytest.fixture
def company(db: Any) -> Company:
    """Nobody yet; `hire` and `pay` as the test needs."""
    return Company.create()


@pytest.fixture
def hana(db: Any) -> User:
    """HR: runs the payroll."""
    return account("hana", "hr")


@pytest.fixture
def hugo(db: Any) -> User:
    """Of the management group: approves the payroll."""
    return account("hugo", "group")


@pytest.fixture
def scene(db: Any) -> surveyed.Scene:
    """Eight people with real answers, scored, released, paid."""
    return surveyed.create()
