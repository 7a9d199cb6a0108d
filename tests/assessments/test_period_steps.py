"""From scored to closed: different people, the shown hash, and nothing changed by a refusal."""

import threading
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from assessments import services
from assessments.models import Period, PeriodAction, Scorecard
from assessments.queries import evidence_hash
from core.errors import Conflict, DomainError, InvalidInput, InvalidTransition
from core.models import AuditEntry, Notification, User
from core.permissions import Denied
from surveys.models import DataLock
from surveys.services import record_verdict
from tests.assessments.world import LATER, Company

KEY = "2025-11"
APPEALS_OVER = LATER + timedelta(days=10)
STEPS = ("review", "approve", "release", "close")


def step(verb, actor, company, confirm=None, key=KEY):
    verbs = {name: getattr(services, f"{name}_period") for name in STEPS}
    confirm = evidence_hash(company.period(key)) if confirm is None else confirm
    now = APPEALS_OVER if verb == "close" else LATER
    return verbs[verb](key, actor=actor, confirm=confirm, now=now)


def everything(company):
    """What a refused step must leave alone."""
    rows = Scorecard.objects.order_by("id").values_list("id", "state", "corrected")
    return (
        Period.objects.filter(key=KEY).values().get(),
        list(rows),
        PeriodAction.objects.count(),
        AuditEntry.objects.count(),
        DataLock.objects.values().get(),
    )


@pytest.fixture
def scored(company):
    company.scheme()
    user = User.objects.create_user("e1")
    company.hire("E1", user=user)
    company.answer("E1", *([4] * 5))
    company.score()
    return company


def people(company):
    return (company.reviewer, company.approver, company.releaser, company.reviewer)


def forward(company, until="close"):
    for verb, actor in zip(STEPS, people(company), strict=True):
        step(verb, actor, company)
        if verb == until:
            return


def test_three_people_bring_a_period_to_release_and_one_of_them_closes_it(scored):
    shown = evidence_hash(scored.period())
    states = []
    for verb, actor in zip(STEPS, people(scored), strict=True):
        period = step(verb, actor, scored)
        states.append((period.status, scored.card("E1").state))
        assert evidence_hash(scored.period()) == shown
    assert states == [
        ("in_review", "reviewed"),
        ("approved", "approved"),
        ("released", "released"),
        ("closed", "final"),
    ]
    done = PeriodAction.objects.filter(verb__in=STEPS).order_by("id")
    assert [(a.verb, a.actor.username, a.confirmed_hash == shown) for a in done] == [
        ("review", "reviewer", True),
        ("approve", "approver", True),
        ("release", "releaser", True),
        ("close", "reviewer", True),
    ]
    assert scored.period().noticed_on == date(2026, 2, 1)
    notice = Notification.objects.get()
    assert (notice.user.username, notice.verb) == ("e1", "period.released")


@pytest.mark.parametrize(
    ("until", "verb", "who", "says"),
    [
        (None, "review", "scorer", "You scored"),
        (None, "review", "admin", "needs one of these roles"),
        ("review", "approve", "scorer", "You scored"),
        ("review", "approve", "reviewer", "You reviewed"),
        ("approve", "release", "scorer", "You scored"),
        ("approve", "release", "reviewer", "You reviewed"),
        ("approve", "release", "approver", "You approved"),
        ("release", "close", "admin", "needs one of these roles"),
    ],
)
def test_a_step_by_the_wrong_person_is_denied_and_changes_nothing(scored, until, verb, who, says):
    if until:
        forward(scored, until)
    before = everything(scored)
    with pytest.raises(Denied, match=says):
        step(verb, getattr(scored, who), scored)
    assert everything(scored) == before


@pytest.mark.parametrize("verb", STEPS)
def test_a_wrong_hash_is_refused_at_every_step(scored, verb):
    at = STEPS.index(verb)
    if at:
        forward(scored, STEPS[at - 1])
    before = everything(scored)
    with pytest.raises(Conflict, match="they have changed since you opened them"):
        step(verb, people(scored)[at], scored, confirm="0" * 64)
    assert everything(scored) == before


@pytest.mark.parametrize("verb", STEPS[1:])
def test_steps_cannot_be_skipped(scored, verb):
    before = everything(scored)
    with pytest.raises(InvalidTransition, match="2025-11 is scored"):
        step(verb, scored.approver, scored)
    assert everything(scored) == before


def test_scoring_from_review_on_needs_sending_back(scored):
    forward(scored, "review")
    with pytest.raises(InvalidTransition, match="send it back first"):
        scored.score()
    forward_from = [("approve", scored.approver), ("release", scored.releaser)]
    for verb, actor in forward_from:
        step(verb, actor, scored)
    with pytest.raises(InvalidTransition, match="by appeal"):
        scored.score()


def test_sending_back_unlocks_the_data_and_the_next_scoring_sees_what_came_since(scored):
    forward(scored, "approve")
    first = scored.period().cutoff_at
    with pytest.raises(InvalidInput):
        services.send_back_period(KEY, actor=scored.approver, reason=" ")
    services.send_back_period(KEY, actor=scored.approver, reason="an answer was missing")
    period = scored.period()
    assert (period.status, period.cutoff_at) == ("scored", None)
    assert (period.reviewed_by, period.approved_by) == (None, None)
    assert scored.card("E1").state == "computed"
    with pytest.raises(InvalidTransition, match="score it again"):
        step("review", scored.reviewer, scored)
    scored.answer("E1", 5)
    scored.score()
    assert scored.card("E1").satisfaction_n == 6
    assert scored.period().cutoff_at > first
    forward(scored)
    assert scored.period().status == "closed"


def test_released_period_cannot_be_sent_back(scored):
    forward(scored, "release")
    before = everything(scored)
    with pytest.raises(InvalidTransition):
        services.send_back_period(KEY, actor=scored.approver, reason="late doubt")
    assert everything(scored) == before


def test_undecided_response_keeps_a_period_from_review(company):
    company.scheme()
    company.hire("E1")
    numbers = company.answer("E1", 1, *([4] * 5))
    company.question(numbers[0])
    company.score()
    assert company.card("E1").satisfaction_n == 6  # in review counts until a human excludes it
    with pytest.raises(InvalidTransition, match="1 responses of 2025-11 wait for a decision"):
        step("review", company.reviewer, company)
    record_verdict(
        company.response(numbers[0]), "excluded", reason="staff phone", actor=company.approver
    )
    # Read as of the cut-off: nothing has changed, and scoring again would not help.
    assert company.score().number == 1
    with pytest.raises(InvalidTransition, match="send it back and score it again"):
        step("review", company.reviewer, company)
    services.send_back_period(KEY, actor=company.reviewer, reason="decided meanwhile")
    assert company.score().number == 2
    assert company.card("E1").satisfaction_n == 5
    assert step("review", company.reviewer, company).status == "in_review"


def test_database_refuses_one_person_in_two_steps(scored):
    forward(scored, "approve")
    with pytest.raises(IntegrityError), transaction.atomic():
        Period.objects.filter(key=KEY).update(released_by=scored.approver)


def test_commands_say_what_happened_and_refuse_in_words(scored, capsys):
    call_command("show_period", KEY)
    out = capsys.readouterr().out
    first = out.splitlines()[0]
    assert first == f"HASH {evidence_hash(scored.period())}"
    assert "Scorecards: assessed 1" in out
    with pytest.raises(CommandError, match="they have changed since you opened them"):
        call_command("review_period", KEY, "--actor", "reviewer", "--confirm", "1" * 64)
    with pytest.raises(CommandError, match="You scored"):
        call_command("review_period", KEY, "--actor", "scorer", "--confirm", first[5:])
    with pytest.raises(CommandError, match="There is no period"):
        call_command("show_period", "2030-01")
    for verb, actor in (("review", "reviewer"), ("approve", "approver"), ("release", "releaser")):
        call_command(f"{verb}_period", KEY, "--actor", actor, "--confirm", first[5:])
    assert capsys.readouterr().out.splitlines()[-1] == "2025-11: released."


@pytest.mark.django_db(transaction=True)
def test_of_two_approvers_at_once_one_wins_and_the_other_is_told():
    company = Company()
    company.scheme()
    company.hire("E1")
    company.answer("E1", *([4] * 5))
    company.score()
    step("review", company.reviewer, company)
    shown = evidence_hash(company.period())
    outcomes, barrier = {}, threading.Barrier(2)

    def approve(actor):
        try:
            barrier.wait()
            with translation.override("en"):
                services.approve_period(KEY, actor=actor, confirm=shown, now=LATER)
            outcomes[actor.username] = "approved"
        except DomainError as error:
            outcomes[actor.username] = str(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=approve, args=(actor,))
        for actor in (company.approver, company.releaser)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = next(name for name, said in outcomes.items() if said == "approved")
    told = (
        "2025-11 is approved: this step is not possible now."
        f" The last step was taken by {winner} at 2026-02-01 00:00."
    )
    assert sorted(outcomes.values()) == [told, "approved"]
    assert company.period().approved_by.username == winner
    assert PeriodAction.objects.filter(verb="approve").count() == 1
