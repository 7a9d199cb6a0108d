"""The pages of proposals and policies: full reasons, before and after, one decision, no second."""

import pytest
from django.urls import reverse

from core.models import AuditEntry
from incentives.models import (
    Award,
    LedgerEntry,
    PerformancePay,
    PolicyVersion,
    Proposal,
    Simulation,
)
from incentives.queries.unrecorded import unrecorded_words
from incentives.services.policies import import_policy
from incentives.services.proposals import propose_incentives
from tests.incentives import released, surveyed
from tests.incentives.company import account
from tests.pages import browser, queries, text

KEY = "2025-11"
PAGE = f"/proposals/{KEY}/"


@pytest.fixture
def proposed(db):
    """Eight people, released, proposed by ada."""
    scene = surveyed.create(decide=False)
    propose_incentives(KEY, actor=account("ada"))
    return scene


def _decide(user, **data):
    data = {"confirm": released.shown(KEY), "seen": "on", **data}
    return browser(user).post(reverse("proposal_decide", args=[KEY]), data)


def test_a_released_period_is_proposed_and_decided_by_its_page(db):
    surveyed.create(decide=False)
    gus = account("gus")
    page = text(browser(gus).get("/proposals/"))
    assert "Propose November 2025" in page
    assert browser(gus).post(f"{PAGE}propose/").status_code == 302
    page = text(browser(gus).get(PAGE))
    assert released.shown(KEY)[:12] in page
    assert "Grade D (64.06 points): coefficient 0.6; present on 20 of 20 working days." in page
    assert "1,200.00" in page
    assert "A tie is the same lower bound and the same n." in page
    answer = _decide(gus)
    assert (answer.status_code, answer.url) == (302, PAGE)
    assert Proposal.objects.get().decided_by == gus
    page = text(browser(gus).get(PAGE))
    assert "Decided by" in page
    assert "Nothing has changed since" in text(browser(gus).post(f"{PAGE}propose/", follow=True))


def test_why_somebody_is_not_eligible_stands_beside_the_name(proposed):
    code = Award.objects.values_list("award_code", flat=True).first()
    page = text(browser(account("gus")).get(f"{PAGE}?award={code}"))
    assert "Person 1" in page
    assert "counted answers," in page


def test_who_may_not_decide_changes_nothing(proposed):
    before = (AuditEntry.objects.count(), LedgerEntry.objects.count())
    for name, status in (("ben", 403), ("hana", 403), ("uE0001", 403)):
        assert _decide(account(name)).status_code == status
    for change, status in (({"confirm": "0" * 64}, 400), ({"seen": ""}, 422)):
        assert _decide(account("gus"), **change).status_code == status
    assert (AuditEntry.objects.count(), LedgerEntry.objects.count()) == before
    assert Proposal.objects.get().status == "proposed"
    page = text(browser(account("ben")).get(PAGE))
    assert "Only the management group decides on awards and pay." in page
    assert "1,200.00" not in page  # pay is not for the assessment group
    assert browser(account("uE0001")).get(PAGE).status_code == 403
    assert browser(account("gus")).get("/proposals/1999-01/").status_code == 404


def test_the_decider_is_told_what_excludes_nobody_because_nothing_records_it(proposed):
    words = "by what is not recorded here yet: an upheld complaint with own responsibility;"
    assert words in text(browser(account("gus")).get(PAGE))
    found = Proposal.objects.get().policy_version
    policy = reverse("policy", args=[found.policy.code])
    assert words in text(browser(account("gus")).get(policy))
    for award in found.spec["awards"]:
        award["eligibility"] |= {"exclusions": [], "hold_if": ["appeal_open", "score_held"]}
    assert unrecorded_words(found.spec) == ""


def test_the_second_decider_is_told_by_whom_it_was_decided(proposed):
    assert _decide(account("ada")).status_code == 302
    entries = LedgerEntry.objects.count()
    answer = _decide(account("gus"))
    assert answer.status_code == 409
    assert "was decided by ada" in text(answer)
    assert LedgerEntry.objects.count() == entries


def test_ones_own_pay_is_left_to_another_decider(proposed):
    own = proposed.user("E0007")
    page = text(browser(own).get(PAGE))
    assert "1 row is your own award or pay: it is left to another decider." in page
    assert _decide(own).status_code == 302
    left = PerformancePay.objects.get(state="proposed")
    assert left.employee.user == own
    page = text(browser(own).get(PAGE))
    assert "What is left pays you: another decider has to decide it." in page
    assert _decide(account("gus")).status_code == 302
    assert not PerformancePay.objects.filter(state="proposed").exists()


def test_a_winner_is_refused_with_a_reason_before_the_rest_is_approved(proposed):
    # Nobody of this small company has the answers to win: one is put forward by hand.
    award = Award.objects.order_by("pk")[0]
    Award.objects.filter(pk=award.pk).update(state="reserved")
    path = reverse("proposal_award", args=[KEY])
    gus = account("gus")
    data = {"award": award.no, "verb": "reject", "reason": ""}
    assert browser(gus).post(path, data).status_code == 422
    assert browser(account("ben")).post(path, {**data, "reason": "x"}).status_code == 403
    approve = {**data, "verb": "approve", "reason": "x"}
    assert browser(gus).post(path, approve).status_code == 409
    award.refresh_from_db()
    assert award.state == "reserved"
    assert browser(gus).post(path, {**data, "reason": "under inquiry"}).status_code == 302
    award.refresh_from_db()
    assert (award.state, award.decision_reason, award.decided_by) == (
        "rejected",
        "under inquiry",
        gus,
    )
    assert _decide(gus).status_code == 302
    assert not LedgerEntry.objects.filter(award=award).exists()


def test_the_pages_cost_the_same_for_one_person_and_for_many(proposed):
    gus = account("gus")
    assert queries(browser(gus), "/proposals/") <= 25
    assert queries(browser(gus), PAGE) <= 30
    assert queries(browser(gus), f"{PAGE}?q=Person 1") <= 30


# -- policies -----------------------------------------------------------------------------------


def _draft():
    spec = {**released.lect_policy(), "effective_from": "2026-01-01"}
    return import_policy(spec, actor=account("ada"))[0]


def _evidence(simulation, **changes):
    return {
        "consultation_record": "minutes",
        "publication_date": "2025-12-20",
        "acknowledgements_or_exceptions": "all staff\nbut E0007",
        "impact_assessment_id": "PIA-1",
        "simulation": str(simulation),
        "management_group_approval": "on",
        **changes,
    }


def test_a_policy_is_read_by_everybody_and_its_draft_by_few(scene):
    code = scene.policy.policy.code
    employee = account("somebody", "employee")
    page = text(browser(employee).get(f"/policies/{code}/"))
    assert "to file after the notice" in page
    assert "Simulations" not in page
    draft = _draft()
    assert f"?version={draft.number}" not in text(browser(employee).get("/policies/"))
    path = f"/policies/{code}/?version={draft.number}"
    assert browser(employee).get(path).status_code == 404
    assert browser(account("ben")).get(path).status_code == 200
    assert browser(employee).get("/policies/NONE/").status_code == 404


def test_a_draft_is_simulated_and_put_in_force_with_all_its_evidence(scene):
    code, draft = scene.policy.policy.code, _draft()
    ada, employee = account("ada"), account("somebody", "employee")
    assert browser(employee).post(f"/policies/{code}/simulate/").status_code == 403
    assert browser(ada).post(f"/policies/{code}/simulate/", {}).status_code == 422
    answer = browser(ada).post(f"/policies/{code}/simulate/", {"periods": [KEY]})
    assert answer.status_code == 302
    simulation = Simulation.objects.latest("pk")
    page = text(browser(ada).get(f"/policies/{code}/"))
    assert f"#{simulation.pk} · November 2025" in page
    path = f"/policies/{code}/activate/"
    good = _evidence(simulation.pk)
    assert browser(account("ben")).post(path, good).status_code == 403
    for change, words in (
        ({"publication_date": "2099-01-01"}, "has not come yet"),
        ({"management_group_approval": ""}, "I approve for the management group"),
        ({"consultation_record": ""}, "Record of the consultation of staff"),
    ):
        answer = browser(ada).post(path, {**good, **change})
        assert (answer.status_code, words in text(answer)) == (422, True), words
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert browser(ada).post(path, good).status_code == 302
    draft.refresh_from_db()
    assert (draft.status, draft.activated_by) == (PolicyVersion.Status.ACTIVE, ada)
    assert draft.evidence["acknowledgements_or_exceptions"] == ["all staff", "but E0007"]
    assert browser(ada).post(path, good).status_code in (409, 422)
