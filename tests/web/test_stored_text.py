"""A page shows what people typed as text, whatever it says: of everything in the company that
somebody may type, each text is given a piece of a page, and no page takes it for its own.

Comes last: nobody else can read the company afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page

from tests.web.http import Client
from tests.web.matrix.rows import Row
from tests.web.site import Site
from tests.web.test_every_page import PAGES, READY, viewer

# Ends an attribute, a tag and a script, and begins an element.
HOSTILE = "'\"></script><b data-stored>"
ESCAPED = "&#x27;&quot;&gt;&lt;/script&gt;&lt;b data-stored&gt;"
# Columns people fill in, by hand or by file, wherever they stand.
TYPED = (
    *("name", "name_zh", "name_en", "city", "legal_entity", "department_type", "phone", "email"),
    *("reason", "request", "late_reason", "decision_reason", "reject_reason", "remark", "text"),
    *("cause", "contract_clause", "source_note", "source_ref", "pay_item_name", "device"),
    *("network", "interviewer_no", "error", "citation", "title"),
)
# Keys of stored objects that hold such texts; of a response's free texts it is every key.
KEYS = {*TYPED, "text_zh", "text_en", "options", "note", "label"}
FREE = {"texts"}
NOT_OURS = ("django_", "account_", "mfa_", "socialaccount_", "auth_")

_COLUMNS = """
SELECT table_name, column_name, data_type, character_maximum_length
FROM information_schema.columns JOIN pg_class ON relname = table_name AND NOT relispartition
WHERE table_schema = 'public' AND relkind IN ('r', 'p')
ORDER BY table_name, ordinal_position"""


class Poison:
    """Appends HOSTILE to every typed text of a database."""

    def __init__(self, address: str) -> None:
        self._database = psycopg2.connect(address)
        self.columns = 0

    def spread(self) -> None:
        with self._database, self._database.cursor() as cursor:
            # History is append-only; here its triggers look away.
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(_COLUMNS)
            for table, column, kind, longest in cursor.fetchall():
                if table.startswith(NOT_OURS):
                    continue
                if kind == "jsonb":
                    self._objects(cursor, table, column)
                elif column in TYPED and (longest is None or longest >= 2 * len(HOSTILE)):
                    self._texts(cursor, table, column, longest)
        self._database.close()

    def _texts(self, cursor: Any, table: str, column: str, longest: int | None) -> None:
        room = 10_000 if longest is None else longest - len(HOSTILE)
        cursor.execute(
            f'UPDATE "{table}" SET "{column}" = left("{column}", %s) || %s WHERE "{column}" <> %s',
            [room, HOSTILE, ""],
        )
        self.columns += cursor.rowcount > 0

    def _objects(self, cursor: Any, table: str, column: str) -> None:
        cursor.execute(f'SELECT ctid, tableoid, "{column}" FROM "{table}"')
        changed = [
            (json.dumps(new), place, oid)
            for place, oid, old in cursor.fetchall()
            if (new := _hostile(old, column in FREE)) != old
        ]
        for row in changed:
            cursor.execute(
                f'UPDATE "{table}" SET "{column}" = %s WHERE ctid = %s AND tableoid = %s', row
            )
        self.columns += bool(changed)


def _hostile(value: Any, typed: bool) -> Any:
    if isinstance(value, dict):
        return {key: _hostile(one, typed or key in KEYS) for key, one in value.items()}
    if isinstance(value, list):
        return [_hostile(one, typed and not isinstance(one, dict)) for one in value]
    return value + HOSTILE if typed and isinstance(value, str) and value else value


@pytest.fixture(scope="module")
def poisoned(site: Site) -> Poison:
    poison = Poison(site.owner)
    poison.spread()
    return poison


def _path(row: Row, site: Site) -> str:
    kwargs = row.kwargs(site) if callable(row.kwargs) else row.kwargs
    return reverse(row.url_name, kwargs=dict(kwargs))


@pytest.mark.browser
def test_no_page_takes_a_stored_text_for_its_own(
    site: Site,
    poisoned: Poison,
    clients: dict[str, Client],
    seen_as: Callable[[str, str], BrowserContext],
) -> None:
    assert poisoned.columns > 30
    shown, drawn = set(), 0
    for row in PAGES:
        path = _path(row, site)
        role = viewer(row)
        answer = clients[role].get(path)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        chinese = seen_as(role, "zh-hans").request.get(path).text()
        for text in (answer.text, chinese):
            assert "<b data-stored" not in text, path
            assert "'\"></script>" not in text, path
            if ESCAPED in text:
                shown.add(row.url_name)
        if "data-chart" in answer.text:
            _look(seen_as(role, "zh-hans").new_page(), path)
            drawn += 1
    assert len(shown) > 30, sorted(shown)
    assert drawn > 3


def _look(page: Page, path: str) -> None:
    """Scripts draw, too: the names in a chart, and what it says of a point."""
    page.goto(path)
    page.wait_for_function(READY)
    assert page.locator("[data-stored]").count() == 0, path
    page.close()
