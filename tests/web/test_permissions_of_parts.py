"""The permission matrix for roles given for one shop: what is the shop's opens, what is another's
or the company's does not, and being refused changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from dashboards.services.demo.accounts import PASSWORD
from tests.web.http import Client
from tests.web.matrix.parts import (
    HEADED,
    OWN,
    ROLES,
    ROWS_OF_PARTS,
    SHARED,
    SHARED_ROWS,
    THINGS,
)
from tests.web.matrix.rows import LOGGED_IN, Row
from tests.web.site import Site
from tests.web.test_permissions import ROWS

# What everybody logged in has is nobody's by a role; nor does a session open the API.
BY_ROLE = [row for row in ROWS if not row.allowed >= LOGGED_IN and row.url_name not in THINGS]
OPEN = [row for row in BY_ROLE if row.url_name in SHARED | set(HEADED) or row.id in SHARED_ROWS]
CLOSED = [row for row in BY_ROLE if row not in OPEN]
LOOKED_AT = [row for row in ROWS_OF_PARTS if row.method == "get"]
DONE = [row for row in ROWS_OF_PARTS if row.method == "post"]

_GIVE = f"""
from core.models import User
from organization.models import Department
from organization.services import assign_role
shop = Department.objects.get(code="{OWN}")
for name, roles in {{**{{role: [role] for role in {ROLES}}}, "all": {ROLES}}}.items():
    user = User.objects.create_user("part-" + name, password="{PASSWORD}", language="en")
    for role in roles:
        assign_role(user, role, actor=None, department=shop)
"""
_TAKE = """
from core.models import User
from django.utils import timezone
from organization.models import RoleAssignment
parts = User.objects.filter(username__startswith="part-")
RoleAssignment.objects.filter(user__in=parts).update(ended_at=timezone.now())
parts.update(is_active=False)
"""


@pytest.fixture(scope="module")
def parts(site: Site) -> Iterator[dict[str, Client]]:
    """role -> somebody who holds it for the shop S01; "all": who holds all of them."""
    site.manage("shell", "-v", "0", "-c", _GIVE)
    yield {name: Client(site, f"part-{name}") for name in (*ROLES, "all")}
    site.manage("shell", "-v", "0", "-c", _TAKE)


def _status(client: Client, row: Row, site: Site) -> int:
    kwargs: Any = row.kwargs(site) if callable(row.kwargs) else row.kwargs
    path = reverse(row.url_name, kwargs=dict(kwargs))
    if row.method == "get":
        return client.get(path).status
    return client.post(path, {}, page="/login/").status


def _everything(site: Site) -> dict[str, Any]:
    """Table -> a number that changes with any of its rows; sessions and signs of life apart."""
    names = [name for (name,) in site.sql(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND relname NOT IN ('django_session', 'core_heartbeat') ORDER BY 1")]  # fmt: skip
    sums = [f"(SELECT sum(hashtextextended(t::text, 0)) FROM {name} t)" for name in names]
    return dict(zip(names, site.sql(f"SELECT {', '.join(sums)}")[0], strict=True))


def test_every_address_of_a_part_is_one_of_the_matrix() -> None:
    known = {row.url_name for row in ROWS}
    named = {*SHARED, *HEADED, *THINGS}
    assert (sorted(named - known), SHARED & THINGS) == ([], set())
    assert sorted(SHARED_ROWS - {row.id for row in ROWS}) == []
    assert {row.url_name for row in ROWS_OF_PARTS} == THINGS


def test_what_is_refused_to_a_part_is_refused_with_all_roles_and_changes_nothing(
    site: Site, parts: dict[str, Client]
) -> None:
    """Who holds all roles for the shop; each by itself opens no more than all of them."""
    before = _everything(site)
    got, expected = {}, {}
    for row in CLOSED:
        got[row.id] = _status(parts["all"], row, site)
        expected[row.id] = row.refused
    assert got == expected
    assert _everything(site) == before


@pytest.mark.parametrize("row", OPEN, ids=[row.id for row in OPEN])
def test_what_is_shared_opens_to_the_roles_of_the_matrix(
    site: Site, parts: dict[str, Client], row: Row
) -> None:
    """A POST with nothing in it is tried by those who are refused only."""
    allowed = HEADED.get(row.url_name, row.allowed)
    tried = [role for role in ROLES if row.method == "get" or role not in allowed]
    got = {role: _status(parts[role], row, site) for role in tried}
    assert got == {role: row.status if role in allowed else row.refused for role in tried}


@pytest.mark.parametrize("row", LOOKED_AT, ids=[row.id for row in LOOKED_AT])
def test_a_thing_is_shown_in_its_own_department_only(
    site: Site, parts: dict[str, Client], row: Row
) -> None:
    got = {role: _status(parts[role], row, site) for role in ROLES}
    assert got == {role: row.expected(role) for role in ROLES}


def test_a_thing_is_changed_in_its_own_department_only(
    site: Site, parts: dict[str, Client]
) -> None:
    """Those who may do it there are not tried: they would."""
    before = _everything(site)
    got, expected = {}, {}
    for row in DONE:
        for role in ROLES:
            if role not in row.allowed:
                got[row.id, role] = _status(parts[role], row, site)
                expected[row.id, role] = row.expected(role)
    assert got == expected
    assert _everything(site) == before
