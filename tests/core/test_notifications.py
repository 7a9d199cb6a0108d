"""Notices: with the change or not at all; each mail once, in the reader's language."""

import smtplib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import OperationalError, transaction
from django.utils.translation import gettext_noop

from core import notifications
from core.models import Notification, User
from core.tasks import send_pending_mail
from tests.core.conftest import race

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 2, tzinfo=UTC)


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


def test_a_failing_mail_server_is_tried_again_with_longer_and_longer_waits(
    people: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object, **more: object) -> None:
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    _notify(people)
    at, waits = NOW, []
    while (notice := _ann()).mail_due:
        assert notifications.send_pending(now=at) == 0
        notice = _ann()
        if notice.mail_retry_at is None:
            break
        assert notifications.send_pending(now=notice.mail_retry_at - timedelta(seconds=1)) == 0
        assert _ann().mail_failures == notice.mail_failures  # not before its time
        waits.append((notice.mail_retry_at - at).total_seconds() / 60)
        at = notice.mail_retry_at
    assert waits == [5, 15, 45, 135, 405, 720, 720]
    assert (_ann().mail_failures, _ann().mail_due) == (8, False)


def test_a_mail_that_failed_goes_out_once_the_server_is_well(
    people: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    _notify(people)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", _raiser(OSError("no route")))
        assert notifications.send_pending(now=NOW) == 0
    assert notifications.send_pending(now=NOW + timedelta(minutes=5)) == 1


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({}),
        smtplib.SMTPDataError(554, b"no"),
        UnicodeError("label too long"),
        ValueError("a bad header"),
        RuntimeError("anything"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_mail_with_a_fault_of_its_own_stops_no_other(
    people: list[User], error: Exception
) -> None:
    ann = people[0]
    bad = User.objects.create_user("bad", email="bad@example.com")
    _notify([bad])
    _notify([ann])
    send = EmailMessage.send

    def picky(self: EmailMessage, **more: object) -> int:
        if self.to == ["bad@example.com"]:
            raise error
        return send(self, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", picky)
        assert notifications.send_pending(now=NOW) == 1
    assert [letter.to for letter in mail.outbox] == [["ann@example.com"]]
    kept = Notification.objects.get(user=bad)
    assert (kept.mail_failures, kept.mail_due) == (1, True)
    assert kept.mail_retry_at == NOW + timedelta(minutes=5)


def test_an_address_no_mail_can_carry_stops_no_other(people: list[User]) -> None:
    """With the real library, which refuses the header before any server is asked."""
    bad = User.objects.create_user("bad", email="a\nb@example.com")
    _notify([bad])
    _notify([people[0]])
    assert notifications.send_pending(now=NOW) == 1
    assert Notification.objects.get(user=bad).mail_failures == 1


def test_an_error_of_the_database_is_no_fault_of_the_mail(people: list[User]) -> None:
    _notify(people)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", _raiser(OperationalError("gone")))
        with pytest.raises(OperationalError):
            notifications.send_pending(now=NOW)
    assert _ann().mail_failures == 0


def _ann() -> Notification:
    return Notification.objects.get(user__username="ann")


def _raiser(error: Exception) -> Any:
    def send(self: object, **more: object) -> None:
        raise error

    return send


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
