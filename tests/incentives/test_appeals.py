"""An appeal from filing to the next payroll batch: states, days, who keeps out, what it moves."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from assessments import services as assessments
from assessments.models import Scorecard
from core import audit
from core.errors import Conflict, InvalidInput, InvalidTransition
from core.models import AuditEntry, Notification
from core.permissions import Denied
from incentives.models import (
    Appeal,
    AppealDryRun,
    AppealEvent,
    LedgerEntry,
    PerformancePay,
)
from incentives.queries.appeals import barred
from incentives.queries.appeals_shown import appeal_lines, dry_run_lines
from incentives.queries.lineage import as_text, lineage_of
from incentives.queries.payroll import line_by_no
from incentives.services import appeals, ledger, payroll
from incentives.tasks import escalate_overdue_appeals
from surveys.models import Verdict
from surveys.queries import find_response
from tests.incentives import surveyed
from tests.incentives.company import DECEMBER, NOVEMBER, account

State = Appeal.State
BAD = "R-E0001-8"


@pytest.fixture
def scene(db: Any) -> surveyed.Scene:
    return surveyed.create()


def objection(*responses: str, **more: str) -> appeals.Objection:
    return appeals.Objection(
        reason="not my student", request="leave it out", responses=responses, **more
    )


def filed(scene: surveyed.Scene, *responses: str, now: Any = None) -> Appeal:
    return appeals.file_appeal(
        scene.card("E0001"), objection(*responses), actor=scene.user("E0001"), now=now
    )


def investigated(scene: surveyed.Scene, *responses: str) -> Appeal:
    appeal = appeals.accept_appeal(filed(scene, *responses), actor=account("dan"))
    return appeals.investigate_appeal(appeal, actor=account("dan"))


def decided(scene: surveyed.Scene, *responses: str, outcome: str = "upheld") -> Appeal:
    appeal = investigated(scene, *responses)
    run = appeals.dry_run_appeal(appeal, actor=account("dan"))
    return appeals.decide_appeal(
        appeal,
        outcome=outcome,
        reason="the registry shows another class",
        confirm=run.content_hash,
        actor=account("gus"),
    )


def pay_november() -> None:
    hana, gus = account("hana"), account("gus")
    batch = payroll.approve(
        payroll.validate(payroll.build(NOVEMBER, actor=hana), actor=hana), actor=gus
    )
    payroll.generate(batch, actor=hana)
    payroll.deliver(batch, actor=hana)
    payroll.acknowledge(
        batch,
        lines=batch.totals["lines"],
        total=Decimal(batch.totals["net"]),
        actor=hana,
    )


def test_an_upheld_appeal_adds_a_version_and_rides_in_the_next_batch(scene):
    pay_november()
    before = scene.card("E0001")
    appeal = decided(scene, BAD)
    assert appeal.state == State.NOTIFIED
    appeal = appeals.execute_appeal(appeal, actor=account("dan"))
    appeal = appeals.close_appeal(appeal, actor=account("dan"))
    after = scene.card("E0001")
    assert (before.composite, before.grade, after.composite, after.grade) == (
        Decimal("64.06"),
        "D",
        Decimal("87.50"),
        "B",
    )
    before.refresh_from_db()
    assert (before.state, before.is_current, after.version, after.supersedes_id) == (
        "revised",
        False,
        2,
        before.pk,
    )
    assert (appeal.state, appeal.effect, appeal.new_scorecard_id) == ("closed", "revised", after.pk)
    hana = account("hana")
    batch = payroll.build(DECEMBER, actor=hana)
    lines = [
        (
            line.direction,
            str(line.amount),
            line.kind,
            line.period,
            line.source_no,
            str(line.reverses),
        )
        for line in batch.lines.order_by("line_no")
    ]
    old = PerformancePay.objects.get(employee=before.employee, version=1)
    original = LedgerEntry.objects.get(performance_pay=old, source_type="performance_pay")
    assert lines == [
        ("deduct", "1200.00", "A", "2025-11", old.no, original.lines.get().no),
        ("add", "2000.00", "", "2025-11", f"{old.no}/2", "None"),
    ]
    assert batch.totals["net"] == "800.00"
    assert payroll.verify() is None
    assert ledger.verify() is None
    assert assessments.verify_scorecards() is None
    assert audit.verify() is None


def test_the_dry_run_shows_before_after_and_what_else_moves_and_writes_no_result(scene):
    appeal = investigated(scene, BAD)
    counts = (Scorecard.objects.count(), LedgerEntry.objects.count(), Verdict.objects.count())
    run = appeals.dry_run_appeal(appeal, actor=account("dan"))
    assert counts == (
        Scorecard.objects.count(),
        LedgerEntry.objects.count(),
        Verdict.objects.count(),
    )
    names = ("n", "mean", "composite", "grade", "coefficient", "pay")
    assert [run.before[name] for name in names] == [
        "8",
        "65.625",
        "64.06",
        "D",
        "0.60",
        "1200.00",
    ]
    assert [run.after[name] for name in names] == ["7", "75.0", "87.50", "B", "1.00", "2000.00"]
    assert run.after["lower"] is False
    assert [row["what"] for row in run.knock_on] == ["department"]
    assert dry_run_lines(run)[0] == f"HASH {run.content_hash}"
    department = run.knock_on[0]
    assert (department["before"]["n"], department["after"]["n"]) == ("48", "47")


def test_a_shared_response_lists_the_colleague_and_changes_nothing_of_theirs(scene):
    appeal = investigated(scene, surveyed.SHARED)
    before = scene.card("E0007")
    run = appeals.dry_run_appeal(appeal, actor=account("dan"))
    assert [row["what"] for row in run.knock_on] == ["colleague", "department"]
    assert run.knock_on[0]["employee_no"] == "E0007"
    assert (run.knock_on[0]["before"]["n"], run.knock_on[0]["after"]["n"]) == ("1", "0")
    assert scene.card("E0007").pk == before.pk


def test_who_scored_approved_leads_or_is_affected_keeps_out(scene):
    appeal = appeals.accept_appeal(filed(scene, BAD, surveyed.SHARED), actor=account("dan"))
    assert barred(scene.user("E0001"), appeal) == "It is your own appeal."
    assert barred(account("op"), appeal) == "You scored 2025-11."
    assert barred(account("cyd"), appeal) == "You approved 2025-11."
    assert barred(scene.user("E0008"), appeal) == "You are a superior of the appellant."
    assert barred(scene.user("E0007"), appeal) == "A response of the appeal counts for you too."
    assert barred(account("gus"), appeal) == ""
    before = (AuditEntry.objects.count(), AppealEvent.objects.count())
    for user in (account("cyd"), scene.user("E0007"), scene.user("E0008"), account("hana")):
        with pytest.raises(Denied):
            appeals.investigate_appeal(appeal, actor=user)
    assert (AuditEntry.objects.count(), AppealEvent.objects.count()) == before
    appeal.refresh_from_db()
    assert appeal.state == State.ACCEPTED


def test_the_approver_cannot_decide_and_nobody_decides_without_the_dry_run(scene):
    appeal = investigated(scene, BAD)
    words = {"outcome": "upheld", "reason": "facts"}
    with pytest.raises(InvalidTransition):
        appeals.decide_appeal(appeal, confirm="0" * 64, actor=account("gus"), **words)
    first = appeals.dry_run_appeal(appeal, actor=account("dan"))
    second = appeals.dry_run_appeal(appeal, actor=account("dan"), exclude=["R-E0001-1"])
    assert first.content_hash != second.content_hash
    with pytest.raises(InvalidInput, match="hash"):
        appeals.decide_appeal(appeal, confirm=first.content_hash, actor=account("gus"), **words)
    with pytest.raises(InvalidInput, match="other responses"):
        appeals.decide_appeal(
            appeal, confirm=second.content_hash, actor=account("gus"), exclude=[BAD], **words
        )
    with pytest.raises(Denied):
        appeals.decide_appeal(appeal, confirm=second.content_hash, actor=account("cyd"), **words)
    with pytest.raises(InvalidInput, match="reasons"):
        appeals.decide_appeal(
            appeal,
            outcome="upheld",
            reason=" ",
            confirm=second.content_hash,
            actor=account("gus"),
        )
    appeal.refresh_from_db()
    assert (appeal.state, appeal.decided_by) == (State.RECOMPUTED, None)


def test_a_lower_recomputed_result_is_never_taken(scene):
    appeal = decided(scene, "R-E0001-1")
    assert appeal.dry_runs.get().after["lower"] is True
    verdicts = Verdict.objects.count()
    appeal = appeals.execute_appeal(appeal, actor=account("dan"))
    assert (appeal.effect, appeal.new_scorecard) == ("kept", None)
    assert scene.card("E0001").version == 1
    assert Verdict.objects.count() == verdicts
    assert not LedgerEntry.objects.filter(source_type="reversal").exists()
    assert "old result kept" in appeal_lines(appeal)[0]


def test_a_maintained_decision_leaves_everything_and_can_be_reviewed_once(scene):
    first = decided(scene, BAD, outcome="maintained")
    card = scene.card("E0001")
    assert (card.state, card.version) == ("upheld", 1)
    with pytest.raises(InvalidInput, match="second review"):
        filed(scene, BAD)
    second = appeals.file_appeal(
        card, objection(BAD), actor=scene.user("E0001"), first_appeal=first
    )
    assert second.first_appeal == first
    appeal = appeals.accept_appeal(second, actor=account("dan"))
    assert appeal.due_days == 10
    with pytest.raises(Denied, match="You handled the first appeal"):
        appeals.investigate_appeal(appeal, actor=account("gus"))
    appeals.withdraw_appeal(appeal, actor=scene.user("E0001"))
    with pytest.raises(InvalidInput, match="no third"):
        appeals.file_appeal(card, objection(BAD), actor=scene.user("E0001"), first_appeal=first)


def test_executing_twice_does_it_once(scene):
    appeal = decided(scene, BAD)
    appeals.execute_appeal(appeal, actor=account("dan"))
    entries = LedgerEntry.objects.count()
    again = appeals.execute_appeal(appeal, actor=account("ada"))
    assert again.state == State.EXECUTED
    assert LedgerEntry.objects.count() == entries
    assert Scorecard.objects.filter(employee=appeal.employee).count() == 2


def test_the_response_is_excluded_by_the_decider_and_the_row_names_the_appeal(scene):
    appeal = appeals.execute_appeal(decided(scene, BAD), actor=account("dan"))
    response = find_response(BAD)
    verdict = Verdict.objects.filter(response_id=response.id).order_by("-seq").first()
    assert (verdict.verdict, verdict.decided_by.username, verdict.source) == (
        "excluded",
        "gus",
        appeal.appeal_no,
    )


def test_one_open_appeal_and_only_own_responses_of_the_period(scene):
    with pytest.raises(InvalidInput, match="no response of this person"):
        filed(scene, "R-E0002-1")
    with pytest.raises(InvalidInput, match="twice"):
        filed(scene, BAD, BAD)
    with pytest.raises(Denied):
        appeals.file_appeal(scene.card("E0001"), objection(BAD), actor=scene.user("E0005"))
    appeal = filed(scene, f"L11/{BAD}")
    assert appeal.appeal_no.startswith("AP-")
    assert scene.card("E0001").state == "under_appeal"
    with pytest.raises(Conflict, match="open already"):
        filed(scene)
    assert Appeal.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.create(
            appeal_no="AP-X",
            employee=appeal.employee,
            scorecard=appeal.scorecard,
            subject="scorecard",
            created_by=appeal.created_by,
            created_at=appeal.created_at,
            notice_on=appeal.notice_on,
            file_until=appeal.file_until,
        )


def test_withdrawing_sets_the_scorecard_free_again(scene):
    appeal = filed(scene, BAD)
    appeals.withdraw_appeal(appeal, actor=scene.user("E0001"))
    assert scene.card("E0001").state == "released"
    assert filed(scene, BAD).state == State.SUBMITTED


def test_a_decided_appeal_cannot_be_withdrawn(scene):
    appeal = decided(scene, BAD)
    with pytest.raises(InvalidTransition):
        appeals.withdraw_appeal(appeal, actor=scene.user("E0001"))


def test_the_fifth_working_day_is_in_time_and_the_sixth_needs_a_reason(scene):
    appeal = filed(scene, BAD, now=scene.at(5, hour=23))
    assert appeal.late is False
    appeals.withdraw_appeal(appeal, actor=scene.user("E0001"), now=scene.at(5, hour=23))
    with pytest.raises(InvalidInput, match="late"):
        filed(scene, BAD, now=scene.at(6))
    late = appeals.file_appeal(
        scene.card("E0001"),
        objection(BAD, late_reason="in hospital"),
        actor=scene.user("E0001"),
        now=scene.at(6),
    )
    assert late.late is True
    with pytest.raises(InvalidInput, match="heard all the same"):
        appeals.accept_appeal(late, actor=account("dan"), now=scene.at(6))
    with pytest.raises(Denied, match="approved"):
        appeals.accept_appeal(late, actor=account("cyd"), reason="yes", now=scene.at(6))
    assert (
        appeals.accept_appeal(
            late, actor=account("dan"), reason="certificate seen", now=scene.at(6)
        ).state
        == State.ACCEPTED
    )


def test_asking_for_information_and_answering(scene):
    appeal = filed(scene, BAD)
    with pytest.raises(InvalidInput, match="missing"):
        appeals.return_appeal(appeal, reason="", actor=account("dan"))
    appeal = appeals.return_appeal(appeal, reason="which class?", actor=account("dan"))
    assert (appeal.state, appeal.due_days) == (State.RETURNED_FOR_INFO, 3)
    appeal = appeals.answer_appeal(appeal, text="class 7", actor=scene.user("E0001"))
    assert appeal.state == State.SUBMITTED
    notes = [event.note.text for event in appeal.events.all() if hasattr(event, "note")]
    assert notes == ["which class?", "class 7"]


def test_an_inadmissible_appeal_needs_a_reason_and_ends(scene):
    appeal = filed(scene, BAD)
    with pytest.raises(InvalidInput):
        appeals.reject_appeal(appeal, reason="", actor=account("dan"))
    appeals.reject_appeal(appeal, reason="not a result", actor=account("dan"))
    assert scene.card("E0001").state == "released"


def test_deadlines_run_per_stage_and_a_missed_one_escalates_once_and_decides_nothing(scene):
    appeal = filed(scene, BAD, now=scene.at(1))
    appeal = appeals.accept_appeal(appeal, actor=account("dan"), now=scene.at(2))
    assert appeal.due_at == scene.at(7).replace(hour=0) + timedelta(days=1)
    appeal = appeals.investigate_appeal(appeal, actor=account("dan"), now=scene.at(4))
    assert appeal.due_at == scene.at(7).replace(hour=0) + timedelta(days=1)
    appeal = appeals.extend_appeal(
        appeal, reason="witness away", actor=account("dan"), now=scene.at(6)
    )
    assert appeal.due_at == scene.at(12).replace(hour=0) + timedelta(days=1)
    with pytest.raises(InvalidInput, match="once"):
        appeals.extend_appeal(appeal, reason="again", actor=account("dan"), now=scene.at(6))
    assert appeals.escalate_overdue(now=scene.at(12, hour=23)) == 0
    assert appeals.escalate_overdue(now=scene.at(13, hour=0)) == 1
    assert appeals.escalate_overdue(now=scene.at(14)) == 0
    appeal.refresh_from_db()
    assert (appeal.state, appeal.outcome) == (State.INVESTIGATING, "")
    told = Notification.objects.filter(verb="appeal.escalated")
    assert set(told.values_list("user__username", flat=True)) >= {"ada", "gus", "cyd"}
    run = appeals.dry_run_appeal(appeal, actor=account("dan"), now=scene.at(14))
    appeal.refresh_from_db()
    due = appeal.due_at
    assert due == scene.at(17).replace(hour=0) + timedelta(days=1)
    appeals.dry_run_appeal(appeal, actor=account("dan"), now=scene.at(15))
    appeal.refresh_from_db()
    assert appeal.due_at == due
    assert run.number == 1


def test_the_beat_task_escalates(scene):
    appeal = filed(scene, BAD)
    Appeal.objects.filter(pk=appeal.pk).update(due_at=appeal.due_at - timedelta(days=90))
    Appeal.objects.filter(pk=appeal.pk).update(due_from=appeal.due_from - timedelta(days=90))
    escalate_overdue_appeals()
    appeal.refresh_from_db()
    assert appeal.escalated_at is not None
    event = appeal.events.get(verb="escalated")
    assert event.actor is None


def test_evidence_is_typed_by_its_content(scene):
    appeal = filed(scene, BAD)
    me = scene.user("E0001")
    file = appeals.attach_file(appeal, "a/b/list.exe", b"%PDF-1.7 x", actor=me)
    assert (file.name, file.content_type) == ("list.exe", "application/pdf")
    assert appeals.attach_file(appeal, "again.pdf", b"%PDF-1.7 x", actor=me).pk == file.pk
    for content in (b"MZ\x90\x00\x00", b"", b"\x00" * 20, b"x" * (10 * 1024 * 1024 + 1)):
        with pytest.raises(InvalidInput):
            appeals.attach_file(appeal, "x", content, actor=me)
    with pytest.raises(Denied):
        appeals.attach_file(appeal, "x.txt", b"text", actor=scene.user("E0005"))


def test_appeals_are_seen_by_the_appellant_and_the_panel(scene):
    filed(scene, BAD)
    seen = {
        name: Appeal.objects.visible_to(user).count()
        for name, user in {
            "own": scene.user("E0001"),
            "other": scene.user("E0005"),
            "panel": account("dan"),
            "hr": account("hana"),
            "analyst": account("anna", "analyst"),
        }.items()
    }
    assert seen == {"own": 1, "other": 0, "panel": 1, "hr": 1, "analyst": 0}


def test_timeline_and_dry_runs_are_append_only(scene):
    decided(scene, BAD)
    for change in (
        lambda: AppealEvent.objects.update(verb="x"),
        lambda: AppealDryRun.objects.update(content_hash="x"),
        lambda: AppealEvent.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_facts_changed_behind_the_dry_run_stop_the_decision(scene):
    appeal = investigated(scene, BAD)
    run = appeals.dry_run_appeal(appeal, actor=account("dan"))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE incentives_performancepay SET performance_pay = 1000, amount = 600"
            " WHERE employee_id = %s",
            [appeal.employee_id],
        )
    with pytest.raises(Conflict, match="run it again"):
        appeals.decide_appeal(
            appeal,
            outcome="upheld",
            reason="facts",
            confirm=run.content_hash,
            actor=account("gus"),
        )


def test_the_lineage_of_a_corrected_line_names_everybody_and_every_answer(scene):
    pay_november()
    appeal = appeals.execute_appeal(decided(scene, BAD), actor=account("dan"))
    batch = payroll.build(DECEMBER, actor=account("hana"))
    text = "\n".join(as_text(lineage_of(line_by_no(f"{batch.batch_no}/2"))))
    for piece in (
        f"{batch.batch_no}/2: E0001, PERF-PAY 2025-11, +2000.00 CNY",
        f"appeal {appeal.appeal_no}: upheld, decided by gus",
        "decided by ada",
        "policy LECT-2025 v1, activated by ada",
        "scorecard 2025-11 v2: 87.50, B, coefficient 1.0",
        "replaces v1 (64.06, D)",
        "score by op",
        "review by ben",
        "approve by cyd",
        "release by dan",
        "satisfaction (LECT-2025 v1, weight 100), 525 / 7, n 7",
        "responses: 7 counted, 1 not",
        f"L11/{BAD} 2025-11-11: 0.00, not counted (by appeal)",
        f"verdict excluded by gus: Decided by appeal {appeal.appeal_no}.",
        "overall 总体评价: 4, 75.00, weight 1",
    ):
        assert piece in text, piece
    first = "\n".join(as_text(lineage_of(line_by_no(f"{batch.batch_no}/1"))))
    assert "reverses line PB-2025-11/" in first


def test_the_command_goes_the_whole_way(scene, capsys):
    def run(*words: str) -> str:
        call_command("appeal", *words)
        return capsys.readouterr().out

    words = ("--period", "2025-11", "--reason", "x", "--request", "y", "--actor", "uE0001")
    number = run("file", "--response", BAD, *words).strip()
    run("accept", number, "--actor", "dan")
    run("investigate", number, "--actor", "dan", "--reason", "asked the registry")
    shown = run("dry_run", number, "--actor", "dan")
    confirm = shown.splitlines()[0].removeprefix("HASH ")
    assert "composite: 64.06 -> 87.50" in shown
    decide = ("decide", number, "--outcome", "upheld", "--reason", "facts", "--confirm", confirm)
    with pytest.raises(CommandError, match="You approved 2025-11"):
        run(*decide, "--actor", "cyd")
    run(*decide, "--actor", "gus", "--exclude", BAD)
    run("execute", number, "--actor", "dan")
    assert "executed, upheld, new scorecard version" in run("execute", number, "--actor", "dan")
    run("close", number, "--actor", "dan")
    timeline = run("show", number, "--actor", "uE0001")
    assert "investigating (dan): asked the registry" in timeline
    with pytest.raises(CommandError, match="There is no appeal"):
        run("show", number, "--actor", "uE0005")
