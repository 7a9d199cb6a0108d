"""A granted appeal is carried out whatever happened since the decision."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from assessments.models import Period
from assessments.queries import evidence_hash
from core.errors import Conflict
from core.permissions import Denied
from incentives.models import Appeal, LedgerEntry, PerformancePay
from incentives.services import appeals, ledger
from incentives.services.decisions import decide_incentives
from incentives.services.proposals import propose_incentives
from organization.models import Employee, RoleAssignment
from surveys.models import Verdict
from surveys.queries import find_response
from surveys.services import reattribute_response
from tests.incentives import surveyed
from tests.incentives.company import account
from tests.incentives.filed import BAD, decided, investigated, objection

pytestmark = pytest.mark.django_db


def test_pay_is_decided_between_the_decision_and_the_execution() -> None:
    scene = surveyed.create(decide=False)
    appeal = decided(scene, BAD)
    gus = account("gus")
    propose_incentives("2025-11", actor=gus)
    confirm = evidence_hash(Period.objects.get(key="2025-11"))
    decide_incentives("2025-11", actor=gus, confirm=confirm)
    appeal = appeals.execute_appeal(appeal, actor=account("dan"))
    assert (appeal.state, appeal.effect) == ("executed", "revised")
    assert appeal.new_scorecard is not None
    rows = PerformancePay.objects.filter(employee=appeal.employee).order_by("version")
    assert [(row.amount, row.state) for row in rows] == [
        (Decimal("1200.00"), "reversed"),
        (Decimal("2000.00"), "posted"),
    ]
    entries = LedgerEntry.objects.filter(appeal=appeal).order_by("entry_no")
    assert [entry.source_type for entry in entries] == ["reversal", "performance_pay"]
    assert ledger.verify() is None


def test_figures_of_the_score_that_changed_still_stop_the_execution() -> None:
    scene = surveyed.create()
    appeal = decided(scene, BAD)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE assessments_scorecard SET composite = 64.05 WHERE id = %s",
            [appeal.scorecard_id],
        )
    with pytest.raises(Conflict, match="figures have changed"):
        appeals.execute_appeal(appeal, actor=account("dan"))
    assert scene.card("E0001").version == 1


def test_the_decider_has_left_the_group_before_the_execution() -> None:
    scene = surveyed.create()
    appeal = decided(scene, BAD)
    gus = account("gus")
    RoleAssignment.objects.filter(user=gus).update(ended_at=timezone.now())
    appeal = appeals.execute_appeal(appeal, actor=account("dan"))
    assert (appeal.state, appeal.effect) == ("executed", "revised")
    verdict = Verdict.objects.get(source=appeal.appeal_no)
    assert (verdict.verdict, verdict.decided_by) == ("excluded", gus)


def decided_by_one_concerned_since(scene: Any) -> Appeal:
    """Decided by gus, for whom the answer has come to count since."""
    appeal = decided(scene, BAD)
    Employee.objects.filter(employee_no="E0007").update(user=account("gus"))
    response = find_response(response_id=appeal.claims.get().response_id)
    assert response is not None
    own = [scene.card(number) for number in ("E0001", "E0007")]
    people = [(card.employee_id, card.department_id, card.position_id) for card in own]
    reattribute_response(response, people, reason="both taught", actor=account("ben"))
    return appeal


def test_another_of_the_panel_answers_for_the_verdict_where_it_concerns_the_decider() -> None:
    appeal = decided_by_one_concerned_since(surveyed.create())
    dan = account("dan")
    appeal = appeals.execute_appeal(appeal, actor=dan)
    assert (appeal.state, appeal.effect, appeal.decided_by) == (
        "executed",
        "revised",
        account("gus"),
    )
    verdict = Verdict.objects.get(source=appeal.appeal_no)
    assert (verdict.verdict, verdict.decided_by) == ("excluded", dan)
    assert "another member of the panel" in verdict.reason_words
    assert ledger.verify() is None


@pytest.mark.parametrize("name", ["gus", "cyd"])
def test_nobody_concerned_or_barred_answers_for_the_verdict(name: str) -> None:
    """cyd approved the period; gus decided, and the answer counts for gus now."""
    appeal = decided_by_one_concerned_since(surveyed.create())
    with pytest.raises(Denied):
        appeals.execute_appeal(appeal, actor=account(name))
    appeal.refresh_from_db()
    assert (appeal.state, appeal.new_scorecard) == ("notified", None)
    assert not Verdict.objects.filter(source=appeal.appeal_no).exists()


def test_an_independent_member_carries_out_where_the_decider_has_become_the_appellant() -> None:
    """The account that decided belongs to the appellant now: the decision was made by somebody
    else, and stands, but the verdict is not theirs to sign, nor any step theirs to take."""
    scene = surveyed.create()
    appeal = decided(scene, BAD)
    Employee.objects.filter(employee_no="E0001").update(user=account("gus"))
    for name in ("gus", "cyd"):  # the appellant; who approved the period
        with pytest.raises(Denied):
            appeals.execute_appeal(appeal, actor=account(name))
        appeal.refresh_from_db()
        assert (appeal.state, appeal.new_scorecard) == ("notified", None)
        assert not Verdict.objects.filter(source=appeal.appeal_no).exists()
    dan = account("dan")
    appeal = appeals.execute_appeal(appeal, actor=dan)
    assert (appeal.state, appeal.effect) == ("executed", "revised")
    assert appeal.decided_by == account("gus")
    verdict = Verdict.objects.get(source=appeal.appeal_no)
    assert (verdict.verdict, verdict.decided_by) == ("excluded", dan)
    assert verdict.reason == "[appeal_taken_over]"
    assert scene.card("E0001").grade == "B"
    assert ledger.verify() is None


def _granted_to_the_colleague(scene: Any) -> Appeal:
    """E0007's appeal about the shared answer, executed."""
    colleague = Employee.objects.get(employee_no="E0007")
    colleague.user = account("tutor", "employee")
    colleague.save()
    dan = account("dan")
    one = appeals.file_appeal(scene.card("E0007"), objection(surveyed.SHARED), actor=colleague.user)
    one = appeals.investigate_appeal(appeals.accept_appeal(one, actor=dan), actor=dan)
    run = appeals.dry_run_appeal(one, actor=dan)
    one = appeals.decide_appeal(
        one, outcome="upheld", reason="another class", confirm=run.content_hash,
        actor=account("gus"),
    )  # fmt: skip
    return appeals.execute_appeal(one, actor=dan)


def test_a_shared_answer_may_be_gone_for_the_colleague_already() -> None:
    scene = surveyed.create()
    _granted_to_the_colleague(scene)
    run = appeals.dry_run_appeal(investigated(scene, surveyed.SHARED), actor=account("dan"))
    assert [row for row in run.knock_on if row["what"] == "colleague"] == []


def test_a_colleagues_appeal_is_executed_between_decision_and_execution() -> None:
    scene = surveyed.create()
    mine = decided(scene, surveyed.SHARED, BAD)
    _granted_to_the_colleague(scene)
    mine = appeals.execute_appeal(mine, actor=account("dan"))
    assert (mine.state, mine.effect) == ("executed", "revised")
