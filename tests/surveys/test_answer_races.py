"""Twenty presses of the same button at the same moment store one answer."""

import threading

import pytest
import time_machine
from django.db import connections

from surveys.collection.queries.links import form_for, opened
from surveys.collection.services import Answer, answering, submit
from surveys.models import AnswerConsent, Invitation, Response, ResponseKey
from tests.surveys.collecting import GOOD, NOW, Phone, executor, link
from tests.surveys.conftest import World

TIMES = 20
ANSWERS = {"clear": "4", "pushed": "1", "fixed": "na"}


def at_once(step):
    """The results of the step run by twenty threads, each on a connection of its own."""
    barrier, results = threading.Barrier(TIMES), []

    def run():
        try:
            barrier.wait()
            results.append(step())
        except Exception as error:
            results.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _number in range(TIMES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def token(transactional_db):
    world = World()
    with time_machine.travel(NOW, tick=False):
        yield link(world, executor())[1]


def test_twenty_posts_of_the_last_page_store_one_answer(token):
    phone = Phone(token)
    phone.open()
    phone.send(GOOD[0])
    phone.send(GOOD[1])
    data = {**phone.hidden(), **GOOD[2], "go": "next"}

    def press():
        answer = Phone(token).client.post(phone.url, data, follow=True)
        return answer.status_code, "Thank you" in answer.content.decode()

    assert set(at_once(press)) == {(200, True)}
    assert (Response.objects.count(), ResponseKey.objects.count()) == (1, 1)
    assert AnswerConsent.objects.count() == 1
    assert Invitation.objects.get().used_at == NOW


def test_without_a_key_of_its_own_each_press_would_store_one(token, monkeypatch):
    """The control: the link is not marked as used, and each answer gets another number."""
    numbers = iter(range(1000))
    monkeypatch.setattr(answering, "response_no_of", lambda *_: f"X{next(numbers)}")
    found = opened(token, NOW)
    form = form_for(found)
    Invitation.objects.update(used_at=None)
    monkeypatch.setattr(type(found), "many", property(lambda _: True))
    sent = Answer("", ANSWERS, NOW, "", "", "en")
    at_once(lambda: submit(found, form, sent, now=NOW))
    assert Response.objects.count() == TIMES
