"""Fixtures shared by all tests: quick emptying of tables, own media, the cast."""

import os
from collections.abc import Iterable, Iterator
from typing import Any

import hypothesis
import psycopg2
import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation

from core.models import User

# Passwords are hashed slowly on purpose; tests that log people in would spend most of their time on
# it. The real hashing is used wherever a process of its own runs (tests/web, tests/instance).
NEEDS_SECOND_FACTOR = tuple(settings.SECOND_FACTOR_ROLES)  # outside the demo company
settings.CHECK_CHARTS = True


def _template() -> str:
    """./test names a database that has the tables already and that nobody uses: copying it is
    quicker than migrating. One that has been used, by whatever accident, is not copied."""
    name = os.environ.get("TEMPLATE_DATABASE")
    if name is None:
        return "template0"
    database = psycopg2.connect(os.environ["DATABASE_URL"])
    try:
        with database.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT 1 FROM core_user)")
            return "template0" if cursor.fetchone()[0] else name
    finally:
        database.close()


connection.settings_dict["TEST"]["TEMPLATE"] = _template()
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A busy machine is no fault of the code: examples that are slow to make fail no test.
hypothesis.settings.register_profile(
    "busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("busy")

pytest_plugins = ["tests.conftest_worker", "tests.conftest_places"]


def _empty_tables_quickly() -> None:
    """Transactional tests empty every table. TRUNCATE makes a new file for each of them and their
    indexes, a second in all; where there are few rows, DELETE takes a hundredth of that. The
    append-only triggers look away, and what is derived from the models alone stays."""

    def sql_flush(self: Any, style: Any, tables: Iterable[str], **kwargs: Any) -> list[str]:
        names = [self.quote_name(name) for name in tables if name not in _OF_THE_MODELS]
        statements = ["SET LOCAL session_replication_role = replica"]
        return ["; ".join([*statements, *(f"DELETE FROM {name}" for name in names)])]

    type(connection.ops).sql_flush = sql_flush


_OF_THE_MODELS = ("django_content_type", "auth_permission")
_empty_tables_quickly()


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Any) -> None:
    """Files a test writes (audit heads, exports) stay its own."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    """Accounts of tests have a password only; a test about the second factor asks for it."""
    settings.SECOND_FACTOR_ROLES = []


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Tests read the English messages; a test about Chinese overrides it."""
    with translation.override("en"):
        yield


def _account(name: str, *roles: str) -> User:
    from organization import services

    user = User.objects.create_user(name)
    for role in roles:
        services.assign_role(user, role, actor=None)
    return user


@pytest.fixture
def hr_admin(db: Any) -> User:
    """Imports rosters, builds payroll."""
    return _account("hr_admin", "hr")


@pytest.fixture
def director(db: Any) -> User:
    """Of the management group: approves, decides."""
    return _account("director", "group")


@pytest.fixture
def manager(db: Any) -> User:
    """Heads a department."""
    return _account("manager", "manager")


@pytest.fixture
def employee(db: Any) -> User:
    """Is assessed."""
    return _account("employee", "employee")


@pytest.fixture
def outsider(db: Any) -> User:
    """Has an account and nothing else."""
    return _account("outsider")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many tests had real data to work on (none where that folder is absent), and what
    stood in for a second host."""
    reports = [one for found in terminalreporter.stats.values() for one in found]
    real = {
        report.nodeid
        for report in reports
        if getattr(report, "nodeid", "").startswith("tests/real/")
    }
    terminalreporter.write_line(f"{len(real)} tests on real data (tests/real/) were collected.")
    told = [pair for report in reports for pair in getattr(report, "user_properties", ())]
    for kind in sorted({value for name, value in told if name == "second_host"}):
        terminalreporter.write_line(f"The second host of tests/faults was {kind}.")
