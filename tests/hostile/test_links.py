"""Links and forms of customers in the hands of somebody who means harm."""

from __future__ import annotations

import string
from typing import Any

import hypothesis
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from surveys.collection.rules.tokens import new_token
from surveys.models import AnswerDraft, Response
from tests.surveys.collecting import GOOD, NOW, Phone, executor, link
from tests.surveys.conftest import World

PAGE = {"q_clear": "4", "q_pushed": "1"}
ALPHABET = string.ascii_letters + string.digits + "-_"


@pytest.fixture
def phone(db: None) -> Phone:
    """A customer with a link nobody has used."""
    with time_machine.travel(NOW, tick=False):
        return Phone(link(World(), executor())[1])


def _stored() -> tuple[int, int]:
    return Response.objects.count(), AnswerDraft.objects.count()


def test_no_guess_opens_anything(phone: Phone) -> None:
    token = phone.url.split("/")[2]
    guesses = [new_token() for _turn in range(20)]
    for place in range(len(token)):
        other = ALPHABET[(ALPHABET.index(token[place]) + 1) % len(ALPHABET)]
        guesses.append(token[:place] + other + token[place + 1 :])
    guesses += [token[:-1], token + "A", token.swapcase(), token[::-1]]
    with time_machine.travel(NOW, tick=False):
        for guess in set(guesses) - {token}:
            assert Client().get(f"/s/{guess}/").status_code == 404, guess
            assert Client().post(f"/s/{guess}/", PAGE).status_code == 404, guess
    assert _stored() == (0, 0)


def test_an_answer_sent_again_with_other_marks_changes_nothing(phone: Phone) -> None:
    with time_machine.travel(NOW, tick=False):
        phone.open()
        first = phone.hidden()
        phone.answer_all()
        stored = list(Response.objects.values())
        other = {**first, "go": "next", "q_clear": "1", "q_pushed": "5"}
        for client in (phone.client, Client()):
            again = client.post(phone.url, other, follow=True)
            assert again.status_code == 200
            assert "Thank you" in again.content.decode()
    assert list(Response.objects.values()) == stored
    assert _stored() == (1, 0)


@pytest.mark.parametrize("stamp", ["", "x", "- 1.0:abc:def", "a" * 5000, "- inf", "- nan:x"])
def test_a_forged_stamp_only_begins_now(phone: Phone, stamp: str) -> None:
    with time_machine.travel(NOW, tick=False):
        phone.open()
        sent = {**phone.hidden(), "stamp": stamp, "go": "next", **GOOD[0]}
        assert phone.client.post(phone.url, sent).status_code == 302
    assert AnswerDraft.objects.get().started_at == NOW


@pytest.mark.parametrize(
    "sent",
    [
        {"q_words": "x" * (5 * 1024 * 1024 + 1)},
        {f"q_{number}": "1" for number in range(1001)},
        {"q_words": SimpleUploadedFile("x.html", b"<script>alert(1)</script>")},
    ],
    ids=["larger than 5 MB", "a thousand fields", "a file"],
)
def test_a_form_no_page_of_ours_sends_stores_no_answer(phone: Phone, sent: dict[str, Any]) -> None:
    with time_machine.travel(NOW, tick=False):
        answer = phone.client.post(phone.url, {"go": "next", **sent})
    assert answer.status_code in (400, 413, 422)
    assert Response.objects.count() == 0


FIELDS = st.dictionaries(
    st.one_of(
        st.sampled_from(["go", "page", "stamp", "consent", "language", "q_clear", "q_pushed"]),
        st.sampled_from(["q_fixed", "q_nps", "q_why", "q_words"]),
        st.text(max_size=12),
    ),
    st.one_of(
        st.sampled_from(["next", "back", "en", "zh-hans", "na", "0", "1", "4", "99", "-1", "1e9"]),
        st.text(max_size=30),
        st.lists(st.sampled_from(["price", "time", "x", "\x00"]), max_size=4),
    ),
    max_size=9,
)


@hypothesis.settings(max_examples=150, suppress_health_check=list(hypothesis.HealthCheck))
@given(fields=FIELDS, query=st.sampled_from(["", "?p=2", "?p=-9", "?p=x&check=1", "?done=x:y:z"]))
def test_any_form_is_answered_with_a_page(phone: Phone, fields: Any, query: str) -> None:
    """Whatever a form says: a page, a step on, or a refusal; never a failure."""
    with time_machine.travel(NOW, tick=False):
        sent = phone.client.post(phone.url + query, fields)
        assert sent.status_code in (200, 302, 400, 410, 422, 429)
        if sent.status_code == 302:
            assert sent.url.startswith(phone.url)
        assert phone.client.get(phone.url + query).status_code in (200, 410, 422)
