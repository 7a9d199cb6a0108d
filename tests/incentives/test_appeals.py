"""What an appeal moves: a dry run, a new version, the next payroll batch, and nobody else."""

from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from assessments import services as assessments
from assessments.models import Scorecard
from core import audit
from core.errors import Conflict, InvalidInput
from core.permissions import Denied
from incentives.models import (
    Appeal,
    LedgerEntry,
    PerformancePay,
)
from incentives.queries.appeals_shown import appeal_lines, dry_run_lines
from incentives.queries.lineage import as_text, lineage_of
from incentives.queries.payroll import line_by_no
from incentives.services import appeals, ledger, payroll
from surveys.models import Verdict
from surveys.queries import find_response
from tests.incentives import surveyed
from tests.incentives.company import DECEMBER, account
from tests.incentives.filed import BAD, decided, filed, investigated, objection, pay_november

State = Appeal.State


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
    assert batch.lines.get(line_no=2).remark == f"{appeal.appeal_no} {original.lines.get().no}"
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
    assert dry_run_lines(run, with_pay=True)[0] == f"HASH {run.content_hash}"
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


def test_of_several_responses_a_colleague_is_asked_only_about_the_shared_one(scene):
    appeal = investigated(scene, surveyed.SHARED, "R-E0001-1")
    run = appeals.dry_run_appeal(appeal, actor=account("dan"))
    assert [row["what"] for row in run.knock_on] == ["colleague", "department"]
    assert (run.knock_on[0]["before"]["n"], run.knock_on[0]["after"]["n"]) == ("1", "0")


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


@pytest.mark.django_db
@pytest.mark.parametrize("decide", [True, False])
def test_what_pays_more_is_not_lower_whether_pay_is_decided_or_not(decide):
    """Four answers are too few for a result, which pays 1.0 where grade D paid 0.6."""
    scene = surveyed.create(decide=decide)
    appeal = decided(scene, BAD, "R-E0001-1", "R-E0001-3", "R-E0001-4")
    appeal = appeals.execute_appeal(appeal, actor=account("dan"))
    assert (appeal.effect, scene.card("E0001").status) == ("revised", "not_assessed")


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
    # The assessment group does not see pay; the management group, asked for the same, does.
    assert "1200.00" not in shown
    assert "pay: for HR and the management group only" in shown
    again = run("dry_run", number, "--actor", "gus")
    assert again.splitlines()[0] == f"HASH {confirm}"
    assert "pay: 1200.00 -> 2000.00" in again
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
