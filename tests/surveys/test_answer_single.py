"""One answer of a page is stored in few messages, and exactly as the intake of many stores it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.db.models import Model

from core.errors import InvalidTransition
from core.models import AuditEntry
from surveys import services as surveys
from surveys.collection import services as collection
from surveys.collection.queries.links import Opened, form_for, opened
from surveys.collection.services import Answer, submit
from surveys.models import (
    AnswerConsent,
    AnswerDraft,
    Invitation,
    Rating,
    Response,
    ResponsePersonal,
    Verdict,
)
from surveys.services.intake.store import ensure_partitions
from surveys.services.verifying import verify_rollups
from tests.surveys.collecting import GOOD, NOW, Phone, event_of, executor, link
from tests.surveys.conftest import World

TYPED = {"clear": "4", "pushed": "1", "fixed": "6", "nps": "9", "why": ["price", "place"],
         "words": 'Back\\slash, "quote", {brace}\tand 换行\nend'[:20]}  # fmt: skip


def sent(language: str = "en") -> Answer:
    return Answer("", TYPED, NOW, "device-1", "127.0.0.1", language)


def item(number: str, **named: str) -> dict[str, Any]:
    """The same answer as the API is sent it."""
    return {
        "response_no": number, "channel": "online", "device": "device-1",
        "started_at": NOW.isoformat(), "submitted_at": NOW.isoformat(), "answers": TYPED, **named,
    }  # fmt: skip


def found_by(token: str) -> Opened:
    found = opened(token, NOW)
    assert found is not None
    return found


_OWN = {"id", "response_id", "response_no", "event_id", "customer_id", "received_at", "network"}
_OWN |= {"decided_at", "counted_from"}


def rows(model: type[Model], response: Response) -> list[dict[str, Any]]:
    """What is stored about a response, without what differs from one to the next."""
    key = "id" if model is Response else "response_id"
    found = model._default_manager.filter(answered_on=response.answered_on, **{key: response.id})
    return [{k: v for k, v in row.items() if k not in _OWN} for row in found.values()]


@pytest.mark.parametrize("poster", [False, True])
def test_a_page_stores_what_the_intake_of_many_stores(world: World, poster: bool) -> None:
    with time_machine.travel(NOW, tick=False):
        staff = executor()
        _event, token = link(world, staff)
        named = {"event_no": "V2"}
        if poster:
            shop = world.shops["S1"]
            token = collection.open_poster(
                world.survey, actor=staff, now=NOW, department=shop
            ).token
            named = {"department_code": "S1"}
        found = found_by(token)
        number = submit(found, form_for(found), sent(), now=NOW)
        assert verify_rollups() is None
        event_of(world, 2)
        surveys.accept_responses("MARCH", [item("R2", **named)], actor=None)
    one, other = Response.objects.get(response_no=number), Response.objects.get(response_no="R2")
    for model in (Response, ResponsePersonal, Verdict, Rating):
        assert rows(model, one) == rows(model, other) != []
    assert verify_rollups() is None
    notes = AuditEntry.objects.filter(verb="responses.stored").order_by("id")
    first, second = notes.values("actor", "channel", "object_type", "object_id", "data")
    assert first == second
    assert first["data"] == {
        "new": 1, "unchanged": 0, "late": 0,
        "verdicts": {"counted": 1, "review": 0, "excluded": 0},
    }  # fmt: skip
    assert ResponsePersonal.objects.get(response_id=one.id).network == "127.0.0.1"
    assert AnswerConsent.objects.get().response_id == one.id


def test_the_intake_knows_an_answer_of_a_page_again(world: World) -> None:
    with time_machine.travel(NOW, tick=False):
        found = found_by(link(world, executor())[1])
        number = submit(found, form_for(found), sent(), now=NOW)
        again = item(number, event_no="V1")
        report = surveys.accept_responses("MARCH", [again], actor=None)
    assert (report.new, report.unchanged) == (0, 1)


def test_an_answer_that_came_by_phone_meanwhile_leaves_one_that_counts(world: World) -> None:
    with time_machine.travel(NOW, tick=False):
        found = found_by(link(world, executor())[1])  # the page is open
        surveys.accept_responses("MARCH", [item("T1", event_no="V1")], actor=None)
        number = submit(found, form_for(found), sent(), now=NOW)
    verdicts = {
        each.response_no: Verdict.objects.filter(response_id=each.id).order_by("seq").last()
        for each in Response.objects.all()
    }
    said = {no: (each.verdict, each.checks) for no, each in verdicts.items() if each}
    assert said == {"T1": ("counted", []), number: ("excluded", ["duplicate"])}
    assert Rating.objects.filter(counted_to=None).count() == 2  # of E1 and E2, by phone
    assert verify_rollups() is None


def test_an_earlier_answer_of_a_page_is_the_one_that_is_kept(world: World) -> None:
    """It was sent before the one by phone, which was stored first: that one counts no longer."""
    with time_machine.travel(NOW, tick=False):
        found = found_by(link(world, executor())[1])
        late = item("T1", event_no="V1") | {"submitted_at": "2026-03-10T11:00:00"}
        surveys.accept_responses("MARCH", [late], actor=None)
        submit(found, form_for(found), sent(), now=NOW)
    said = [tuple(row) for row in Verdict.objects.order_by("response_id", "seq").values_list(
        "seq", "verdict", "checks")]  # fmt: skip
    assert said == [(1, "counted", []), (2, "excluded", ["duplicate"]), (1, "counted", [])]
    assert verify_rollups() is None


def test_the_first_answer_of_a_month_makes_its_tables(world: World) -> None:
    far = datetime(2047, 5, 10, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    with time_machine.travel(NOW, tick=False):
        token = collection.open_poster(world.survey, actor=executor(), now=NOW).token
    found = found_by(token)
    submit(found, form_for(found), sent(), now=far)
    assert Response.objects.get().answered_on == date(2047, 5, 10)
    assert ensure_partitions([date(2047, 5, 1)]) == 0


def test_an_invitation_that_is_gone_takes_no_answer(world: World) -> None:
    with time_machine.travel(NOW, tick=False):
        found = found_by(link(world, executor())[1])
        Invitation.objects.all().delete()
        with pytest.raises(InvalidTransition):
            submit(found, form_for(found), sent(), now=NOW)
    assert not Response.objects.exists()


def test_messages_to_the_server(world: World, django_assert_num_queries: Any) -> None:
    with time_machine.travel(NOW, tick=False):
        staff = executor()
        for number in (1, 2):  # the first one plans the statements
            phone = Phone(link(world, staff, number)[1])
            phone.open()
            if number == 1:
                phone.answer_all()
        # All that is shown and checked in one.
        with django_assert_num_queries(1):
            phone.open()
        # The link, the brake, the draft.
        with django_assert_num_queries(3):
            phone.client.post(phone.url, {**phone.hidden(), **GOOD[0], "go": "next"})
        phone.open("?p=2")
        phone.send(GOOD[1])
        # The link, the brake; in a savepoint, since a test is a transaction: locks with all that
        # is read under them, all rows with sums and spread.
        with django_assert_num_queries(2 + 2 + 2):
            sent = {**phone.hidden(), **GOOD[2], "go": "next"}
            assert phone.client.post(phone.url, sent).status_code == 302
    assert Response.objects.count() == 2
    assert not AnswerDraft.objects.exists()


def test_a_page_sent_complete_is_never_a_draft(world: World) -> None:
    """The draft's own number shows whether there was one."""
    with time_machine.travel(NOW, tick=False):
        phone = Phone(link(world, executor())[1])
        phone.open()
        phone.send(GOOD[0])
        phone.send(GOOD[1])
        with connection.cursor() as cursor:
            cursor.execute("SELECT last_value FROM surveys_answerdraft_id_seq")
            before = cursor.fetchone()
            phone.send(GOOD[2])
            cursor.execute("SELECT last_value FROM surveys_answerdraft_id_seq")
            assert cursor.fetchone() == before
    assert Response.objects.get().answers["clear"] == 4
