"""/s/<token>/: the questionnaire as customers see it, without script."""

import re

import pytest
import time_machine
from django.test import Client

from customers.models import Consent, ContactRefusal
from surveys import services as surveys
from surveys.collection import services
from surveys.models import (
    AnswerConsent,
    AnswerDraft,
    AnswerRate,
    Invitation,
    InvitationLink,
    Response,
    ResponsePersonal,
    Survey,
)
from tests.surveys.collecting import GOOD, NOW, Phone, executor, link
from tests.surveys.conftest import spec_of


@pytest.fixture(autouse=True)
def ten_o_clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def staff(world):
    return executor()


@pytest.fixture
def phone(world, staff):
    return Phone(link(world, staff)[1])


def rows():
    """How many rows collecting has stored, of whatever kind."""
    kinds = (AnswerDraft, AnswerRate, AnswerConsent, Response, ContactRefusal, Consent)
    return sum(kind.objects.count() for kind in kinds)


def test_an_answer_page_by_page_counts_for_who_served(world, phone, ten_o_clock):
    assert phone.open().status_code == 200
    assert "Page 1 of 3" in phone.text
    assert "S1" in phone.text
    assert "9 Mar 2026" in phone.text
    ten_o_clock.shift(30)
    assert "Page 2 of 3" in phone.send(GOOD[0]).content.decode()
    phone.send(GOOD[1])
    ten_o_clock.shift(30)
    page = phone.send(GOOD[2] | {"q_words": " Quick and\x00 friendly "})
    assert "Thank you. Your answers have arrived." in page.content.decode()
    response = Response.objects.get()
    assert response.answers == {"clear": 4, "pushed": 1, "fixed": "na", "nps": 9, "why": ["price"]}
    assert response.people == [list(world.person("E1")), list(world.person("E2"))]
    assert (response.channel, response.event.event_no) == ("online", "V1")
    assert response.started_at == NOW
    assert (response.submitted_at - response.started_at).total_seconds() == 60
    personal = ResponsePersonal.objects.get()
    assert personal.texts == {"words": "Quick and friendly"}
    assert personal.network == "127.0.0.1"
    assert personal.device == phone.client.cookies["hp_device"].value
    consent = AnswerConsent.objects.get()
    assert (consent.notice_version, consent.contact, consent.language) == ("2026-11", False, "en")
    assert not AnswerDraft.objects.exists()
    assert Invitation.objects.get().used_at == response.submitted_at


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("purpose", [None, "prefetch", "preview"])
def test_a_scanner_stores_nothing(phone, method, purpose):
    headers = {"purpose": purpose, "sec-purpose": purpose} if purpose else {}
    for query in ("", "?p=2", "?p=99", "?p=x", "?check=1", "?q_clear=5&go=next", "?done=1"):
        answer = getattr(phone.client, method)(phone.url + query, headers=headers)
        assert answer.status_code in (200, 422)
        getattr(phone.client, method)(phone.url + "stop/", headers=headers)
    assert rows() == 0
    assert Invitation.objects.get().used_at is None
    assert InvitationLink.objects.filter(revoked_at=None).count() == 1


def test_no_page_is_cached_or_names_its_address(phone):
    for path in (phone.url, phone.url + "stop/", "/s/unknown/", "/privacy/"):
        headers = phone.client.get(path).headers
        assert headers["Cache-Control"] == "no-store, private"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Robots-Tag"] == "noindex, nofollow"


def test_what_is_missing_is_said_and_what_was_typed_stays(phone):
    phone.open()
    page = phone.send({"q_clear": "5"})
    assert page.status_code == 422
    assert "1 more thing on this page; the rest is kept." in phone.text
    assert re.search(r'value="5"\s+checked', phone.text)
    assert 'href="#q_pushed"' in phone.text
    phone.send(GOOD[0])
    phone.send(GOOD[1])
    long = "x" * 10_050
    page = phone.send({"q_words": long})
    assert page.status_code == 422
    assert "At most 20 characters; you wrote 10000." in phone.text
    assert "x" * 10_000 in phone.text
    assert phone.send({"q_nps": "11"}).status_code == 422
    assert "Please choose one of the answers offered." in phone.text
    assert not Response.objects.exists()


def test_a_page_left_out_is_asked_for_before_anything_is_stored(phone):
    phone.open("?p=3")
    page = phone.send(GOOD[2])
    assert page.redirect_chain[-1][0].endswith("?p=1&check=1")
    assert page.status_code == 422
    assert not Response.objects.exists()
    phone.send(GOOD[0])
    phone.send(GOOD[1])
    phone.send(GOOD[2])
    assert Response.objects.count() == 1


def test_back_keeps_what_was_typed_unfinished(phone):
    phone.open()
    phone.send(GOOD[0])
    phone.send({"q_fixed": "6"}, go="back")
    assert "Page 1 of 3" in phone.text
    assert re.search(r'value="4"\s+checked', phone.text)
    phone.open("?p=2")
    assert re.search(r'value="6"\s+checked', phone.text)
    phone.send({}, go="back")
    phone.open("?p=2")
    assert "checked" not in phone.text


def test_another_language_keeps_what_was_typed(phone):
    phone.open()
    phone.send({"q_clear": "4"}, language="zh-hans")
    assert "第 1 页，共 3 页" in phone.text
    assert "讲解清楚" in phone.text
    assert re.search(r'value="4"\s+checked', phone.text)
    assert 'lang="zh-CN"' in phone.text
    phone.send({"q_pushed": "2"}, language="en")
    assert "The explanation was clear." in phone.text
    assert re.search(r'value="2"\s+checked', phone.text)


def test_a_second_device_goes_on_where_the_first_left(phone):
    phone.open()
    phone.send(GOOD[0])
    other = Phone(phone.url.split("/")[2])
    other.open()
    assert "Page 2 of 3" in other.text
    other.send(GOOD[1])
    other.send(GOOD[2])
    assert Response.objects.get().answers["clear"] == 4
    assert "You have already answered" in phone.open().content.decode() or "Thank you" in phone.text


def test_the_language_of_the_invitation_unless_another_was_chosen(world, staff):
    _event, token = link(world, staff, 2, language="zh-hans")
    english = Phone(token, headers={"accept-language": "en"})
    english.open()
    assert "第 1 页，共 3 页" in english.text


def test_a_used_link_still_helps(phone, ten_o_clock):
    phone.answer_all()
    ten_o_clock.shift(3600)
    page = phone.open()
    assert page.status_code == 200
    assert "You have already answered. Thank you." in phone.text
    assert "9 Mar 2026" in phone.text
    assert "10 Mar 2026, 10:00" in phone.text
    for words in ("Tell us about a problem", "See or delete what you answered", "Stop these"):
        assert words in phone.text
    again = phone.client.post(phone.url, GOOD[0])
    assert again.status_code == 200
    assert Response.objects.count() == 1


def test_an_answer_by_phone_makes_the_link_unneeded(world, phone):
    world.send({"response_no": "T1", "event_no": "V1", "channel": "phone",
                "submitted_at": "2026-03-10T09:00:00", "q_clear": "4", "q_pushed": "1",
                "q_fixed": "7"})  # fmt: skip
    phone.open()
    assert "already, by phone or at the shop" in phone.text
    assert Response.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"expires_at": NOW}, 410, "The time to answer is over"),
        ({"revoked_at": NOW}, 410, "This link was replaced or withdrawn"),
    ],
)
def test_a_link_that_ended_says_so(phone, change, status, words):
    Invitation.objects.update(**change)
    for answer in (phone.client.get(phone.url), phone.client.post(phone.url, GOOD[0])):
        assert answer.status_code == status
        assert words in answer.content.decode()
        assert "Tell us about a problem" in answer.content.decode()
    assert rows() == 0


def test_a_survey_that_is_closed_or_has_not_begun(phone, ten_o_clock):
    ten_o_clock.move_to("2026-02-20T10:00:00+08:00")
    page = phone.open()
    assert (page.status_code, "has not begun yet" in phone.text) == (200, True)
    ten_o_clock.move_to(NOW)
    Survey.objects.update(status="closed")
    page = phone.open()
    assert (page.status_code, "This survey is closed" in phone.text) == (410, True)


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 400, "%00" * 8, "%E2%80%AE"])
def test_a_wrong_link_is_a_calm_page(world, token):
    for answer in (Client().get(f"/s/{token}/"), Client().post(f"/s/{token}/stop/")):
        assert answer.status_code == 404
        assert "privacy" in answer.content.decode()
    assert rows() == 0


def test_stopping_surveys_is_asked_once_more_and_for_good(world, phone, staff):
    phone.answer_all()
    stop = phone.url + "stop/"
    assert "Stop all surveys?" in phone.client.get(stop).content.decode()
    assert not ContactRefusal.objects.exists()
    assert "We will not survey you any more" in phone.client.post(stop).content.decode()
    phone.client.post(stop)
    assert ContactRefusal.objects.get().customer.customer_no == "C1"
    assert Response.objects.count() == 1


def test_asking_to_be_called_needs_a_consent_of_its_own(world, staff):
    options = [{"code": "yes", "text_en": "Yes"}, {"code": "no", "text_en": "No"}]
    question = {
        "code": "callback",
        "type": "single",
        "dimension": None,
        "construct": "contact_request",
        "text_en": "Call you?",
        "options": options,
    }
    spec = spec_of()
    surveys.import_questionnaire(
        spec | {"code": "CALL", "questions": [*spec["questions"], question]}, actor=world.operator
    )
    world.survey, _new = surveys.open_survey(
        "CALLED", questionnaire="CALL", first=NOW.date(), last=NOW.date(), actor=world.operator
    )
    phone = Phone(link(world, staff)[1])
    assert phone.answer_all((GOOD[0], GOOD[1], {"q_callback": "yes"})).status_code == 422
    assert "Please agree that we may contact you" in phone.text
    assert not Response.objects.exists()
    phone.send({"q_callback": "yes", "consent_contact": "1"})
    assert Response.objects.get().answers["callback"] == "yes"
    assert "You asked us to contact you" in phone.text
    assert AnswerConsent.objects.get().contact is True
    consent = Consent.objects.get()
    assert (consent.customer.customer_no, consent.purpose) == ("C1", "contact_about_answer")


def test_too_many_posts_are_braked_and_nothing_is_lost(phone, monkeypatch):
    monkeypatch.setattr("surveys.collection.services.rates.MOST_PER_LINK", 2)
    phone.open()
    phone.send({"q_clear": "5"})
    phone.send({"q_clear": "4"})
    page = phone.send({"q_clear": "1"})
    assert (page.status_code, page["Retry-After"]) == (429, "600")
    assert "Too many attempts in a short time" in phone.text
    assert re.search(r'name="q_clear"[^>]*value="1"[^>]*checked', phone.text)  # as it was typed
    assert AnswerDraft.objects.get().answers["clear"] == "4"


def test_a_page_is_small_and_a_post_takes_few_queries(phone, django_assert_max_num_queries):
    page = phone.open()
    assert "<script" not in phone.text
    assert "style=" not in phone.text
    assert len(page.content) < 30_000
    with django_assert_max_num_queries(4):
        phone.client.get(phone.url)
    data = {**phone.hidden(), **GOOD[0], "go": "next"}
    with django_assert_max_num_queries(8):
        assert phone.client.post(phone.url, data).status_code == 302


def test_drafts_are_dropped_in_time(phone, ten_o_clock):
    phone.open()
    phone.send(GOOD[0])
    ten_o_clock.shift(13 * 24 * 3600)
    from django.utils import timezone

    assert services.tidy(timezone.now()) == 0
    ten_o_clock.shift(2 * 24 * 3600)
    assert services.tidy(timezone.now()) == 1
    assert (AnswerDraft.objects.count(), AnswerRate.objects.count()) == (0, 0)


def test_tokens_are_not_in_the_log(phone, caplog):
    from core.logs import Context, Line

    caplog.handler.addFilter(Context())
    caplog.handler.setFormatter(Line())
    token = phone.url.split("/")[2]
    Client(enforce_csrf_checks=True).post(phone.url, GOOD[0])
    InvitationLink.objects.update(revoked_at=NOW)
    assert phone.client.get(phone.url).status_code == 410
    assert "/s/…" in caplog.text
    assert token not in caplog.text


def test_enter_goes_on_and_does_not_change_the_language(phone):
    """Enter in a field presses the first button of its form, wherever on the page that stands."""
    for page in (phone.open(), phone.send(GOOD[0])):
        buttons = re.findall(r"<button[^>]*>", page.content.decode())
        first = next(each for each in buttons if 'type="submit"' in each)
        assert 'name="go"' in first
        assert 'value="next"' in first
