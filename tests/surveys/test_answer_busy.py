"""An answer that is sent while a file is being imported: never thanked for, never lost."""

import threading
from typing import Any

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from core.locks import Lock, take
from core.models import StoredAnswer
from surveys.collection import services as collection
from surveys.collection.services import count_post
from surveys.models import AnswerDraft, AnswerRate, Invitation, Response, Survey
from surveys.services import intake
from surveys.services.intake import single
from tests.api_client import caller
from tests.surveys.collecting import GOOD, NOW, Phone, executor, link
from tests.surveys.conftest import World
from tests.surveys.test_responses_api import item

# The link of an event was sent in English, a poster speaks Chinese first.
SAID = ("Your answers could not be stored just now.", "您的答卷暂时未能保存。")
THANKS = ("Thank you", "谢谢您")


class Importer(threading.Thread):
    """Another connection that holds the survey's lock until told to let go."""

    def __init__(self, survey: int) -> None:
        super().__init__()
        self.survey, self.held, self.over = survey, threading.Event(), threading.Event()

    def run(self) -> None:
        with transaction.atomic():
            take(Lock.RESPONSES, self.survey)
            self.held.set()
            self.over.wait(60)
        connections.close_all()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("poster", [False, True])
def test_an_answer_beside_an_import_is_kept_and_sent_again(monkeypatch: Any, poster: bool) -> None:
    monkeypatch.setattr(intake, "WAIT_API_MS", 100)
    world = World()
    with time_machine.travel(NOW, tick=False):
        staff = executor()
        _event, token = link(world, staff)
        survey = Invitation.objects.get().survey
        if poster:
            token = collection.open_poster(survey, actor=staff, now=NOW).token
        phone = Phone(token)
        phone.open()
        phone.send(GOOD[0])
        phone.send(GOOD[1])
        importer = Importer(survey.pk)
        importer.start()
        importer.held.wait(60)
        try:
            page = phone.send(GOOD[2])
        finally:
            importer.over.set()
            importer.join()
        text = page.content.decode()
        assert (page.status_code, page["Retry-After"]) == (503, "10")
        assert SAID[poster] in text
        assert THANKS[poster] not in text
        assert Response.objects.count() == 0
        kept = AnswerDraft.objects.get().answers
        assert [kept[code] for code in ("clear", "pushed", "fixed", "nps", "why")] == [
            "4", "1", "na", "9", ["price"],
        ]  # fmt: skip
        page = phone.send(GOOD[2])
    assert page.status_code == 200
    assert THANKS[poster] in page.content.decode()
    assert (Response.objects.count(), AnswerDraft.objects.count()) == (1, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("poster", [False, True])
def test_a_database_that_goes_away_leaves_the_page_with_what_was_typed(
    monkeypatch: Any, poster: bool
) -> None:
    """The server ends the session while the answer is being stored."""
    real = single.keep

    def end_of_session(*args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    world = World()
    with time_machine.travel(NOW, tick=False):
        staff = executor()
        _event, token = link(world, staff)
        if poster:
            token = collection.open_poster(world.survey, actor=staff, now=NOW).token
        phone = Phone(token)
        phone.open()
        phone.send(GOOD[0])
        phone.send(GOOD[1])
        monkeypatch.setattr(single, "keep", end_of_session)
        page = phone.send(GOOD[2] | {"q_words": "Quick"})
        text = page.content.decode()
        assert (page.status_code, page["Retry-After"]) == (503, "10")
        assert SAID[poster] in text
        assert "Quick</textarea>" in text
        assert THANKS[poster] not in text
        assert Response.objects.count() == 0
        monkeypatch.setattr(single, "keep", real)
        page = phone.send(GOOD[2] | {"q_words": "Quick"})
    assert (page.status_code, THANKS[poster] in page.content.decode()) == (200, True)
    assert (Response.objects.count(), AnswerDraft.objects.count()) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_an_answer_is_four_messages_and_is_stored_when_they_are_over() -> None:
    """The link, the brake, what is read under the locks with the beginning, rows with the end."""
    with time_machine.travel(NOW, tick=False):
        world, staff = World(), executor()
        tokens = [link(world, staff, number)[1] for number in (1, 2)]
        for token in tokens:  # the first one plans the statements
            phone = Phone(token)
            phone.open()
            phone.send(GOOD[0])
            phone.send(GOOD[1])
            sent = {**phone.hidden(), **GOOD[2], "go": "next"}
            with CaptureQueriesContext(connection) as seen:
                assert phone.client.post(phone.url, sent).status_code == 302
    # Django writes down a BEGIN and a COMMIT that it leaves to us.
    texts = [each["sql"] for each in seen if each["sql"] not in ("BEGIN", "COMMIT")]
    begun, ended = texts[2].startswith("BEGIN;\n"), texts[3].endswith(";\nCOMMIT")
    assert (len(texts), begun, ended) == (4, True, True)
    connection.close()
    assert Response.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_brake_waits_for_no_disk_and_an_answer_does() -> None:
    limits = [("link 1", 2), ("address 1", 3)]
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")  # off in the server of the tests
        assert [count_post(limits, now=NOW) for _turn in range(3)] == [True, True, False]
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)
        with transaction.atomic():
            count_post(limits, now=NOW)
            cursor.execute("SHOW synchronous_commit")
            assert cursor.fetchone() == ("on",)
    connection.close()
    assert sorted(AnswerRate.objects.values_list("count", flat=True)) == [4, 4]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("key", [None, "K1"])
def test_a_call_beside_an_import_is_asked_to_come_again_and_then_taken(
    monkeypatch: Any, key: str | None
) -> None:
    monkeypatch.setattr(intake, "WAIT_API_MS", 100)
    World()
    call, body = caller("responses"), item(1)
    importer = Importer(Survey.objects.get(code="MARCH").pk)
    importer.start()
    importer.held.wait(60)
    try:
        busy = call("responses", body, key)
    finally:
        importer.over.set()
        importer.join()
    assert (busy.status_code, busy["Retry-After"]) == (503, "10")
    assert busy.json() == {
        "code": "busy",
        "detail": "Somebody else is working on this right now. Please try again in a moment.",
    }
    assert (Response.objects.count(), StoredAnswer.objects.count()) == (0, 0)
    assert call("responses", body, key).status_code == 201
