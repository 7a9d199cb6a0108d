"""The page of the access log: who may read it, its filters, its pages, its file."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from core.models import AuditEntry, User
from organization.models import Employee, Look
from organization.services import create_user, saw_comments, saw_pay

MARCH = dt.datetime(2026, 3, 2, 4, 5, tzinfo=dt.UTC)


@pytest.fixture
def readers(people: User, settings: Any) -> dict[str, Client]:
    settings.SECOND_FACTOR_ROLES = []
    found = {}
    for number, role in (("E1", "hr"), ("E2", "admin"), ("E3", "supervision"), ("E4", "group")):
        user = create_user(number, roles=[role], employee_no=number, actor=people)
        User.objects.filter(pk=user.pk).update(language="en")
        found[role] = Client(headers={"accept-language": "en"})
        found[role].force_login(user)
    return found


@pytest.fixture
def looked(readers: dict[str, Client]) -> None:
    hr, group = (User.objects.get(username=name) for name in ("E1", "E4"))
    two, three = (Employee.objects.get(employee_no=name).pk for name in ("E2", "E3"))
    saw_pay(hr, "score", people=[two], subject="2026-02", now=MARCH)
    saw_pay(hr, "ledger", people=[two, three], subject="2026-01", now=MARCH)
    saw_pay(group, "employee_file", people=[three], now=MARCH)
    saw_comments(group, "comments", subject="S01", now=MARCH)


def rows(client: Client, query: str = "") -> list[tuple[str, str, str]]:
    answer = client.get(f"/access-log/{query}")
    assert answer.status_code == 200
    return [
        (seen.row.reader.username, seen.what, seen.subject)
        for seen in answer.context["stretch"].entries
    ]


SCORE = ("E1", "what a result pays", "February 2026")
LEDGER = ("E1", "ledger", "2026-01")
FILE = ("E4", "employee file", "")
COMMENTS = ("E4", "comments of a department", "S01")


def test_administrators_and_supervision_read_it_others_not(
    readers: dict[str, Client], looked: None
) -> None:
    for role in ("admin", "supervision"):
        assert rows(readers[role]) == [COMMENTS, FILE, LEDGER, SCORE]
        assert "/access-log/" in readers[role].get("/").content.decode()
    for role in ("hr", "group"):
        assert readers[role].get("/access-log/").status_code == 403
        assert readers[role].post("/access-log/export/").status_code == 403
        assert "/access-log/" not in readers[role].get("/").content.decode()
    assert Client().get("/access-log/").status_code == 302
    assert not AuditEntry.objects.filter(verb="looks.exported").exists()


def test_it_is_narrowed_by_reader_person_kind_and_days(
    readers: dict[str, Client], looked: None
) -> None:
    admin = readers["admin"]
    assert rows(admin, "?reader=E1") == [LEDGER, SCORE]
    name = Employee.objects.get(employee_no="E4").name
    assert rows(admin, f"?reader={name}") == [COMMENTS, FILE]
    assert rows(admin, "?person=E2") == [SCORE]
    assert rows(admin, f"?person={Employee.objects.get(employee_no='E3').name}") == [FILE]
    assert rows(admin, "?kind=comments") == [COMMENTS]
    assert rows(admin, "?kind=pay&reader=E4") == [FILE]
    today = dt.datetime.now(dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=8))).date()
    assert rows(admin, f"?since={today}&until={today}") == [COMMENTS, FILE, LEDGER, SCORE]
    assert rows(admin, f"?since={today + dt.timedelta(days=1)}") == []
    assert rows(admin, f"?until={today - dt.timedelta(days=1)}") == []
    for_ever = "?since=0001-01-01&until=9999-12-31"
    assert rows(admin, for_ever) == [COMMENTS, FILE, LEDGER, SCORE]
    page = admin.get("/access-log/?person=E2").content.decode()
    assert "Only looks at this one person." in page
    assert "No look is like this" in admin.get("/access-log/?person=E9").content.decode()


def test_an_empty_log_says_when_something_comes(readers: dict[str, Client]) -> None:
    page = readers["admin"].get("/access-log/").content.decode()
    assert "Nobody has looked yet" in page


def test_pages_go_by_key(readers: dict[str, Client], looked: None) -> None:
    hr = User.objects.get(username="E1")
    for number in range(60):
        saw_comments(hr, "response", subject=f"R{number:02d}", now=MARCH)
    admin = readers["admin"]
    first = admin.get("/access-log/").context["stretch"]
    assert [seen.subject for seen in first.entries] == [f"R{n:02d}" for n in range(59, 9, -1)]
    assert (first.newer, first.older) == (None, first.entries[-1].row.pk)
    second = admin.get(f"/access-log/?before={first.older}").context["stretch"]
    assert len(second.entries) == 14
    assert second.older is None
    back = admin.get(f"/access-log/?after={second.newer}").context["stretch"]
    assert [one.row.pk for one in back.entries] == [one.row.pk for one in first.entries]
    assert len(rows(admin, "?before=x")) == 50


def test_the_filter_leaves_as_a_file_and_that_is_recorded(
    readers: dict[str, Client], looked: None
) -> None:
    answer = readers["supervision"].post("/access-log/export/", {"reader": "E1"})
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "id,at,reader,kind,page,subject,employee_no"
    assert [line.split(",", 2)[2] for line in lines[1:]] == [
        "E1,pay,score,2026-02,E2",
        "E1,pay,ledger,2026-01,",
    ]
    entry = AuditEntry.objects.get(verb="looks.exported")
    assert (entry.actor.username, entry.data) == ("E3", {"rows": 2, "conditions": ["reader"]})
    assert Look.objects.count() == 4
