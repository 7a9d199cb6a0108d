"""People and policies of the incentives tests."""

from typing import Any

import pytest

from core.models import User
from incentives.models import PolicyVersion
from organization import services as organization
from tests.incentives import company


@pytest.fixture
def second_director(db: Any) -> User:
    """Another member of the management group."""
    user = User.objects.create_user("second_director")
    organization.assign_role(user, "group", actor=None)
    return user


@pytest.fixture
def november(db: Any) -> Any:
    """2025-11, released, still without scorecards."""
    return company.period("2025-11")


@pytest.fixture
def policy(november: Any, director: User) -> PolicyVersion:
    """LECT-2025, active from 2025-01-01."""
    probe = company.period("2024-11")
    company.scorecard(probe, company.employee(9999, position="GHOST"))
    return company.active_policy(company.lect_policy(), director, simulated="2024-11")
