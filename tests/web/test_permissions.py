"""The permission matrix: every URL name x every role, over HTTP on the demo company."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.web import matrix
from tests.web.http import Answer, Client
from tests.web.matrix.rows import Row
from tests.web.site import CAST, Site

# Pages of django-allauth answer for themselves; tests/dashboards/test_login.py walks them.
LIBRARY = ("account_", "mfa_", "socialaccount_", "openid_connect_")


def _modules() -> Iterator[object]:
    for found in pkgutil.iter_modules(matrix.__path__):
        if found.name != "rows":
            yield importlib.import_module(f"tests.web.matrix.{found.name}")


ROWS: list[Row] = [row for module in _modules() for row in getattr(module, "ROWS", ())]
EXEMPT: dict[str, str] = {
    name: reason for module in _modules() for name, reason in getattr(module, "EXEMPT", {}).items()
}


def _names(resolver: URLResolver) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern)
        elif isinstance(pattern, URLPattern):
            yield pattern.name or str(pattern.pattern)


def test_every_url_has_a_row_or_a_reason() -> None:
    known = {row.url_name for row in ROWS} | set(EXEMPT)
    names = set(_names(get_resolver()))
    missing = sorted(name for name in names if name not in known and not name.startswith(LIBRARY))
    assert missing == []
    assert sorted(known - names) == []
    assert all(EXEMPT.values())


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_each_role_gets_what_the_row_says(
    row: Row, site: Site, clients: dict[str, Client], ask: Callable[[str, str], Answer]
) -> None:
    kwargs = row.kwargs(site) if callable(row.kwargs) else row.kwargs
    path = reverse(row.url_name, kwargs=dict(kwargs))
    got, expected = {}, {}
    for role in CAST:
        if row.method == "post" and role in row.allowed:
            continue
        if row.method == "get":
            answer = ask(role, path)
        else:
            answer = clients[role].post(path, {}, page="/login/")
        got[role], expected[role] = answer.status, row.expected(role)
        if answer.status == 302 and role == "anonymous":
            assert answer.location.startswith("/login/?next="), answer.location
    assert got == expected
