"""Sending invitations by e-mail: safe to kill and to repeat at any point."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from core.mailing import Outcome, deliver, next_try
from customers.models import ContactRefusal, CustomerContact
from surveys.collection.queries.links import State, company, form_of, state_of
from surveys.collection.rules.tokens import digest, new_token
from surveys.models import Invitation, InvitationLink, ResponseKey

LEASE = timedelta(minutes=10)


def send_due(now: datetime, limit: int = 200) -> int:
    """Send the invitations and reminders that are due; returns how many were sent. One that fails
    waits for its next try while the others go out; an ill mail server ends the sweep.

    Three steps each. A mail is claimed together with a link of its own (committed, so what the
    mail says works from then on), sent, and noted as sent. Two sweeps never claim the same one. A
    sweep killed after sending leaves it due: the next one, after the lease, sends it again under
    the same Message-ID, and both links work.
    """
    sent = 0
    for _turn in range(limit):
        claimed = _claim(now)
        if claimed is None:
            return sent
        invitation, token = claimed
        if token is None:
            continue
        called = f"Invitation {invitation.pk}"
        outcome = deliver(partial(_mail, invitation, token), called)
        if outcome is Outcome.SENT:
            _note_sent(invitation, now)
            sent += 1
            continue
        _note_failed(invitation, now)
        if outcome is Outcome.ILL:
            return sent
    return sent


def hold_due() -> int:
    """Let no invitation or reminder that is due now be sent; returns how many. Links handed out
    already go on working, and an invitation can be issued again."""
    due = Invitation.objects.filter(mail_due=True)
    return due.update(mail_due=False, mail_claimed_at=None)


@transaction.atomic
def _claim(now: datetime) -> tuple[Invitation, str | None] | None:
    """The next due invitation with a new token; no token: it is not to be sent any more."""
    invitation = (
        Invitation.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(Q(mail_claimed_at=None) | Q(mail_claimed_at__lt=now - LEASE), mail_due=True)
        .filter(Q(mail_retry_at=None) | Q(mail_retry_at__lte=now))
        .select_related("survey__version", "event__department", "customer")
        .order_by("mail_failures", "id")
        .first()
    )
    if invitation is None:
        return None
    if not _still_wanted(invitation, now):
        invitation.mail_due = False
        invitation.save(update_fields=["mail_due"])
        return invitation, None
    token = new_token()
    InvitationLink.objects.create(invitation=invitation, digest=digest(token), created_at=now)
    invitation.mail_claimed_at = now
    invitation.save(update_fields=["mail_claimed_at"])
    return invitation, token


def _still_wanted(invitation: Invitation, now: datetime) -> bool:
    """Not answered, ended or revoked meanwhile, and the customer still lets us write."""
    answered = (
        invitation.used_at is not None
        or ResponseKey.objects.filter(
            survey_id=invitation.survey_id, event_id=invitation.event_id
        ).exists()
    )
    state = state_of(invitation, now, answered, invitation.revoked_at is not None)
    if state not in (State.READY, State.EARLY):
        return False
    refused = ContactRefusal.objects.filter(customer=invitation.customer, taken_back_at=None)
    return not refused.exists() and bool(_address(invitation))


def _address(invitation: Invitation) -> str:
    found = CustomerContact.objects.filter(customer=invitation.customer)
    return found.values_list("email", flat=True).first() or ""


def _mail(invitation: Invitation, token: str) -> EmailMessage:
    number = invitation.reminders + (1 if invitation.sent_at else 0)
    with translation.override(invitation.language):
        context = {
            "form": form_of(invitation.survey, personal=True),
            "invitation": invitation,
            "company": company(),
            "reminder": number > 0,
            "link": settings.PUBLIC_URL + reverse("answer", args=[token]),
            "stop": settings.PUBLIC_URL + reverse("answer_stop", args=[token]),
        }
        subject = render_to_string("public/mail_subject.txt", context).strip()
        body = render_to_string("public/mail.txt", context)
    return EmailMessage(
        subject=" ".join(subject.split())[:150],
        body=body,
        to=[_address(invitation)],
        headers={"Message-ID": f"<invitation-{invitation.pk}-{number}@{_domain()}>"},
    )


def _note_failed(invitation: Invitation, now: datetime) -> None:
    failures = invitation.mail_failures + 1
    again = next_try(failures, now)
    Invitation.objects.filter(pk=invitation.pk).update(
        mail_failures=failures,
        mail_due=again is not None,
        mail_retry_at=again,
        mail_claimed_at=None,
    )


def _note_sent(invitation: Invitation, now: datetime) -> None:
    reminded = 1 if invitation.sent_at else 0
    Invitation.objects.filter(pk=invitation.pk).update(
        mail_due=False, mail_claimed_at=None, sent_at=now, reminders=F("reminders") + reminded
    )


def _domain() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(" >") or "localhost"
