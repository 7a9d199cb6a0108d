"""The inbox: what waits for me, what for others and why, and the same counts everywhere."""

import pytest

from dashboards.queries import counts, home, inbox
from incentives.services import appeals
from incentives.services.proposals import propose_incentives
from organization.queries import roles_of
from tests.assessments.world import Company
from tests.incentives import surveyed
from tests.incentives.company import account
from tests.incentives.filed import BAD, filed, investigated
from tests.incentives.released import shown
from tests.pages import browser, queries, text


@pytest.fixture
def scene(db):
    return surveyed.create(decide=False)


def _keys(user):
    return [(one.kind, one.key, one.step) for one in inbox.mine(user, roles_of(user))]


def test_the_inbox_orders_by_deadline_and_counts_as_home_and_side_bar_do(scene):
    propose_incentives("2025-11", actor=account("ada"))
    appeal = filed(scene, BAD)
    gus = account("gus")
    # The days for appeals run from today: the period is not to be closed yet.
    assert set(_keys(gus)) == {
        ("appeal", appeal.appeal_no, "accept"),
        ("proposal", "2025-11", "award"),
    }
    later = scene.at(6)
    assert ("period", "2025-11", "close") in {
        (one.kind, one.key, one.step) for one in inbox.mine(gus, roles_of(gus), now=later)
    }
    assert inbox.count(gus, roles_of(gus), now=later) == 3
    waiting = home.waiting(gus, roles_of(gus))
    assert sum(len(one.items) for one in waiting) == counts.inbox(gus) == len(_keys(gus))
    page = text(browser(gus).get("/inbox/"))
    assert f"Appeal {appeal.appeal_no}: accept or not" in page
    assert "November 2025: awards and pay" in page


def test_what_one_may_not_decide_stands_under_others_with_the_reason(scene):
    appeal = investigated(scene, BAD)
    cyd = account("cyd")  # approved the period
    assert ("appeal", appeal.appeal_no, "dry_run") not in _keys(cyd)
    page = text(browser(cyd).get("/inbox/?tab=others"))
    assert f"Appeal {appeal.appeal_no}: start dry run" in page
    assert "You approved 2025-11." in page


def test_an_item_is_decided_in_the_inbox_and_leaves_it(scene):
    propose_incentives("2025-11", actor=account("ada"))
    gus = account("gus")
    client = browser(gus)
    page = text(client.get("/inbox/?item=proposal:2025-11"))
    assert "Your decision" in page
    assert 'class=""' in page  # the chosen item is a page of its own on the phone
    data = {"confirm": shown("2025-11"), "seen": "on", "next": "/inbox/"}
    answer = client.post("/proposals/2025-11/decide/", data)
    assert (answer.status_code, answer.url) == (302, "/inbox/")
    assert ("proposal", "2025-11", "award") not in _keys(gus)
    page = text(client.get("/inbox/?item=proposal:2025-11"))
    assert "This is no longer open; here is what comes next." in page
    assert "Nothing waits for you." in page
    assert "November 2025: awards and pay approved" in text(client.get("/inbox/?tab=decided"))
    away = client.post("/proposals/2025-11/decide/", {**data, "next": "https://evil.example/"})
    assert away.status_code == 409


def test_a_period_is_reviewed_in_the_inbox_with_its_evidence_beside_the_list(db):
    company = Company()
    company.scheme()
    company.crowd(7)
    company.score()
    client = browser(company.reviewer)
    page = text(client.get("/inbox/?item=period:2025-11"))
    assert "November 2025: review results" in page
    assert "<b>7 people</b> have a result." in page
    assert "Cannot: scored this period." in page
    data = {"confirm": shown("2025-11"), "seen": "on", "next": "/inbox/"}
    answer = client.post("/periods/2025-11/review/", data)
    assert (answer.status_code, answer.url) == (302, "/inbox/")
    assert "You reviewed this period: somebody else approves." in text(
        client.get("/inbox/?tab=others")
    )


def test_others_have_no_inbox(scene):
    answer = browser(account("uE0001")).get("/inbox/")
    assert answer.status_code == 403
    assert "The inbox is for the assessment and the management group." in text(answer)


def test_the_inbox_costs_the_same_for_one_appeal_and_for_two(scene):
    filed(scene, BAD)
    gus = account("gus")
    one = queries(browser(gus), "/inbox/?tab=decided")
    appeals.file_appeal(
        scene.card("E0005"),
        appeals.Objection("too low", "look again"),
        actor=scene.user("E0005"),
    )
    assert queries(browser(gus), "/inbox/?tab=decided") == one
