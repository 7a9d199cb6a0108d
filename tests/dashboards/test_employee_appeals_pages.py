"""Appeals in a browser: drafts with their files, submission, the panel's question, withdrawal."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import InvalidTransition
from incentives.models import Appeal, AppealFile, AppealNote
from incentives.models.appeals import EVIDENCE_LIMIT
from incentives.services import appeals
from incentives.services.appeals import filing
from tests.dashboards.appealing import browser_of, me, scene  # noqa: F401
from tests.dashboards.test_employee_scores_pages import text
from tests.incentives.company import account
from tests.incentives.filed import BAD, decided, filed

NEW = "/my/scores/2025-11/appeal/"
KEY = f"L11/{BAD}"
State = Appeal.State


def said(**more):
    return {"reason": "not my student", "request": "leave it out", "responses": [KEY], **more}


def note(name="note.txt", content=b"seen at the desk"):
    return SimpleUploadedFile(name, content)


def test_picked_on_the_score_page_it_is_ticked_on_the_form(scene, me):  # noqa: F811
    page = me.get(NEW, {"response": KEY, "indicator": "satisfaction"}).content.decode()
    ticked = re.search(rf'<input[^>]*value="{re.escape(KEY)}"[^>]*>', page)
    assert ticked is not None
    assert "checked" in ticked[0]
    assert "About Customer satisfaction score:" in page


def test_an_unfinished_draft_is_kept_with_its_files_and_found_again(scene, me):  # noqa: F811
    answer = me.post(NEW, {"do": "save", "reason": "half a thought", "files": [note()]})
    appeal = Appeal.objects.get()
    assert answer.headers["Location"] == f"/my/appeals/{appeal.appeal_no}/"
    assert (appeal.state, appeal.reason, appeal.request) == (State.DRAFT, "half a thought", "")
    assert appeal.appeal_no in text(me.get("/my/appeals/"))
    page = me.get(f"/my/appeals/{appeal.appeal_no}/").content.decode()
    assert "half a thought" in page
    assert "note.txt" in page
    assert me.get(NEW).headers["Location"] == f"/my/appeals/{appeal.appeal_no}/"


def test_submitting_too_early_says_what_is_missing_and_loses_nothing(scene, me):  # noqa: F811
    answer = me.post(NEW, {"do": "submit", "reason": "only this", "files": [note()]})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "An appeal says what it asks for." in page
    assert "only this" in page
    appeal = Appeal.objects.get()
    assert (appeal.state, appeal.files.count()) == (State.DRAFT, 1)


def test_submitted_it_has_stages_a_deadline_and_no_more_form(scene, me):  # noqa: F811
    answer = me.post(NEW, said(do="submit", files=[note()]))
    appeal = Appeal.objects.get()
    assert answer.headers["Location"] == f"/my/appeals/{appeal.appeal_no}/"
    assert (appeal.state, appeal.responses) == (State.SUBMITTED, [BAD])
    assert scene.card("E0001").state == "under_appeal"
    shown = text(me.get(f"/my/appeals/{appeal.appeal_no}/"))
    for words in ("Submitted", "Looked into", "appeal submitted", "not my student", "note.txt"):
        assert words in shown
    assert "Save the draft" not in shown
    assert me.post(f"/my/appeals/{appeal.appeal_no}/", said(do="save")).status_code == 409
    assert Appeal.objects.get().reason == "not my student"


def test_what_was_typed_too_late_is_shown_again(scene, me):  # noqa: F811
    appeal = filed(scene, BAD)
    url = f"/my/appeals/{appeal.appeal_no}/"
    late = said(do="save", reason="more\nof it", request="as before")
    for where, data in ((url, late), (url + "answer/", {"text": "more\nof it"})):
        answer = me.post(where, data)
        page = answer.content.decode()
        assert (answer.status_code, "more<br>of it" in page) == (409, True), where
        assert "is submitted; it cannot become submitted." in page
    appeals.withdraw_appeal(appeal, actor=scene.user("E0001"))
    answer = me.post(url + "withdraw/", {"reason": "a better idea"})
    assert (answer.status_code, "a better idea" in answer.content.decode()) == (409, True)
    appeal.refresh_from_db()
    assert (appeal.state, appeal.reason) == (State.WITHDRAWN, "not my student")


def test_files_of_an_answer_that_is_refused_are_not_kept(scene, me):  # noqa: F811
    appeal = filed(scene, BAD)
    data = {"text": "here it is", "files": [note()]}
    answer = me.post(f"/my/appeals/{appeal.appeal_no}/answer/", data)
    assert (answer.status_code, "here it is" in answer.content.decode()) == (409, True)
    assert appeal.files.count() == 0


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("proof.pdf", b"MZ\x90\x00\x03", "is not a PDF"),
        ("proof.png", b"<html><script>alert(1)</script></html>", "is not a PDF"),
        ("proof.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a PDF"),
        ("big.pdf", b"%PDF-" + b"0" * EVIDENCE_LIMIT, "larger than 10 MB"),
    ],
)
def test_files_are_what_they_hold_and_the_text_stays(scene, me, name, content, words):  # noqa: F811
    answer = me.post(NEW, said(do="submit", files=[note(name, content)]))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert "not my student" in page
    assert AppealFile.objects.count() == 0
    assert not Appeal.objects.exclude(state=State.DRAFT).exists()
    assert scene.card("E0001").state == "released"


def test_a_file_is_saved_not_shown_and_only_for_those_concerned(scene, me):  # noqa: F811
    appeal = filed(scene, BAD)
    file = appeals.attach_file(
        appeal, "../x/Beleg.html", "接待记录".encode(), actor=scene.user("E0001")
    )
    url = f"/appeal-files/{appeal.appeal_no}/{file.pk}/"
    answer = me.get(url)
    assert answer.content.decode() == "接待记录"
    assert answer["Content-Type"] == "text/plain"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == 'attachment; filename="Beleg.html.txt"'
    seen = {name: browser_of(account(name)).get(url).status_code for name in ("dan", "gus", "hana")}
    assert seen == {"dan": 200, "gus": 200, "hana": 200}
    assert browser_of(scene.user("E0005")).get(url).status_code == 404
    assert browser_of(account("op")).get(url).status_code == 404
    assert me.get(f"/appeal-files/AP-0000-000/{file.pk}/").status_code == 404


def test_a_file_leaves_a_draft_and_the_words_stay(scene, me):  # noqa: F811
    me.post(NEW, said(do="save", files=[note()]))
    appeal = Appeal.objects.get()
    url = f"/my/appeals/{appeal.appeal_no}/"
    me.post(url, said(remove=str(appeal.files.get().pk), reason="more words"))
    appeal.refresh_from_db()
    assert (appeal.files.count(), appeal.reason) == (0, "more words")
    draft_of_another = browser_of(scene.user("E0005")).get(url)
    assert draft_of_another.status_code == 404


def test_two_windows_one_appeal(scene, me):  # noqa: F811
    me.post(NEW, said(do="save"))
    answer = me.post(NEW, said(do="save", reason="from the other window"))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "is open already" in page
    assert "from the other window" in page
    assert Appeal.objects.count() == 1


def test_a_submission_refused_after_its_draft_was_kept_says_that_it_is_kept(
    scene,  # noqa: F811
    me,  # noqa: F811
    monkeypatch,
):
    def refused(*_args, **_more):
        raise InvalidTransition("The scorecard is under appeal.")

    monkeypatch.setattr(filing.assessments, "put_under_appeal", refused)
    answer = me.post(NEW, said(do="submit", reason="kept words"))
    page = answer.content.decode()
    assert (answer.status_code, "Nothing you sent was stored." in page) == (409, False)
    assert "The scorecard is under appeal." in page
    assert "The draft is saved." in page
    appeal = Appeal.objects.get()
    assert (appeal.state, appeal.reason) == (State.DRAFT, "kept words")


def test_a_draft_submitted_in_another_window_is_shown_as_it_stands(
    scene,  # noqa: F811
    me,  # noqa: F811
    monkeypatch,
):
    me.post(NEW, said(do="save"))
    appeal, submit = Appeal.objects.get(), appeals.submit_appeal

    def after_the_other(draft, *, actor):
        submit(Appeal.objects.get(), actor=actor)
        return submit(draft, actor=actor)

    monkeypatch.setattr(appeals, "submit_appeal", after_the_other)
    answer = me.post(f"/my/appeals/{appeal.appeal_no}/", said(do="submit", reason="last words"))
    page = answer.content.decode()
    assert (answer.status_code, "Nothing you sent was stored." in page) == (409, False)
    assert "is submitted; it cannot become submitted." in page
    assert Appeal.objects.get().reason == "last words"


def test_a_discarded_draft_gives_its_text_as_no_reason(scene, me):  # noqa: F811
    me.post(NEW, said(do="save"))
    url = f"/my/appeals/{Appeal.objects.get().appeal_no}/withdraw/"
    assert me.post(url, said(discard="1")).status_code == 302
    assert Appeal.objects.get().state == State.WITHDRAWN
    assert not AppealNote.objects.exists()


def test_what_was_submitted_meanwhile_is_not_discarded(scene, me):  # noqa: F811
    appeal = filed(scene, BAD)
    url = f"/my/appeals/{appeal.appeal_no}/"
    answer = me.post(url + "withdraw/", said(discard="1"))
    assert answer.status_code == 409
    assert "is submitted already; it is not withdrawn." in answer.content.decode()
    assert Appeal.objects.get().state == State.SUBMITTED
    assert 'name="discard"' not in me.get(url).content.decode()


def test_the_panels_question_is_answered_with_a_file(scene, me):  # noqa: F811
    appeal = filed(scene, BAD)
    appeals.return_appeal(appeal, reason="Which class was it?", actor=account("dan"))
    url = f"/my/appeals/{appeal.appeal_no}/"
    shown = text(me.get(url))
    assert "The panel asks you" in shown
    assert "Which class was it?" in shown
    empty = me.post(url + "answer/", {"text": " "})
    assert empty.status_code == 422
    bad = me.post(url + "answer/", {"text": "class 3", "files": [note("x.svg", b"<svg/>")]})
    assert (bad.status_code, "class 3" in bad.content.decode()) == (422, True)
    assert Appeal.objects.get().state == State.RETURNED_FOR_INFO
    assert me.post(url + "answer/", {"text": "class 3", "files": [note()]}).status_code == 302
    appeal.refresh_from_db()
    assert (appeal.state, appeal.files.count()) == (State.SUBMITTED, 1)
    assert "class 3" in text(me.get(url))


def test_withdrawn_the_score_is_as_before_and_others_cannot(scene, me):  # noqa: F811
    appeal = filed(scene, BAD)
    url = f"/my/appeals/{appeal.appeal_no}/withdraw/"
    assert browser_of(scene.user("E0005")).post(url).status_code == 404
    assert Appeal.objects.get().state == State.SUBMITTED
    assert me.post(url, {"reason": "cleared up"}).status_code == 302
    assert Appeal.objects.get().state == State.WITHDRAWN
    assert scene.card("E0001").state == "released"
    assert me.post(url).status_code == 409


def test_the_decision_stands_with_before_after_and_reasons(scene, me):  # noqa: F811
    appeal = appeals.execute_appeal(decided(scene, BAD), actor=account("dan"))
    shown = text(me.get(f"/my/appeals/{appeal.appeal_no}/"))
    assert "Decision: upheld the registry shows another class" in shown
    for row in ("Composite 64.06 87.50", "Grade D B", "Coefficient 0.6 1.0"):
        assert row in shown
    assert "Performance pay, CNY 1,200.00 2,000.00" in shown
    assert "supported" in shown
    assert "gus" not in shown  # a role, no name
    assert "Open version 2 of the score" in shown


def test_a_second_review_is_asked_for_once(scene, me):  # noqa: F811
    first = decided(scene, BAD, outcome="maintained")
    url = f"/my/appeals/{first.appeal_no}/"
    assert "Ask for a second review" in text(me.get(url))
    # without naming the first appeal it is refused
    assert "ask for a second review" in me.post(NEW, said(do="save")).content.decode()
    answer = me.post(f"{NEW}?first={first.appeal_no}", said(do="submit"))
    second = Appeal.objects.exclude(pk=first.pk).get()
    assert (answer.status_code, second.first_appeal, second.state) == (302, first, State.SUBMITTED)
    shown = text(me.get(url))
    assert "Open the second review" in shown
    assert "Ask for a second review" not in shown


def test_queries_of_the_form_do_not_grow(scene, me):  # noqa: F811
    me.post(NEW, said(do="save", files=[note()]))
    url = f"/my/appeals/{Appeal.objects.get().appeal_no}/"
    me.get(url)
    with CaptureQueriesContext(connection) as queries:
        me.get(url)
    assert len(queries) <= 25, [query["sql"][:120] for query in queries]


def test_in_chinese(scene):  # noqa: F811
    client = browser_of(scene.user("E0001"), "zh-hans")
    shown = text(client.get(NEW))
    for words in ("对 2025 年 11 月得分提出申诉", "保存草稿", "提交申诉", "您的权利"):
        assert words in shown
