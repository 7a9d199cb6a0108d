"""Notices: with the change or not at all; each mail once, in the reader's language."""

import smtplib
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.utils.translation import gettext_noop

from core import notifications
from core.models import Notification, User
from core.tasks import send_pending_mail
from tests.core.conftest import race

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db: Any) -> list[User]:
    return [
        User.objects.create(username="ann", email="ann@example.com", language="en"),
        User.objects.create(username="bo"),
        User.objects.create(username="gone", email="gone@example.com", is_active=False),
    ]


def _notify(people: list[User], **data: Any) -> int:
    return notifications.notify([*people, people[0]], "test.said", people[0], **data)


def test_active_people_get_one_row_each(people: list[User]) -> None:
    assert _notify(people, period="2026-03") == 2
    rows = Notification.objects.order_by("user__username")
    assert [(row.user.username, row.mail_due) for row in rows] == [("ann", True), ("bo", False)]
    assert rows[0].data == {"period": "2026-03"}
    assert (rows[0].object_type, rows[0].object_id) == ("core.user", str(people[0].pk))


def test_a_notice_disappears_with_its_change(people: list[User]) -> None:
    with transaction.atomic():
        _notify(people)
        transaction.set_rollback(True)
    assert not Notification.objects.exists()


def test_mail_goes_out_once(people: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        notifications._texts, "test.said", gettext_noop("The period %(period)s is released.")
    )
    _notify(people, period="2026-03")
    send_pending_mail()
    send_pending_mail()
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["ann@example.com"], "The period 2026-03 is released.")
    row = Notification.objects.get(user__username="ann")
    assert letter.extra_headers["Message-ID"] == f"<notice-{row.pk}@localhost>"
    assert row.mailed_at is not None
    assert not row.mail_due


def test_a_verb_without_a_text_still_says_something(people: list[User]) -> None:
    _notify(people)
    row = Notification.objects.get(user__username="bo")
    assert notifications.text_of(row) == "There is news for you: test.said."


def test_a_text_whose_data_are_missing_stops_no_sweep(
    people: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(notifications._texts, "test.said", "The period %(period)s is released.")
    _notify(people)
    assert notifications.send_pending() == 1
    assert mail.outbox[0].subject == "The period ? is released."


def test_a_failing_mail_server_is_tried_again_five_times(
    people: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object, **more: object) -> None:
        raise smtplib.SMTPServerDisconnected

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", fail)
        _notify(people)
        assert notifications.send_pending() == 0
        assert Notification.objects.get(user__username="ann").mail_failures == 1
    assert notifications.send_pending() == 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", fail)
        _notify(people)
        for _turn in range(6):
            notifications.send_pending()
    last = Notification.objects.filter(user__username="ann").latest("id")
    assert (last.mail_failures, last.mail_due) == (5, False)


@pytest.mark.django_db(transaction=True)
def test_sweeps_at_once_send_each_mail_once(people: list[User]) -> None:
    for _turn in range(20):
        _notify(people)
    sent = race(4, lambda number: notifications.send_pending())
    assert sum(sent) == 20
    assert len({letter.extra_headers["Message-ID"] for letter in mail.outbox}) == 20


def test_a_sweep_killed_while_sending_leaves_the_mail_due(
    people: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(self: object, **more: object) -> None:
        raise SystemExit

    _notify(people)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", killed)
        with pytest.raises(SystemExit):
            notifications.send_pending()
    assert notifications.send_pending() == 1
