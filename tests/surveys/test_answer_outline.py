"""A page nobody has answered on comes from an outline: the very text its template gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
import time_machine
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client

from organization.models import Department
from surveys.collection import services as collection
from surveys.collection.views import answer, shown
from surveys.models import Invitation
from tests.surveys.collecting import GOOD, NOW, Phone, executor, link
from tests.surveys.conftest import World

_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="(\w{64})"')


def by_template(context: Mapping[str, Any], request: HttpRequest) -> str:
    about = shown.about_page(context["form"], context["page"], {}, {})
    return render_to_string("public/answer.html", {**context, **about}, request)


def text_of(token: str, query: str, language: str) -> str:
    client = Client()
    client.cookies["django_language"] = language
    client.cookies["hp_answer"] = "k" * 22
    page = client.get(f"/s/{token}/{query}")
    assert page.status_code == 200
    assert page["Content-Type"] == "text/html; charset=utf-8"
    text = page.content.decode()
    assert _CSRF.search(text)
    assert client.cookies["csrftoken"].value
    assert shown._MARK not in text
    return re.sub(r'(name="stamp"\s+value=")[^"]*', r"\1", _CSRF.sub("", text))


@pytest.fixture
def tokens(world: World) -> dict[str, str]:
    staff = executor()
    Department.objects.filter(code="S1").update(name_zh="<b>一&店</b>", name_en="Shop <i>'1'</i>")
    shop = Department.objects.get(code="S1")
    of_shop, of_all = (
        collection.open_poster(world.survey, actor=staff, now=NOW, department=where).token
        for where in (shop, None)
    )
    return {"event": link(world, staff)[1], "shop": of_shop, "company": of_all}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("kind", ["event", "shop", "company"])
def test_every_page_is_what_its_template_says(
    tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch, kind: str, language: str
) -> None:
    with time_machine.travel(NOW, tick=False):
        for query in ("", "?p=2", "?p=3"):
            outlined = [text_of(tokens[kind], query, language) for _turn in range(2)]
            with monkeypatch.context() as patched:
                patched.setattr(answer, "untouched", by_template)
                rendered = text_of(tokens[kind], query, language)
            assert outlined == [rendered, rendered]
            assert "&lt;" in rendered  # the company is called as its top department
            assert not any(raw in rendered for raw in ("<b>一", "<i>"))


def test_each_customer_has_an_own_page(world: World) -> None:
    with time_machine.travel(NOW, tick=False):
        staff = executor()
        phones = [Phone(link(world, staff, number)[1]) for number in (1, 2)]
        for phone in phones:
            phone.open()
    first, second = phones
    assert first.hidden()["stamp"]
    assert (first.url in first.text, first.url in second.text) == (True, False)
    found = [_CSRF.search(phone.text) for phone in phones]
    assert len({each.group(1) for each in found if each}) == 2


def test_a_shop_that_gets_another_name_is_shown_by_it(world: World) -> None:
    with time_machine.travel(NOW, tick=False):
        phone = Phone(link(world, executor())[1])
        phone.open()
        Department.objects.filter(code="S1").update(name_en="Harbour", name_zh="港口")
        assert "<b>Harbour</b>" in phone.open().content.decode()


def test_a_page_with_something_typed_is_rendered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(NOW, tick=False):
        phone = Phone(link(world, executor())[1])
        phone.open()
        monkeypatch.setattr(answer, "untouched", None)  # nobody asks for it
        phone.client.post(phone.url, {**phone.hidden(), **GOOD[0], "go": "next"})
        page = phone.client.get(phone.url + "?p=1")
    assert re.search(r'value="4"\s+checked', page.content.decode())
    assert Invitation.objects.get().used_at is None
