"""One link for many answers, and anonymous questionnaires."""

import pytest
import time_machine

from core.errors import InvalidInput
from surveys import services as surveys
from surveys.collection import services
from surveys.models import (
    AnswerConsent,
    AnswerDraft,
    AnswerRate,
    Invitation,
    Response,
    ResponsePersonal,
)
from tests.surveys.collecting import GOOD, NOW, Phone, event_of, executor
from tests.surveys.conftest import spec_of


@pytest.fixture(autouse=True)
def ten_o_clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def staff(world):
    return executor()


@pytest.fixture
def anonymous(world):
    """An anonymous survey of the same questions."""
    surveys.import_questionnaire(
        spec_of() | {"code": "ANON", "anonymous": True}, actor=world.operator
    )
    return surveys.open_survey(
        "SECRET", questionnaire="ANON", first=NOW.date(), last=NOW.date(), actor=world.operator
    )[0]


def test_a_poster_takes_many_answers_for_the_shop_and_no_person(world, staff):
    issued = services.open_poster(
        world.survey, actor=staff, now=NOW, department=world.shops["S2"], language="en"
    )
    for _customer in range(3):
        page = Phone(issued.token).answer_all()
        assert "Thank you. Your answers have arrived." in page.content.decode()
    found = Response.objects.values_list("department__code", "employee", "event", "customer")
    assert set(found) == {("S2", None, None, None)}
    assert len(found) == 3
    assert Invitation.objects.get().used_at is None
    assert not AnswerDraft.objects.exists()


def test_the_same_browser_twice_is_two_answers_and_a_repeated_post_one(world, staff):
    issued = services.open_poster(world.survey, actor=staff, now=NOW, language="en")
    phone = Phone(issued.token)
    phone.open()
    phone.send(GOOD[0])
    phone.send(GOOD[1])
    data = {**phone.hidden(), **GOOD[2], "go": "next"}
    first = phone.client.post(phone.url, data)
    second = phone.client.post(phone.url, data)
    assert (first.status_code, second.status_code) == (302, 302)
    assert (Response.objects.count(), AnswerDraft.objects.count()) == (1, 0)
    assert "Thank you" in phone.answer_all().content.decode()
    assert Response.objects.count() == 2


def test_an_anonymous_answer_leaves_nothing_that_leads_back(world, staff, anonymous):
    issued = services.open_poster(anonymous, actor=staff, now=NOW, language="en")
    phone = Phone(issued.token)
    page = phone.answer_all()
    assert "Thank you" in page.content.decode()
    response = Response.objects.get()
    named = (response.event, response.customer, response.employee, response.people)
    assert named == (None, None, None, [])
    assert not ResponsePersonal.objects.exists()
    assert not AnswerDraft.objects.exists()
    assert "hp_device" not in phone.client.cookies
    assert phone.client.cookies["hp_answer"].value == ""
    assert AnswerRate.objects.count() == 1  # of the poster, none of the address
    assert AnswerConsent.objects.get().contact is False


def test_an_anonymous_survey_has_no_personal_links(world, staff, anonymous):
    with pytest.raises(InvalidInput, match="anonymous"):
        services.invite(anonymous, [event_of(world)], actor=staff, now=NOW)
    with pytest.raises(InvalidInput, match="whole company"):
        services.open_poster(anonymous, actor=staff, now=NOW, department=world.shops["S1"])
    assert not Invitation.objects.exists()
