"""decide_incentives: a named human, once, with the evidence confirmed; then the ledger has it."""

import threading
from decimal import Decimal as D

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils.translation import override

from core.errors import Conflict, InvalidInput, InvalidTransition
from core.models import AuditEntry, Notification
from core.notifications import text_of
from core.permissions import Denied
from incentives.models import Award, LedgerEntry, PerformancePay, Proposal
from incentives.queries.reasons import award_reason
from incentives.services import decisions, ledger
from incentives.services.decisions import decide_award, decide_incentives
from incentives.services.proposals import propose_incentives
from tests.incentives import released


@pytest.fixture
def proposal(policy, november, director):
    released.staff(november, 6)
    return propose_incentives("2025-11", actor=director)[0]


def states(proposal):
    rows = proposal.awards.order_by("employee__employee_no")
    return list(rows.values_list("state", flat=True))


@pytest.mark.django_db
def test_awards_and_pay_are_posted_in_one_act(proposal, director):
    done = decide_incentives("2025-11", actor=director, confirm=released.shown())
    assert (done.awards, done.payments, done.rejected, done.total) == (1, 6, 5, D("12500.00"))
    proposal.refresh_from_db()
    assert (proposal.status, proposal.decided_by, proposal.confirmed_hash) == (
        "decided",
        director,
        released.shown(),
    )
    assert states(proposal) == ["posted"] + ["rejected"] * 5
    assert set(proposal.payments.values_list("state", flat=True)) == {"posted"}
    entries = list(LedgerEntry.objects.all())
    assert [entry.entry_no for entry in entries] == [1, 2, 3, 4, 5, 6, 7]
    last = entries[-1]
    assert (last.pay_item_code, last.amount, last.kind) == ("AW-STAR", D("500.00"), "")
    assert (last.source_no, last.approval_no) == (
        "2025-11-1/SATISFACTION_STAR/E0001",
        "2025-11-1",
    )
    assert str(last.month) == "2025-11-01"
    assert ledger.verify() is None
    assert AuditEntry.objects.get(verb="incentives.decided").actor == director


@pytest.mark.django_db
def test_a_winner_with_an_account_is_told(proposal, director, employee):
    person = proposal.awards.get(rank=1).employee
    person.user = employee
    person.save()
    decide_incentives("2025-11", actor=director, confirm=released.shown())
    notice = Notification.objects.get(user=employee)
    assert notice.verb == "award.approved"
    assert text_of(notice) == "You have won the award Satisfaction Star."
    with override("zh-hans"):
        assert "客户满意度之星" in text_of(notice)


@pytest.mark.django_db
def test_another_hash_does_not_confirm(proposal, director):
    with pytest.raises(InvalidInput, match="does not confirm"):
        decide_incentives("2025-11", actor=director, confirm="0" * 64)
    assert not LedgerEntry.objects.exists()
    assert set(proposal.payments.values_list("state", flat=True)) == {"proposed"}


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["hr_admin", "manager", "employee", "outsider"])
def test_others_than_the_management_group_decide_nothing(proposal, request, who):
    with pytest.raises(Denied):
        decide_incentives("2025-11", actor=request.getfixturevalue(who), confirm=released.shown())
    proposal.refresh_from_db()
    assert proposal.status == "proposed"
    assert not LedgerEntry.objects.exists()


@pytest.mark.django_db
def test_nothing_proposed_is_nothing_to_decide(policy, november, director):
    with pytest.raises(InvalidTransition, match="Nothing is proposed for 2025-11"):
        decide_incentives("2025-11", actor=director, confirm=released.shown())


@pytest.mark.django_db
def test_a_proposal_on_old_evidence_must_be_made_again(proposal, november, director):
    old = released.shown()
    card = november.scorecards.first()
    card.corrected = True
    card.save(update_fields=["corrected"])
    released.scorecard(november, card.employee, version=2, supersedes=card)
    with pytest.raises(InvalidInput, match="does not confirm"):
        decide_incentives("2025-11", actor=director, confirm=released.shown())
    with pytest.raises(InvalidTransition, match="propose it again"):
        decide_incentives("2025-11", actor=director, confirm=old)


@pytest.mark.django_db
def test_nobody_decides_on_own_pay(proposal, director, second_director):
    own = proposal.payments.get(employee__employee_no="E0003")
    own.employee.user = director
    own.employee.save()
    done = decide_incentives("2025-11", actor=director, confirm=released.shown())
    assert (done.payments, done.left_own) == (5, 2)
    own.refresh_from_db()
    assert own.state == "proposed"
    with pytest.raises(Conflict):
        decide_incentives("2025-11", actor=director, confirm=released.shown())
    done = decide_incentives("2025-11", actor=second_director, confirm=released.shown())
    assert (done.payments, done.left_own) == (1, 0)
    own.refresh_from_db()
    assert (own.state, own.decided_by) == ("posted", second_director)


@pytest.mark.django_db
def test_a_second_decision_is_told_who_was_first(proposal, director, second_director):
    decide_incentives("2025-11", actor=director, confirm=released.shown())
    with pytest.raises(Conflict, match="2025-11 was decided by director on"):
        decide_incentives("2025-11", actor=second_director, confirm=released.shown())
    assert LedgerEntry.objects.count() == 7


@pytest.mark.django_db
def test_pay_of_nothing_is_approved_and_not_posted(policy, november, director):
    card = released.scorecard(november, released.employee(1))
    released.attendance(card.employee, november.first_day, "0")
    propose_incentives("2025-11", actor=director)
    done = decide_incentives("2025-11", actor=director, confirm=released.shown())
    assert (done.payments, done.entries) == (1, [])
    assert PerformancePay.objects.get().state == "approved"


@pytest.mark.django_db
def test_a_quarter_without_awards_can_be_decided(policy, november, director):
    quarter = released.period("2025-Q4")
    released.staff(quarter, 6)
    propose_incentives("2025-Q4", actor=director)
    done = decide_incentives("2025-Q4", actor=director, confirm=released.shown("2025-Q4"))
    assert (done.awards, done.payments, done.entries) == (0, 0, [])
    assert Proposal.objects.get(period=quarter).status == "decided"


@pytest.mark.django_db
def test_a_held_place_is_decided_after_its_question(policy, november, director):
    cards = released.staff(november, 6)
    cards[0].state = "under_appeal"
    cards[0].save(update_fields=["state"])
    propose_incentives("2025-11", actor=director)
    done = decide_incentives("2025-11", actor=director, confirm=released.shown())
    assert (done.awards, done.held) == (0, 1)
    no = "2025-11-1/SATISFACTION_STAR/E0001"
    with pytest.raises(InvalidTransition, match="waits for the end of an appeal"):
        decide_award(no, actor=director, approve=True, reason="appeal over")
    cards[0].state = "upheld"
    cards[0].save(update_fields=["state"])
    with pytest.raises(InvalidInput, match="needs a reason"):
        decide_award(no, actor=director, approve=True, reason=" ")
    award = decide_award(no, actor=director, approve=True, reason="appeal over")
    assert (award.state, award.decision_reason) == ("posted", "appeal over")
    assert LedgerEntry.objects.order_by("-entry_no").first().award == award
    with pytest.raises(InvalidTransition, match="cannot be decided on its own"):
        decide_award(no, actor=director, approve=False, reason="again")
    assert ledger.verify() is None


@pytest.mark.django_db
def test_an_award_its_pool_cannot_pay_is_only_refused(november, director, capsys):
    spec = released.lect_policy()
    spec["pools"][0]["budget"] = "700.00"
    released.staff(november, 6)
    released.active_policy(spec, director, simulated="2025-11")
    propose_incentives("2025-11", actor=director)
    done = decide_incentives("2025-11", actor=director, confirm=released.shown())
    assert (done.awards, done.pool_exceeded) == (0, 1)
    no = "2025-11-1/SATISFACTION_STAR/E0001"
    with pytest.raises(InvalidTransition, match=r"POOL-STAR has 595\.00 left"):
        decide_award(no, actor=director, approve=True, reason="the best")
    call_command(
        "decide_incentives", "2025-11", "--actor", "director", "--award", no, "--reject",
        "--reason", "no money left",
    )  # fmt: skip
    assert capsys.readouterr().out.strip() == f"{no}: rejected, 500.00"
    assert "decided one by one" in award_reason(Award.objects.get(rank=1))


@pytest.mark.django_db
def test_the_command_decides_and_says_what_it_posted(proposal, capsys):
    call_command(
        "decide_incentives",
        "2025-11",
        "--actor",
        "director",
        "--approve-all",
        "--confirm",
        released.shown(),
    )
    assert capsys.readouterr().out.splitlines() == [
        "2025-11-1 decided by director: 1 awards and 6 payments approved, 5 awards refused",
        "posted 7 entries, 1 to 7, 12500.00 in all",
        "penalties are decided one by one, never here; none is reported",
    ]
    assert ledger.verify() is None


@pytest.mark.django_db
def test_the_operator_decides_nothing(proposal):
    with pytest.raises(CommandError, match="Only the management group"):
        call_command("decide_incentives", "2025-11", "--approve-all", "--confirm", released.shown())
    with pytest.raises(CommandError, match="--confirm HASH is needed"):
        call_command("decide_incentives", "2025-11", "--actor", "director", "--approve-all")
    with pytest.raises(CommandError, match="either --approve-all or --award"):
        call_command(
            "decide_incentives", "2025-11", "--actor", "director", "--confirm", released.shown()
        )


@pytest.mark.django_db
def test_the_database_wants_a_named_decider(proposal):
    with pytest.raises(IntegrityError), transaction.atomic():
        proposal.awards.filter(rank=1).update(state="posted")
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(status="decided")


def _both_at_once(deciders):
    """Two people decide at the same moment; returns what each was told."""
    told, start = {}, threading.Barrier(2)

    def decide(user):
        try:
            start.wait()
            with override("en"):  # a thread begins in the language of the settings
                told[user.username] = decide_incentives(
                    "2025-11", actor=user, confirm=released.shown()
                ).total
        except (Conflict, IntegrityError) as error:
            told[user.username] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(user,)) for user in deciders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


@pytest.mark.django_db(transaction=True)
def test_of_two_deciders_at_once_one_wins_and_the_other_is_told(
    proposal, director, second_director
):
    told = _both_at_once([director, second_director])
    (refusal,) = [value for value in told.values() if isinstance(value, Conflict)]
    assert "2025-11 was decided by" in str(refusal)
    assert [value for value in told.values() if isinstance(value, D)] == [D("12500.00")]
    assert LedgerEntry.objects.count() == 7
    assert ledger.verify() is None


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_both_believe_they_decide(
    proposal, director, second_director, monkeypatch
):
    """The race is real: without the lock only the database's last line of defence stops it."""
    gate = threading.Barrier(2)
    decidable = decisions._decidable

    def both_see_everything_open(found):
        rows = decidable(found)
        gate.wait()
        return rows

    monkeypatch.setattr(decisions, "take", lambda *args, **options: None)
    monkeypatch.setattr(decisions, "_decidable", both_see_everything_open)
    told = _both_at_once([director, second_director])
    assert sum(isinstance(value, IntegrityError) for value in told.values()) == 1
    assert LedgerEntry.objects.count() == 7
