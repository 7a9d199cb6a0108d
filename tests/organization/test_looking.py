"""The access log: one row an hour, the reader's own pay left out, nothing changed afterwards."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, close_old_connections, connection, transaction

from core.models import User
from organization.models import Employee, Look
from organization.services import saw_comments, saw_pay

NOON = dt.datetime(2026, 3, 2, 12, 5, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(hr_admin: User) -> list[Employee]:
    """E1 is the reader's own person."""
    rows = [
        Employee(employee_no=f"E{n}", name=f"员工{n}", hired_on=dt.date(2020, 1, 1))
        for n in (1, 2, 3)
    ]
    rows[0].user = hr_admin
    return Employee.objects.bulk_create(rows)


def kept() -> list[tuple[Any, ...]]:
    return list(
        Look.objects.order_by("id").values_list(
            "reader__username", "kind", "page", "subject", "person__employee_no", "hour"
        )
    )


def test_one_person_is_named_and_a_list_names_itself(hr_admin: User, people: Any) -> None:
    one, two, three = (row.pk for row in people)
    saw_pay(hr_admin, "ledger", people=[one, two], subject="2026-02", now=NOON)
    saw_pay(hr_admin, "ledger", people=[two, three], subject="2026-02", now=NOON)
    saw_pay(hr_admin, "ledger_file", people=None, now=NOON)
    saw_comments(hr_admin, "comments", subject="S01", now=NOON)
    hour = NOON.replace(minute=0)
    assert kept() == [
        ("hr_admin", "pay", "ledger", "2026-02", "E2", hour),
        ("hr_admin", "pay", "ledger", "2026-02", None, hour),
        ("hr_admin", "pay", "ledger_file", "", None, hour),
        ("hr_admin", "comments", "comments", "S01", None, hour),
    ]


def test_own_pay_and_empty_lists_are_not_recorded(hr_admin: User, people: Any) -> None:
    saw_pay(hr_admin, "score", people=[people[0].pk], now=NOON)
    saw_pay(hr_admin, "ledger", people=[], now=NOON)
    assert kept() == []


def test_the_same_look_within_the_hour_is_one_row(
    hr_admin: User, people: Any, django_assert_num_queries: Any
) -> None:
    """A list without a person as well: two unknown persons count as equal."""
    for minutes in (0, 1, 54, 55):
        at = NOON + dt.timedelta(minutes=minutes)
        saw_pay(hr_admin, "score", people=[people[1].pk], subject="2026-02", now=at)
        saw_pay(hr_admin, "ledger_file", people=None, now=at)
    first = NOON.replace(minute=0)
    then = first + dt.timedelta(hours=1)
    assert list(Look.objects.order_by("page", "hour").values_list("page", "hour")) == [
        ("ledger_file", first),
        ("ledger_file", then),
        ("score", first),
        ("score", then),
    ]
    with django_assert_num_queries(1):
        saw_pay(hr_admin, "ledger_file", people=None, now=NOON)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE organization_look SET page = 'forged'",
        "DELETE FROM organization_look",
        "TRUNCATE organization_look",
    ],
)
def test_a_look_stays_as_it_is(statement: str, hr_admin: User) -> None:
    saw_comments(hr_admin, "comments", now=NOON)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            cursor.execute(statement)
    assert Look.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_at_the_same_moment_leave_one_row(hr_admin: User) -> None:
    def look(_number: int) -> None:
        try:
            saw_comments(hr_admin, "comments", subject="S01", now=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(look, range(20)))
    close_old_connections()
    assert Look.objects.count() == 1
