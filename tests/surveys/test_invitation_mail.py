"""Invitations and reminders by e-mail: sent once, or again after a crash, and each link works."""

import re
from datetime import timedelta

import pytest
from django.core import mail

from core import outgoing
from core.models import AuditEntry
from customers.models import CustomerContact, SurveyContact
from customers.services import refuse_contact
from surveys.collection import services
from surveys.collection.queries.links import State, opened
from surveys.collection.services import mailing
from surveys.models import Invitation, InvitationLink
from tests.surveys.collecting import NOW, event_of, executor


@pytest.fixture
def staff(world):
    return executor()


@pytest.fixture
def due(world, staff, settings):
    """Two invitations whose e-mails are due, in English."""
    settings.PUBLIC_URL = "https://care.example.com"
    done = services.invite(
        world.survey,
        [event_of(world, 1), event_of(world, 2)],
        actor=staff,
        now=NOW,
        language="en",
    )
    assert (done.mails, done.issued) == (2, [])
    return done


def token_in(message):
    return re.search(r"https://care\.example\.com/s/([\w-]{43})/\n", message.body)[1]


def test_each_mail_goes_out_once_with_a_link_of_its_own(due):
    assert services.send_due(NOW) == 2
    assert services.send_due(NOW) == 0
    assert sorted(m.to[0] for m in mail.outbox) == ["c1@example.com", "c2@example.com"]
    assert len({m.extra_headers["Message-ID"] for m in mail.outbox}) == 2
    body = mail.outbox[0].body
    assert "S1 on 9 Mar 2026" in body
    assert "valid until 24 Mar 2026" in body
    assert f"/s/{token_in(mail.outbox[0])}/stop/" in body
    for message in mail.outbox:
        assert opened(token_in(message), NOW).state is State.READY
    assert set(Invitation.objects.values_list("sent_at", "mail_due")) == {(NOW, False)}


def test_a_restored_copy_sends_no_invitation_that_was_due_in_the_original(due, monkeypatch):
    monkeypatch.setattr(mailing, "_note_sent", lambda *_args: None)
    assert services.send_due(NOW, limit=1) == 1  # claimed, and due again after the lease
    assert outgoing.hold_due() == 2
    monkeypatch.undo()
    assert services.send_due(NOW + timedelta(minutes=11)) == 0
    assert len(mail.outbox) == 1
    assert opened(token_in(mail.outbox[0]), NOW).state is State.READY
    entry = AuditEntry.objects.get(verb="mail.held")
    assert (entry.actor, entry.data) == (None, {"notices": 0, "invitations": 2})
    assert outgoing.hold_due() == 0
    assert AuditEntry.objects.filter(verb="mail.held").count() == 1


def test_a_sweep_killed_after_sending_is_repeated_and_both_links_work(due, monkeypatch):
    def killed(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(mailing, "_note_sent", killed)
    with pytest.raises(KeyboardInterrupt):
        services.send_due(NOW)
    monkeypatch.undo()
    assert services.send_due(NOW) == 1  # the other one; the first is still claimed
    assert services.send_due(NOW + timedelta(minutes=11)) == 1
    first, _other, again = mail.outbox
    assert first.to == again.to
    assert first.extra_headers["Message-ID"] == again.extra_headers["Message-ID"]
    assert token_in(first) != token_in(again)
    assert opened(token_in(first), NOW).state is State.READY
    assert opened(token_in(again), NOW).state is State.READY


def test_an_ill_mail_server_is_tried_again_but_not_for_ever(due, monkeypatch):
    monkeypatch.setattr("django.core.mail.EmailMessage.send", lambda *_args, **_more: _fail())
    found = Invitation.objects.values_list("mail_failures", "mail_due", "sent_at")
    for _sweep in range(12):
        assert services.send_due(NOW) == 0
    assert set(found.all()) == {(1, True, None)}  # each waits for its next try
    for day in range(1, 10):
        for _sweep in range(2):
            assert services.send_due(NOW + timedelta(days=day)) == 0
    assert set(found.all()) == {(8, False, None)}


def _fail():
    raise OSError("no route")


def test_a_mail_with_a_fault_of_its_own_stops_no_other(due):
    bad, _other = Invitation.objects.order_by("id")
    CustomerContact.objects.filter(customer=bad.customer).update(email="x@" + "y" * 70 + ".com\n")
    assert services.send_due(NOW) == 1
    bad.refresh_from_db()
    assert (bad.mail_failures, bad.mail_due, bad.mail_claimed_at) == (1, True, None)
    assert bad.mail_retry_at == NOW + timedelta(minutes=5)
    CustomerContact.objects.filter(customer=bad.customer).update(email="c@example.com")
    assert services.send_due(NOW + timedelta(minutes=4)) == 0
    assert services.send_due(NOW + timedelta(minutes=5)) == 1
    assert mail.outbox[-1].to == ["c@example.com"]


def test_who_refused_or_answered_meanwhile_gets_no_mail(due):
    first, second = Invitation.objects.order_by("id")
    refuse_contact(first.customer, now=NOW)
    Invitation.objects.filter(pk=second.pk).update(used_at=NOW)
    assert services.send_due(NOW) == 0
    assert mail.outbox == []
    assert not InvitationLink.objects.exists()
    assert not Invitation.objects.filter(mail_due=True).exists()


def test_two_reminders_at_most_and_none_to_who_answered(world, staff, due):
    services.send_due(NOW)
    assert services.remind(world.survey, actor=staff, now=NOW + timedelta(days=2)) == 0
    answered = Invitation.objects.earliest("id")
    Invitation.objects.filter(pk=answered.pk).update(used_at=NOW)
    for days in (4, 8):
        moment = NOW + timedelta(days=days)
        assert services.remind(world.survey, actor=staff, now=moment) == 1
        assert services.remind(world.survey, actor=staff, now=moment) == 0
        assert services.send_due(moment) == 1
    assert services.remind(world.survey, actor=staff, now=NOW + timedelta(days=12)) == 0
    assert len(mail.outbox) == 4
    assert mail.outbox[-1].subject.startswith("Reminder from")
    assert Invitation.objects.latest("id").reminders == 2
    kinds = SurveyContact.objects.filter(customer__customer_no="C2").values_list("kind", flat=True)
    assert sorted(kinds) == ["invitation", "reminder", "reminder"]
