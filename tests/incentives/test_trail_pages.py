"""From a payroll line down to one customer's answers, on a page."""

from typing import Any

import pytest
from django.test import Client

from core.models import User
from incentives.models import PayrollBatch, PayrollLine
from incentives.services import payroll
from tests.incentives.company import NOVEMBER, account
from tests.incentives.surveyed import SHARED, Scene


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = []


def read(user: User, path: str, language: str = "en", **headers: str) -> Any:
    client = Client(headers=headers)
    client.cookies["django_language"] = language
    client.force_login(user)
    answer = client.get(path)
    return answer.status_code, " ".join(answer.content.decode().split())


@pytest.fixture
def line(scene: Scene) -> PayrollLine:
    """The performance pay of E0001, who shared one response with E0007."""
    payroll.build(NOVEMBER, actor=account("hana", "hr"))
    return PayrollLine.objects.get(
        employee__employee_no="E0001", pay_item_code="PERF-PAY", batch__month=NOVEMBER
    )


def there(line: PayrollLine) -> str:
    return f"/payroll/batches/{line.batch.batch_no}/lines/{line.line_no}/"


def test_the_chain_ends_at_exact_answers(scene: Scene, line: PayrollLine, hana: User) -> None:
    status, page = read(hana, there(line))
    assert status == 200
    assert f"LE-{line.entry.entry_no}" in page
    assert "only ever added to, hash chain intact" in page
    card = scene.card("E0001")
    assert f"{card.composite:.2f}" in page
    assert "8 counted" in page
    assert "R-E0001-1" in page
    assert "One answer" in page


def test_another_answer_is_one_click_away(line: PayrollLine, hana: User) -> None:
    _status, page = read(hana, there(line) + f"?answer=L11/{SHARED}")
    assert f"<b>{SHARED} <span" in page


def test_the_drawer_is_the_same_chain_without_the_shell(line: PayrollLine, hana: User) -> None:
    status, part = read(hana, there(line), **{"hx-request": "true"})
    assert status == 200
    assert "<html" not in part
    assert "hash chain intact" in part


def test_it_speaks_chinese(line: PayrollLine, hana: User) -> None:
    _status, page = read(hana, there(line), "zh-hans")
    assert "这笔钱从哪来" in page
    assert "哈希链完整" in page


def test_the_person_sees_the_own_chain_only(scene: Scene, line: PayrollLine) -> None:
    own, other = scene.user("E0001"), scene.user("E0005")
    assert read(own, there(line))[0] == 200
    other.role_assignments.all().delete()
    assert read(other, there(line))[0] == 404
    assert PayrollBatch.objects.get().state == "building"


def test_the_page_costs_the_same_however_many_answers(
    line: PayrollLine, hana: User, django_assert_max_num_queries: Any
) -> None:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(hana)
    with django_assert_max_num_queries(34):
        client.get(there(line))
