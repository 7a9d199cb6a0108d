"""The statements that store customers and events. Rows go in by key order, so that two imports at
the same moment wait for each other instead of locking each other out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from psycopg2.extras import execute_values

from customers.imports.events import EventRow
from customers.models import Customer
from customers.services.event_registers import Attribution, pages

PAGE = 5000


def customers(numbers: Iterable[str]) -> tuple[dict[str, int], int]:
    """(customer number -> id, how many are new)."""
    wanted = set(numbers)
    known = _ids(wanted)
    created = _execute(
        "INSERT INTO customers_customer (customer_no) VALUES %s"
        " ON CONFLICT (customer_no) DO NOTHING RETURNING customer_no, id",
        [(number,) for number in sorted(wanted - known.keys())],
    )
    known.update(created)
    if raced := wanted - known.keys():
        known.update(_ids(raced))
    return known, len(created)


def _ids(numbers: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for page in pages(numbers):
        rows = Customer.objects.filter(customer_no__in=page)
        found.update(rows.values_list("customer_no", "id"))
    return found


def events(rows: list[tuple[EventRow, int, Attribution]]) -> dict[str, int]:
    """event number -> id of those that were not there yet; (row, customer id, attribution) in."""
    created = _execute(
        "INSERT INTO customers_serviceevent"
        " (event_no, customer_id, stage, channel, occurred_at, department_id) VALUES %s"
        " ON CONFLICT (event_no) DO NOTHING RETURNING event_no, id",
        [
            (
                row.event_no,
                customer_id,
                row.stage,
                row.channel,
                row.occurred_at,
                attribution.department_id,
            )
            for row, customer_id, attribution in sorted(rows, key=lambda row: row[0].event_no)
        ],
    )
    return dict(created)


def people(rows: list[tuple[int, Attribution]]) -> None:
    """The people of new events; (event id, attribution) in."""
    _execute(
        "INSERT INTO customers_serviceeventperson"
        ' (event_id, employee_id, department_id, position_id, "order") VALUES %s',
        [
            (event_id, *person, order)
            for event_id, attribution in rows
            for order, person in enumerate(attribution.people)
        ],
    )


def contacts(stated: dict[int, tuple[str, str, str]]) -> int:
    """Take (name, phone, e-mail) per customer id; an empty text states nothing. Returns how many
    customers have other contact fields than before.

    A customer who was erased stays without: the lock on the customer makes an import wait for an
    erasure under way, and then see it."""
    rows = [(customer_id, *fields) for customer_id, fields in sorted(stated.items()) if any(fields)]
    changed = _execute(
        """
        INSERT INTO customers_customercontact AS held (customer_id, name, phone, email, updated_at)
        SELECT v.customer_id, v.name, v.phone, v.email, now()
        FROM (VALUES %s) AS v (customer_id, name, phone, email)
        JOIN customers_customer c ON c.id = v.customer_id AND c.erased_at IS NULL
        FOR SHARE OF c
        ON CONFLICT (customer_id) DO UPDATE SET
            name = coalesce(nullif(excluded.name, ''), held.name),
            phone = coalesce(nullif(excluded.phone, ''), held.phone),
            email = coalesce(nullif(excluded.email, ''), held.email),
            updated_at = now()
        WHERE (excluded.name <> '' AND excluded.name <> held.name)
           OR (excluded.phone <> '' AND excluded.phone <> held.phone)
           OR (excluded.email <> '' AND excluded.email <> held.email)
        RETURNING customer_id""",
        rows,
        template="(%s::bigint, %s, %s, %s)",
    )
    return len(changed)


def _execute(statement: str, rows: list[Any], template: str | None = None) -> list[Any]:
    """Run an INSERT … VALUES %s in pages; what it returns, empty when it returns nothing."""
    found: list[Any] = []
    fetch = "RETURNING" in statement
    with connection.cursor() as cursor:
        for start in range(0, len(rows), PAGE):
            page = rows[start : start + PAGE]
            got = execute_values(
                cursor.cursor, statement, page, template=template, page_size=PAGE, fetch=fetch
            )
            found += got or []
    return found
