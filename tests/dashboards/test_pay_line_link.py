"""The link from a corrected score to its payroll line leads to a line of that person."""

import pytest

from assessments.models import Scorecard
from dashboards.queries.employee.pay import effect_of
from incentives.models import PayrollLine, PerformancePay
from incentives.services import appeals, payroll
from organization.models import Employee
from tests.incentives import surveyed
from tests.incentives.company import DECEMBER, account
from tests.incentives.filed import objection, pay_november


@pytest.mark.django_db
def test_a_corrected_score_links_to_its_own_line() -> None:
    scene = surveyed.create()
    pay_november()
    employee = Employee.objects.get(employee_no="E0003")
    employee.user = account("own-E0003", "employee")
    employee.save()
    card, dan = scene.card("E0003"), account("dan")
    paid = PerformancePay.objects.get(employee=employee)
    appeal = appeals.file_appeal(card, objection("R-E0003-1", "R-E0003-3"), actor=employee.user)
    appeal = appeals.investigate_appeal(appeals.accept_appeal(appeal, actor=dan), actor=dan)
    run = appeals.dry_run_appeal(appeal, actor=dan)
    appeal = appeals.decide_appeal(
        appeal, outcome="upheld", reason="another class", confirm=run.content_hash,
        actor=account("gus"),
    )  # fmt: skip
    appeals.execute_appeal(appeal, actor=dan)
    payroll.build(DECEMBER, actor=account("hana"))
    lines = PayrollLine.objects.filter(entry__performance_pay=paid)
    assert lines.count() == 2  # the payment and its reversal
    own = lines.get(entry__source_type="performance_pay")
    found = effect_of(Scorecard.objects.get(pk=card.pk))
    assert found is not None
    assert (found.batch, found.line) == (own.batch.batch_no, own.line_no)
