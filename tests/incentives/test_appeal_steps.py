"""The way of an appeal: states, working days, evidence, and who keeps out."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.errors import Conflict, InvalidInput, InvalidTransition
from core.models import AuditEntry, Notification
from core.permissions import Denied
from incentives.models import (
    Appeal,
    AppealDryRun,
    AppealEvent,
)
from incentives.queries.appeals import barred
from incentives.services import appeals
from incentives.tasks import escalate_overdue_appeals
from tests.incentives import surveyed
from tests.incentives.company import account
from tests.incentives.filed import BAD, decided, filed, investigated, objection
from tests.incentives.files import pdf

State = Appeal.State


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
    file = appeals.attach_file(appeal, "a/b/list.exe", pdf(), actor=me)
    assert (file.name, file.content_type) == ("list.exe", "application/pdf")
    assert appeals.attach_file(appeal, "again.pdf", pdf(), actor=me).pk == file.pk
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
