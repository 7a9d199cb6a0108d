"""The panel's pages of appeals: what they show, each verb allowed and refused, two at once."""

import pytest
from django.db import connection, transaction
from django.urls import reverse

from core.models import AuditEntry
from incentives.models import Appeal, AppealDryRun, AppealEvent, LedgerEntry
from incentives.services import appeals
from tests.incentives.company import account
from tests.incentives.filed import BAD, filed, investigated
from tests.pages import browser, queries, text

State = Appeal.State


def _post(user, name, appeal, *extra, **data):
    return browser(user).post(reverse(name, args=[appeal.appeal_no, *extra]), data)


def _state(appeal):
    return Appeal.objects.get(pk=appeal.pk).state


def test_an_appeal_goes_from_the_claim_to_its_execution_by_its_page(scene):
    appeal = filed(scene, BAD)
    dan, gus = account("dan"), account("gus")
    page = text(browser(dan).get(f"/appeals/{appeal.appeal_no}/"))
    assert "not my student" in page
    assert BAD in page
    assert "Accept appeal" in page
    assert _post(dan, "appeal_step", appeal, "accept", reason="").status_code == 302
    assert _post(dan, "appeal_step", appeal, "investigate", reason="asked").status_code == 302
    claim = appeal.claims.get()
    assert _post(dan, "appeal_dry_run", appeal, claims=[claim.pk]).status_code == 302
    run = AppealDryRun.objects.get()
    page = text(browser(gus).get(f"/appeals/{appeal.appeal_no}/"))
    assert "The claim moves the score from 64.06 to <b>87.50</b>" in page
    assert "the grade from D to <b>B</b>" in page
    assert "Pay changes by <b>CNY +800.00</b>." in page
    assert '<td class="num">1,200.00</td> <td class="num b">2,000.00</td>' in page
    assert run.content_hash in page
    decision = {"outcome": "upheld", "reason": "the registry", "confirm": run.content_hash}
    assert _post(gus, "appeal_decide", appeal, **decision, seen="on").status_code == 302
    assert _state(appeal) == State.NOTIFIED
    assert _post(dan, "appeal_step", appeal, "execute").status_code == 302
    assert _state(appeal) == State.EXECUTED
    assert scene.card("E0001").grade == "B"
    page = text(browser(dan).get(f"/appeals/{appeal.appeal_no}/"))
    assert "the registry" in page
    assert _post(dan, "appeal_step", appeal, "close").status_code == 302
    assert _state(appeal) == State.CLOSED


def test_each_claim_is_recomputed_alone_and_then_together(scene):
    appeal = investigated(scene, BAD, "R-E0001-1")
    ids = list(appeal.claims.values_list("pk", flat=True))
    assert _post(account("dan"), "appeal_dry_run", appeal, claims=ids).status_code == 302
    runs = AppealDryRun.objects.order_by("number")
    assert [[row["no"] for row in run.excluded] for run in runs] == [
        [BAD],
        ["R-E0001-1"],
        [BAD, "R-E0001-1"],
    ]
    page = text(browser(account("gus")).get(f"/appeals/{appeal.appeal_no}/"))
    assert "2 claims together move the score from 64.06" in page
    assert "Claim A alone would change the grade." in page
    assert _post(account("dan"), "appeal_dry_run", appeal, claims=ids[:1]).status_code == 302
    assert [row["no"] for row in AppealDryRun.objects.latest("number").excluded] == [BAD]


def test_who_is_barred_reads_why_and_can_do_nothing(scene):
    appeal = investigated(scene, BAD)
    run = appeals.dry_run_appeal(appeal, actor=account("dan"))
    before = (AuditEntry.objects.count(), AppealEvent.objects.count())
    for name, reason in (
        ("cyd", "You approved 2025-11."),
        ("uE0008", "You are a superior of the appellant."),
    ):
        user = account(name)
        page = text(browser(user).get(f"/appeals/{appeal.appeal_no}/"))
        assert reason in page
        assert "disabled" in page
        answer = _post(
            user,
            "appeal_decide",
            appeal,
            outcome="upheld",
            reason="so be it",
            confirm=run.content_hash,
            seen="on",
        )
        assert (answer.status_code, reason in text(answer)) == (403, True)
    assert (AuditEntry.objects.count(), AppealEvent.objects.count()) == before
    assert _state(appeal) == State.RECOMPUTED
    page = text(browser(account("gus")).get(f"/appeals/{appeal.appeal_no}/"))
    assert "barred: approved the period" in page
    assert "barred: superior of the appellant" in page


def test_a_decision_needs_its_reason_its_tick_and_the_last_dry_run(scene):
    appeal = investigated(scene, BAD)
    first = appeals.dry_run_appeal(appeal, actor=account("dan"))
    appeals.dry_run_appeal(appeal, actor=account("dan"), exclude=["R-E0001-1"])
    gus = account("gus")
    good = {"outcome": "upheld", "reason": "facts", "seen": "on", "confirm": first.content_hash}
    for change, words in (
        ({}, "The hash is not that of the last dry run"),
        ({"reason": ""}, "A decision needs reasons."),
        ({"seen": ""}, "Open the evidence and tick this first."),
        ({"outcome": ""}, "Choose the decision."),
    ):
        answer = _post(gus, "appeal_decide", appeal, **{**good, **change})
        assert (answer.status_code, words in text(answer)) == (422, True), words
    assert "facts" in text(_post(gus, "appeal_decide", appeal, **{**good, "seen": ""}))
    assert _state(appeal) == State.RECOMPUTED


def test_the_second_decider_finds_it_decided(scene):
    appeal = investigated(scene, BAD)
    run = appeals.dry_run_appeal(appeal, actor=account("dan"))
    words = {"reason": "facts", "seen": "on", "confirm": run.content_hash}
    gus, ben = account("gus"), account("ben")
    assert _post(gus, "appeal_decide", appeal, outcome="upheld", **words).status_code == 302
    answer = _post(ben, "appeal_decide", appeal, outcome="maintained", **words)
    assert answer.status_code == 409
    assert Appeal.objects.get(pk=appeal.pk).outcome == "upheld"
    entries = LedgerEntry.objects.count()
    assert _post(gus, "appeal_step", appeal, "execute").status_code == 302
    done = LedgerEntry.objects.count()
    assert done > entries
    assert _post(gus, "appeal_step", appeal, "execute").status_code == 302  # a double click
    assert LedgerEntry.objects.count() == done


def test_what_was_typed_for_a_step_that_came_too_late_is_shown_again(scene):
    appeal = investigated(scene, BAD)
    run = appeals.dry_run_appeal(appeal, actor=account("dan"))
    words = {"outcome": "upheld", "seen": "on", "confirm": run.content_hash}
    _post(account("gus"), "appeal_decide", appeal, reason="facts", **words)
    for name, extra, data in (
        ("appeal_decide", (), words),
        ("appeal_step", ("investigate",), {}),
    ):
        answer = _post(account("ben"), name, appeal, *extra, reason="a long\nthought", **data)
        page = text(answer)
        assert (answer.status_code, "a long<br>thought" in page) == (409, True), name
        assert "is employee told; it cannot become" in page
        assert "Nothing you sent was stored." in page
    assert Appeal.objects.get(pk=appeal.pk).decision_reason == "facts"


def test_figures_that_changed_leave_the_decision_as_it_was_typed(scene):
    appeal = investigated(scene, BAD)
    run = appeals.dry_run_appeal(appeal, actor=account("dan"))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE incentives_performancepay SET performance_pay = 1, amount = 1")
    words = {"outcome": "partly", "seen": "on", "confirm": run.content_hash}
    answer = _post(account("gus"), "appeal_decide", appeal, reason="my long thought", **words)
    page = text(answer)
    assert answer.status_code == 409
    assert "The figures have changed since the dry run; run it again." in page
    assert "my long thought</textarea>" in page
    assert 'value="partly" checked' in page
    assert _state(appeal) == State.RECOMPUTED


@pytest.mark.parametrize("verb", ["return", "reject"])
def test_asking_and_refusing_need_words_to_the_employee(scene, verb):
    appeal = filed(scene, BAD)
    answer = _post(account("dan"), "appeal_step", appeal, verb, reason=" ")
    assert (answer.status_code, "Write the reason." in text(answer)) == (422, True)
    assert _state(appeal) == State.SUBMITTED
    assert (
        _post(account("dan"), "appeal_step", appeal, verb, reason="which one?").status_code == 302
    )
    page = text(browser(account("dan")).get(f"/appeals/{appeal.appeal_no}/"))
    assert "which one?" in page


def test_a_late_appeal_is_accepted_with_a_reason_only(scene):
    appeal = appeals.file_appeal(
        scene.card("E0001"),
        appeals.Objection("late", "leave it out", (BAD,), late_reason="was ill"),
        actor=scene.user("E0001"),
        now=scene.at(9),
    )
    answer = _post(account("dan"), "appeal_step", appeal, "accept", reason="")
    assert (answer.status_code, "say why it is heard" in text(answer)) == (422, True)
    assert _state(appeal) == State.SUBMITTED


def test_the_list_filters_searches_and_costs_the_same_for_many(scene):
    filed(scene, BAD)
    dan = account("dan")
    page = text(browser(dan).get("/appeals/"))
    assert "Person 1" in page
    assert "No appeal here." in text(browser(dan).get("/appeals/?state=closed"))
    assert "No appeal here." in text(browser(dan).get("/appeals/?q=nobody"))
    one = queries(browser(dan), "/appeals/")
    appeals.file_appeal(
        scene.card("E0005"),
        appeals.Objection("too low", "look again"),
        actor=scene.user("E0005"),
    )
    assert queries(browser(dan), "/appeals/") == one
    assert one <= 25


def test_pay_is_not_shown_to_the_assessment_group_and_nothing_to_others(scene):
    appeal = investigated(scene, BAD)
    appeals.dry_run_appeal(appeal, actor=account("dan"))
    path = f"/appeals/{appeal.appeal_no}/"
    page = text(browser(account("ben")).get(path))
    assert "1,200.00" not in page
    assert "Pay is seen by HR and the management group only." in page
    assert browser(account("stranger", "employee")).get(path).status_code == 403
    assert browser(account("ben")).get("/appeals/AP-1999-001/").status_code == 404
    assert queries(browser(account("gus")), path) <= 34
