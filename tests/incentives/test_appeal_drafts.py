"""A draft can be unfinished, is its writer's alone, and is asked for everything when submitted."""

import datetime as dt

import pytest

from core.errors import Conflict, InvalidInput, InvalidTransition
from core.permissions import Denied
from incentives.models import Appeal
from incentives.services import appeals
from tests.incentives.company import account
from tests.incentives.filed import BAD, filed, objection

State = Appeal.State
NOTHING = appeals.Objection(reason="", request="")


def draft(scene, said=NOTHING, now=None):
    return appeals.draft_appeal(scene.card("E0001"), said, actor=scene.user("E0001"), now=now)


def test_a_draft_may_lack_everything_and_submitting_asks_for_it(scene):
    me = scene.user("E0001")
    appeal = draft(scene)
    assert (appeal.state, appeal.reason, appeal.request) == (State.DRAFT, "", "")
    with pytest.raises(InvalidInput, match="needs a reason"):
        appeals.submit_appeal(appeal, actor=me)
    appeal = appeals.save_draft(
        appeal, appeals.Objection(reason="wrong class", request=" "), actor=me
    )
    with pytest.raises(InvalidInput, match="asks for"):
        appeals.submit_appeal(appeal, actor=me)
    assert scene.card("E0001").state == "released"
    appeal = appeals.save_draft(appeal, objection(BAD), actor=me)
    assert (appeal.subject, appeal.responses) == ("response", [BAD])
    appeal = appeals.save_draft(appeal, objection(), actor=me)
    assert (appeal.subject, appeal.responses) == ("scorecard", [])
    assert appeals.submit_appeal(appeal, actor=me, now=scene.at(1)).state == State.SUBMITTED
    assert scene.card("E0001").state == "under_appeal"


def test_only_the_writer_saves_and_only_a_draft(scene):
    appeal = draft(scene)
    with pytest.raises(Denied):
        appeals.save_draft(appeal, objection(BAD), actor=scene.user("E0005"))
    appeals.save_draft(appeal, objection(BAD), actor=scene.user("E0001"))
    appeals.submit_appeal(appeal, actor=scene.user("E0001"), now=scene.at(1))
    with pytest.raises(InvalidTransition, match="cannot become"):
        appeals.save_draft(appeal, appeals.Objection("another", "thing"), actor=scene.user("E0001"))
    appeal.refresh_from_db()
    assert (appeal.reason, appeal.responses) == ("not my student", [BAD])


def test_a_second_draft_is_refused_and_a_second_submission_too(scene):
    appeal = draft(scene, objection(BAD))
    with pytest.raises(Conflict):
        draft(scene, objection(BAD))
    appeals.submit_appeal(appeal, actor=scene.user("E0001"), now=scene.at(1))
    with pytest.raises(InvalidTransition):
        appeals.submit_appeal(appeal, actor=scene.user("E0001"), now=scene.at(1))
    assert appeal.events.filter(verb="submitted").count() == 1


def test_the_deadline_ends_at_24_and_not_before(scene):
    """The fifth working day holds to its last microsecond; 24:00 itself is late."""
    appeal = draft(scene, objection(BAD))
    end = appeal.file_until
    assert end == scene.at(5, hour=0) + dt.timedelta(days=1)
    with pytest.raises(InvalidInput, match="deadline has passed"):
        appeals.submit_appeal(appeal, actor=scene.user("E0001"), now=end)
    last = end - dt.timedelta(microseconds=1)
    assert appeals.submit_appeal(appeal, actor=scene.user("E0001"), now=last).late is False


def test_a_reason_for_being_late_written_in_the_draft_is_enough(scene):
    said = appeals.Objection("wrong class", "leave it out", (), "in hospital")
    appeal = draft(scene, said)
    appeal = appeals.submit_appeal(appeal, actor=scene.user("E0001"), now=scene.at(9))
    assert (appeal.late, appeal.late_reason) == (True, "in hospital")


def test_nobody_else_sees_a_draft(scene):
    appeal = draft(scene)
    seen = lambda name: Appeal.objects.visible_to(account(name)).filter(pk=appeal.pk)  # noqa: E731
    assert Appeal.objects.visible_to(scene.user("E0001")).get() == appeal
    assert [seen(name).exists() for name in ("gus", "dan", "hana")] == [False] * 3
    appeals.save_draft(appeal, objection(BAD), actor=scene.user("E0001"))
    appeals.submit_appeal(appeal, actor=scene.user("E0001"), now=scene.at(1))
    assert [seen(name).exists() for name in ("gus", "dan", "hana")] == [True] * 3


def test_five_files_at_most_and_out_again_only_from_a_draft(scene):
    me = scene.user("E0001")
    appeal = draft(scene, objection(BAD))
    files = [
        appeals.attach_file(appeal, f"../{n}.txt", f"note {n}".encode(), actor=me) for n in range(5)
    ]
    assert files[0].name == "0.txt"
    with pytest.raises(InvalidInput, match="at most 5"):
        appeals.attach_file(appeal, "6.txt", b"one more", actor=me)
    # the same again is no sixth file
    assert appeals.attach_file(appeal, "again.txt", b"note 4", actor=me) == files[4]
    with pytest.raises(Denied):
        appeals.remove_file(files[0], actor=scene.user("E0005"))
    appeals.remove_file(files[0], actor=me)
    assert appeal.files.count() == 4
    appeals.submit_appeal(appeal, actor=me, now=scene.at(1))
    with pytest.raises(InvalidTransition, match="stays with it"):
        appeals.remove_file(files[1], actor=me)
    assert appeal.files.count() == 4


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("proof.pdf", b"MZ\x90\x00\x03"),
        ("proof.png", b"<html><script>alert(1)</script>"),
        ("proof.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("proof.txt", b""),
        ("proof.pdf", b"%PDF-1.7" + b"0" * (10 * 1024 * 1024)),
    ],
)
def test_evidence_is_judged_by_its_content(scene, name, content):
    appeal = draft(scene, objection(BAD))
    with pytest.raises(InvalidInput, match="proof"):
        appeals.attach_file(appeal, name, content, actor=scene.user("E0001"))
    assert appeal.files.count() == 0


def test_filing_in_one_go_still_needs_everything(scene):
    with pytest.raises(InvalidInput):
        appeals.file_appeal(scene.card("E0001"), NOTHING, actor=scene.user("E0001"))
    assert Appeal.objects.count() == 0
    assert filed(scene, BAD).state == State.SUBMITTED
