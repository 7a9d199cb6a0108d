"""News leads to what it is about, and calls it by the name people use."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import translation

from core.models import User
from core.notifications import notify
from dashboards.queries.notices import news


@pytest.mark.django_db
def test_news_is_a_sentence_with_a_link(employee: User) -> None:
    notify([employee], "period.released", None, key="2026-Q3")
    notify([employee], "appeal.decided", None, no="AP-2026-001")
    notify([employee], "payroll.validated", None, batch_no="PB-2026-10")
    notify([employee], "role.ended", employee)
    notify([employee], "appeal.decided", None)  # of an earlier version: no number, no link
    found = news(employee.notifications.order_by("id"))
    assert [one.url for one in found] == [
        "/my/scores/2026-Q3/",
        "/my/appeals/AP-2026-001/",
        "/payroll/batches/PB-2026-10/",
        "",
        "",
    ]
    assert found[0].text == "Your result for Q3 2026 has been published."
    with translation.override("zh-hans"):
        again = news(employee.notifications.order_by("id"))
    assert "2026 年第三季度" in again[0].text


@pytest.mark.django_db
def test_a_key_that_is_no_period_stays_as_it_is(employee: User) -> None:
    notify([employee], "period.released", None, key="2026-99")
    assert news(employee.notifications.all())[0].text == (
        "Your result for 2026-99 has been published."
    )


@pytest.mark.django_db
def test_the_page_and_the_home_show_the_links(employee: User) -> None:
    notify([employee], "period.released", None, key="2026-10")
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(employee)
    for path in ("/", "/notices/"):
        page = client.get(path).content.decode()
        assert '<a class="u" href="/my/scores/2026-10/">Your result for October 2026' in page
