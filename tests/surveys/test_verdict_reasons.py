"""Why a person decided is kept as a code and read in the reader's language."""

import pytest
from django.test import Client
from django.utils import translation

from core.models import User
from surveys.models import Verdict
from surveys.models.reasons import REASONS, coded, reason_words
from surveys.services import record_verdict
from tests.surveys.conftest import answer
from tests.surveys.test_desk_pages import account, doubt, text

ENGLISH = "Answered without reading the questions"
CHINESE = "没有读题就作答"


def reader(user: User, language: str) -> Client:
    User.objects.filter(pk=user.pk).update(language=language)
    client = Client(headers={"accept-language": language})
    client.cookies["django_language"] = language
    client.force_login(user)
    return client


@pytest.fixture
def waiting(world):
    world.send(*(answer(n) for n in range(1, 7)))
    doubt(world, 1)
    return world


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_reason_is_kept_as_a_code_and_shown_in_both_languages(waiting, language) -> None:
    decision = {"verdict": "excluded", "reason": "careless", "note": "太快了", "seen": "1"}
    latest = Verdict.objects.filter(response__response_no="R1").latest("seq")
    posted = reader(account("dec", "executor"), language).post(
        "/responses/R1/", {**decision, "seen": str(latest.seq)}
    )
    assert posted.status_code == 302
    assert Verdict.objects.latest("decided_at").reason == "[careless] 太快了"
    other = account("ana", "analyst")
    assert f"{ENGLISH}: 太快了" in text(reader(other, "en").get("/responses/R1/"))
    assert f"{CHINESE}：太快了" in text(reader(other, "zh-hans").get("/responses/R1/"))


@pytest.mark.parametrize("kept", [CHINESE, ENGLISH])
@pytest.mark.parametrize("note", ["", "too quick"])
def test_a_sentence_kept_before_is_read_in_the_readers_language(waiting, kept, note) -> None:
    parting = {CHINESE: "：", ENGLISH: ": "}[kept] if note else ""
    reason = f"{kept}{parting}{note}"
    record_verdict(waiting.response(1), "excluded", reason=reason, actor=account("x", "admin"))
    other = account("ana", "analyst")
    english = f"{ENGLISH}: {note}" if note else ENGLISH
    chinese = f"{CHINESE}：{note}" if note else CHINESE
    assert english in text(reader(other, "en").get("/responses/R1/"))
    assert chinese in text(reader(other, "zh-hans").get("/responses/R1/"))


def test_somebodys_own_words_stay_as_they_are() -> None:
    for words in ("[unknown] x", "she called back", "Answered", "[careless"):
        assert reason_words(words) == words


def test_every_reason_has_both_languages() -> None:
    for reasons in REASONS.values():
        for code in reasons:
            with translation.override("en"):
                english = reason_words(coded(code))
            with translation.override("zh-hans"):
                chinese = reason_words(coded(code))
            assert english != chinese
            assert "[" not in english + chinese


def test_what_an_appeal_decided_names_it_in_both_languages() -> None:
    with translation.override("zh-hans"):
        chinese = reason_words("[appeal]", "AP-2026-001")
        old = reason_words("Decided by appeal AP-2026-001.", "AP-2026-001")
    assert "AP-2026-001" in chinese
    assert old == chinese
    assert reason_words(chinese, "AP-2026-001") == "Decided by appeal AP-2026-001."
