"""A desk role given for one shop does nothing for the whole company, and invites for its shop."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.models import Job, User
from core.permissions import Denied
from dashboards.queries import counts
from organization.models import Department, Placement, RoleAssignment
from organization.services import assign_role
from surveys.collection import services as collection
from surveys.models import Invitation, QuestionnaireVersion, Survey, Verdict
from surveys.queries import surveys_to_judge
from surveys.services import reattribute_response, record_verdict
from tests.surveys.collecting import NOW, event_of
from tests.surveys.conftest import answer, spec_of
from tests.surveys.test_desk_pages import browser, doubt, text

WHOLE = "Your role is limited to a part of the company; this concerns the whole company."
OTHER = "Your role is limited to other departments than this."
URL = "/surveys/MARCH/invitations/"
DAYS = {"first": "2026-03-09", "last": "2026-03-09", "language": "en", "valid_days": "10"}


def limited(world, role: str = "executor", shop: str = "S1", name: str = "lim") -> User:
    user = User.objects.create_user(name, language="en")
    assign_role(user, role, actor=None, department=world.shops[shop])
    _held_since_spring()
    return user


def _held_since_spring() -> None:
    """The tests of invitations play in March."""
    RoleAssignment.objects.update(starts_at=NOW - timedelta(days=9))


@pytest.fixture
def shops(world):
    """Six answers about E1 of shop S1, six about E3 of shop S2; R1 and R7 wait for a person."""
    world.send(
        *(answer(n) for n in range(1, 7)), *(answer(n, employee_no="E3") for n in range(7, 13))
    )
    doubt(world, 1)
    doubt(world, 7, checks=("too_fast", "same_text"))
    return world


@pytest.mark.parametrize("role", ["executor", "analyst", "admin"])
def test_closing_cleaning_and_questionnaires_are_of_the_whole_company(shops, role) -> None:
    client = browser(limited(shops, role))
    page = client.get("/surveys/MARCH/")
    assert "/surveys/MARCH/close/" not in page.content.decode()
    for address in ("close/", "clean/"):
        refused = client.post(f"/surveys/MARCH/{address}")
        assert (refused.status_code, WHOLE in text(refused)) == (403, True)
    file = SimpleUploadedFile("q.json", json.dumps(spec_of(), default=str).encode())
    brought = client.post("/questionnaires/", {"file": file, "action": "store"})
    assert (brought.status_code, WHOLE in text(brought)) == (403, True)
    assert Survey.objects.get().status == Survey.Status.OPEN
    assert (Job.objects.count(), QuestionnaireVersion.objects.count()) == (0, 1)


def test_what_waits_is_counted_for_the_own_part(shops) -> None:
    user = limited(shops)
    with time_machine.travel(NOW, tick=False):
        assert counts.to_judge(user) == 1
    page = text(browser(user).get("/review/"))
    assert "MARCH" in page
    assert "same text" not in page.lower()
    record_verdict(shops.response(1), "counted", reason="called", actor=user)
    assert surveys_to_judge(user) == []
    assert "MARCH" not in text(browser(user).get("/review/"))


def test_a_verdict_on_another_part_is_refused_where_it_is_given(shops) -> None:
    user, before = limited(shops), Verdict.objects.count()
    with pytest.raises(Denied, match=OTHER):
        record_verdict(shops.response(7), "excluded", reason="x", actor=user)
    assert Verdict.objects.count() == before


def test_an_answer_goes_to_people_of_the_own_part_alone(shops) -> None:
    user, row = limited(shops), shops.response(2)
    with pytest.raises(Denied, match=OTHER):
        reattribute_response(row, [shops.person("E3")], reason="x", actor=user)
    changed = reattribute_response(row, [shops.person("E2")], reason="x", actor=user)
    assert changed.after == [list(shops.person("E2"))]


def test_where_somebody_works_opens_nothing_at_the_desk(shops) -> None:
    """The executor of shop S1 works in S2: what is asked there is not theirs to judge."""
    user, person = limited(shops), shops.people["E3"]
    shops.send(answer(20, employee_no="E1", department_code="S2"))
    person.user = user
    person.save(update_fields=["user"])
    assert Placement.objects.get(employee=person).department == shops.shops["S2"]
    assert browser(user).get("/responses/R20/").status_code == 404


def test_a_role_for_a_branch_reaches_its_shops(shops) -> None:
    branch = Department.objects.create(code="B1", name_zh="B1", name_en="B1")
    shop = shops.shops["S2"]
    shop.parent, shop.path = branch, "/B1/S2/"
    shop.save()
    user = User.objects.create_user("branch", language="en")
    assign_role(user, "executor", actor=None, department=branch)
    assert browser(user).get("/responses/R8/").status_code == 200
    assert browser(user).get("/responses/R2/").status_code == 404


@pytest.fixture
def ten_o_clock(world):
    _held_since_spring()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def invited(world, ten_o_clock) -> tuple[Client, Invitation, Invitation]:
    """(browser of S1's executor, an invitation of S1, one of S2)."""
    client = browser(limited(world))
    mine, other = event_of(world, 1), event_of(world, 2, "E3", shop="S2")
    collection.invite(world.survey, [mine, other], actor=world.operator, now=NOW, channel="sms")
    found = {row.event.event_no: row for row in Invitation.objects.select_related("event")}
    return client, found["V1"], found["V2"]


def test_invitations_go_to_customers_of_the_own_shop(world, ten_o_clock) -> None:
    event_of(world, 1)
    event_of(world, 2, "E3", shop="S2")
    client = browser(limited(world))
    assert "1 customer would be invited" in text(client.get(URL, {**DAYS, "channel": "sms"}))
    assert client.post(f"{URL}create/", {**DAYS, "channel": "sms"}).status_code == 200
    assert [row.event.event_no for row in Invitation.objects.select_related("event")] == ["V1"]


def test_inviting_for_others_is_refused_where_it_is_done(world, ten_o_clock) -> None:
    event = event_of(world, 2, "E3", shop="S2")
    with pytest.raises(Denied, match=OTHER):
        collection.invite(world.survey, [event], actor=limited(world), now=NOW, channel="sms")
    assert not Invitation.objects.exists()


def test_invitations_of_another_shop_are_not_there(invited) -> None:
    client, mine, other = invited
    page = text(client.get(URL))
    assert ("V1" in page, "V2" in page) == (True, False)
    for verb in ("reissue", "revoke"):
        assert client.post(f"{URL}{other.pk}/{verb}/").status_code == 404
    other.refresh_from_db()
    assert (other.revoked_at, other.links.count()) == (None, 1)
    assert client.post(f"{URL}{mine.pk}/revoke/").status_code == 302


def test_reminders_go_to_the_own_shop(world, ten_o_clock) -> None:
    mine, other = event_of(world, 1), event_of(world, 2, "E3", shop="S2")
    collection.invite(world.survey, [mine, other], actor=world.operator, now=NOW)
    Invitation.objects.update(mail_due=False, sent_at="2026-03-01T00:00Z")
    assert collection.remind(world.survey, actor=limited(world), now=NOW) == 1
    due = Invitation.objects.filter(mail_due=True).select_related("event")
    assert [row.event.event_no for row in due] == ["V1"]


def test_a_poster_is_for_the_own_shop(world, ten_o_clock) -> None:
    user = limited(world)
    client = browser(user)
    page = client.get(URL).content.decode()
    assert "Whole company" not in page
    shop, other = world.shops["S1"], world.shops["S2"]
    for department in ("", other.pk):
        data = {"department": department, "language": "en"}
        assert client.post(f"{URL}poster/", data).status_code == 422
    for department in (None, other):
        with pytest.raises(Denied, match=OTHER):
            collection.open_poster(world.survey, actor=user, now=NOW, department=department)
    assert not Invitation.objects.exists()
    made = client.post(f"{URL}poster/", {"department": shop.pk, "language": "en"})
    assert (made.status_code, Invitation.objects.get().department) == (200, shop)
