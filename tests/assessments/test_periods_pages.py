"""The pages of periods and schemes: what they say, who may do what, and that a refusal changes
nothing."""

import pytest
from django.urls import reverse

from assessments.models import PeriodAction
from assessments.queries import evidence_hash
from core.models import AuditEntry, Job
from tests.assessments.world import LATER, account
from tests.incentives.racing import at_once
from tests.pages import browser, queries, text

KEY = "2025-11"
PAGE = f"/periods/{KEY}/"


@pytest.fixture
def scored(company):
    """Seven people with answers, scored by "scorer"."""
    company.scheme()
    company.crowd(7)
    company.score()
    return company


def _step(user, verb, **data):
    data = {"confirm": evidence_hash(_period()), "seen": "on", **data}
    return browser(user).post(reverse("period_step", args=[KEY, verb]), data)


def _period():
    from assessments.models import Period

    return Period.objects.get(key=KEY)


def test_the_board_and_the_period_say_what_was_scored_and_by_whom(scored):
    page = browser(scored.reviewer).get("/periods/")
    assert page.status_code == 200
    assert "November 2025" in text(page)
    assert ">scorer<" in text(page).replace(" ", "")
    page = text(browser(scored.reviewer).get(PAGE))
    assert "<b>7 people</b> have a result." in page
    assert evidence_hash(scored.period()) in page
    assert "Confirm review" in page
    assert "Cannot: scored this period." in page  # said of the scorer, to the reviewer


def test_three_people_take_a_period_to_its_release_with_the_hash_the_page_showed(scored):
    for user, verb, state in (
        (scored.reviewer, "review", "in_review"),
        (scored.approver, "approve", "approved"),
        (scored.releaser, "release", "released"),
    ):
        answer = _step(user, verb)
        assert (answer.status_code, answer.url) == (302, PAGE)
        assert scored.period().status == state
        last = PeriodAction.objects.order_by("-id")[0]
        assert (last.verb, last.actor, last.confirmed_hash) == (
            verb,
            user,
            evidence_hash(scored.period()),
        )


def test_the_scorer_reads_why_somebody_else_reviews_and_changes_nothing(scored):
    before = (PeriodAction.objects.count(), AuditEntry.objects.count())
    page = text(browser(scored.scorer).get(PAGE))
    assert "You scored this period: somebody else reviews." in page
    answer = _step(scored.scorer, "review")
    assert answer.status_code == 403
    assert "You scored this period: somebody else reviews." in text(answer)
    assert scored.period().status == "scored"
    assert (PeriodAction.objects.count(), AuditEntry.objects.count()) == before


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        ({"confirm": "0" * 64}, 409, "they have changed since you opened them"),
        ({"seen": ""}, 422, "Open the evidence and tick this first."),
        ({"confirm": ""}, 422, "There are"),
    ],
)
def test_without_the_evidence_nothing_is_confirmed(scored, data, status, words):
    answer = _step(scored.reviewer, "review", **data)
    assert answer.status_code == status
    if status == 409:
        assert words in text(answer)
    assert scored.period().status == "scored"
    assert not PeriodAction.objects.filter(verb="review").exists()


def test_who_comes_second_is_told_who_was_first(scored):
    other = account("other_reviewer", "assessment")
    assert _step(scored.reviewer, "review").status_code == 302
    answer = _step(other, "review")
    assert answer.status_code == 409
    assert "This has changed meanwhile" in text(answer)
    assert "The last step was taken by reviewer" in text(answer)
    assert "Nothing you sent was stored." in text(answer)
    assert PeriodAction.objects.filter(verb="review").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_at_the_same_moment_leave_one_review(company):
    company.scheme()
    company.crowd(7)
    company.score()
    other = account("other_reviewer", "assessment")
    answers = []
    at_once(
        lambda: answers.append(_step(company.reviewer, "review").status_code),
        lambda: answers.append(_step(other, "review").status_code),
    )
    assert sorted(answers) == [302, 409]
    assert PeriodAction.objects.filter(verb="review").count() == 1


def test_undecided_answers_stop_the_review_and_stand_on_the_page(company):
    company.scheme()
    company.crowd(7)
    company.question(company.answer("K0", 1)[0])
    company.score()
    page = text(browser(company.reviewer).get(PAGE))
    assert "1 answer still waits for a decision; the period cannot be reviewed before." in page
    answer = _step(company.reviewer, "review")
    assert answer.status_code == 409
    assert "wait for a decision" in text(answer)
    assert company.period().status == "scored"


def test_sending_back_needs_a_reason_and_unlocks_the_data(scored):
    path = reverse("period_send_back", args=[KEY])
    answer = browser(scored.reviewer).post(path, {"reason": " "})
    assert answer.status_code == 422
    assert "Say why the period is sent back." in text(answer)
    assert scored.period().cutoff_at is not None
    answer = browser(scored.reviewer).post(path, {"reason": "two answers were forgotten"})
    assert answer.status_code == 302
    assert scored.period().cutoff_at is None
    page = text(browser(scored.reviewer).get(PAGE))
    assert "two answers were forgotten" in page
    assert "Score it once more, then it can be reviewed." in page


def test_scoring_starts_a_job_and_a_provisional_period_says_so(
    company, django_capture_on_commit_callbacks, monkeypatch
):
    rung = []
    monkeypatch.setattr("core.jobs.ring", lambda pk, copies: rung.append(pk))
    company.scheme()
    company.crowd(7)
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser(company.scorer).post("/periods/score/", {"key": KEY})
    assert (answer.status_code, answer.url) == (302, PAGE)
    assert rung == [Job.objects.get().pk]
    page = text(browser(company.scorer).get(PAGE))
    assert "hx-get=" in page  # the progress asks again by itself
    assert "You can leave this page; the work goes on." in page
    assert "The period is being scored: 0 % done." in text(browser(company.reviewer).get(PAGE))
    unfinished = LATER.replace(year=2025, month=11, day=20)
    company.score("2025-Q4", now=unfinished)
    page = text(browser(company.reviewer).get("/periods/2025-Q4/"))
    assert "This is provisional: the period is not over, nothing is locked." in page
    assert "Confirm review" not in page


def test_a_word_that_is_no_period_comes_back_with_the_reason(company):
    answer = browser(company.scorer).post("/periods/score/", {"key": "soon"})
    assert answer.status_code == 422
    assert "write 2026-03, 2026-Q1 or 2026" in text(answer)


def test_employees_see_no_periods_and_start_nothing(scored):
    employee = account("somebody", "employee")
    for path in ("/periods/", PAGE):
        assert browser(employee).get(path).status_code == 403
    for path in ("/periods/score/", f"{PAGE}review/", f"{PAGE}send-back/"):
        assert browser(employee).post(path, {"key": KEY, "reason": "x"}).status_code == 403
    assert scored.period().status == "scored"
    assert Job.objects.count() == 1
    assert browser(scored.reviewer).get("/periods/1999-01/").status_code == 404


def test_the_list_of_scorecards_is_searched_and_costs_the_same_for_many(company):
    company.scheme()
    company.crowd(7)
    company.score()
    few = queries(browser(company.reviewer), PAGE)
    company.crowd(30, prefix="M", day="2025-10-10")
    company.score("2025-10")
    assert queries(browser(company.reviewer), "/periods/2025-10/") <= few + 1
    assert few <= 30
    page = text(browser(company.reviewer).get(f"{PAGE}?q=K3"))
    assert "K3" in page
    assert "K4" not in page.split('id="cards"')[1].split('id="next-step"')[0]


def test_everybody_reads_a_scheme_with_its_weights_and_curve(company):
    company.scheme()
    client = browser(account("somebody", "employee"))
    assert "LECT-2025" in text(client.get("/schemes/"))
    page = text(client.get("/schemes/LECT-2025/"))
    assert "makes <b>100 %</b> of the score, opinions <b>0 %</b>" in page
    assert "0 points at 40" in page
    assert "at most 120" in page
    assert '<path d="M4.0 30.0' in page
    assert client.get("/schemes/LECT-2025/?version=9").status_code == 404
    assert client.get("/schemes/NONE/").status_code == 404
