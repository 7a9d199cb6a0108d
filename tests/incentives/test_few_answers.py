"""Below five answers nothing says what one of them says: page of a line, workbook, lineage."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from assessments.models import IndicatorResult
from assessments.queries.lineage import _result
from incentives.exports.payroll import _result_facts
from incentives.models import PayrollLine
from organization.models import Employee
from tests.assessments.world import Company as World
from tests.incentives import surveyed
from tests.incentives.company import account
from tests.incentives.filed import pay_november

pytestmark = pytest.mark.django_db


def _line(client: Client, number: str) -> str:
    employee = Employee.objects.get(employee_no=number)
    if employee.user is None:
        employee.user = account(f"own-{number}", "employee")
        employee.save()
    client.force_login(employee.user)
    line = PayrollLine.objects.get(employee=employee)
    page = client.get(reverse("payroll_line", args=[line.batch.batch_no, line.line_no]))
    assert page.status_code == 200
    return page.content.decode()


def test_the_page_of_a_line_tells_no_single_answer_below_five(client: Client) -> None:
    scene = surveyed.create()
    pay_november()
    card = scene.card("E0007")
    assert (card.satisfaction_n, card.satisfaction_raw) == (1, None)
    few, enough = _line(client, "E0007"), _line(client, "E0001")
    assert ('id="answer"' in few, "R-E0007" in few, "?answer=" in few) == (False, False, False)
    assert "75.0" not in few
    assert ('id="answer"' in enough, "?answer=" in enough) == (True, True)


def test_no_fraction_tells_the_score_that_is_blank() -> None:
    company = World()
    company.scheme()
    company.hire("E1")
    company.answer("E1", 4, 2, 5)
    company.hire("E2")
    company.answer("E2", 4, 4, 4, 4, 4)
    company.score()
    few, enough = (
        IndicatorResult.objects.get(scorecard=company.card(number), indicator="satisfaction")
        for number in ("E1", "E2")
    )
    assert (few.raw, few.denominator is None) == (None, False)  # the fact itself is kept
    names = ("n", "numerator", "denominator")
    assert [_result_facts(few)[name] for name in names] == [3, None, None]
    assert [_result(few.scorecard, few)[name] for name in names] == [3, None, None]
    kept = [5, enough.numerator, enough.denominator]
    assert None not in kept
    assert [_result_facts(enough)[name] for name in names] == kept
    assert [_result(enough.scorecard, enough)[name] for name in names] == kept


@pytest.mark.parametrize(
    ("answers", "told"), [((4, 2), False), ((4, 4, 4, 2), False), ((4, 4, 4, 4, 2), True)]
)
def test_the_printed_lineage_tells_no_single_answer_below_five(
    monkeypatch: pytest.MonkeyPatch, answers: tuple[int, ...], told: bool
) -> None:
    monkeypatch.setitem(surveyed.ANSWERS, "E0006", answers)
    surveyed.create()
    pay_november()
    line = PayrollLine.objects.get(employee__employee_no="E0006", pay_item_code="PERF-PAY")
    out = StringIO()
    call_command("show_lineage", line.no, "--actor", "hana", stdout=out)
    last = len(answers)
    text = out.getvalue()
    assert (f"L11/R-E0006-{last} " in text, "what each of them says" in text) == (True, not told)
    assert ("25.00" in text, "75.00" in text, "总体评价" in text) == (told, told, told)
