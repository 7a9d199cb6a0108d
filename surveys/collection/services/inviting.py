"""Inviting customers: who may be asked gets one link, which is shown or sent once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import InvalidInput, InvalidTransition
from core.locks import Lock, take
from core.models import User
from core.permissions import Denied, require
from customers.models import ServiceEvent
from customers.services import record_invitations, record_reminders
from organization.models import Department
from surveys.collection.permissions import may_draw, may_invite, may_invite_for
from surveys.collection.queries.invitations import to_remind
from surveys.collection.queries.plan import (
    BY_RULE,
    MOST_EVENTS,
    LeftOut,
    plan,
    valid_days_of,
)
from surveys.collection.rules.tokens import digest, new_token
from surveys.models import Invitation, InvitationLink, Survey
from surveys.queries.facts import questionnaire_of

LONGEST_VALID_DAYS = 90
POSTER_DAYS = 730
DAYS_BEFORE_REMINDING = 3


@dataclass(frozen=True)
class Issued:
    """An invitation with the token of its link: the only moment it can be shown."""

    invitation: Invitation
    token: str


@dataclass
class Invited:
    """What inviting did. `issued` has tokens for the ways where somebody hands the link over; the
    links of e-mails are made when these are sent. `left_out`: event id -> reason."""

    issued: list[Issued] = field(default_factory=list)
    mails: int = 0
    left_out: dict[int, LeftOut] = field(default_factory=dict)

    @property
    def reasons(self) -> dict[LeftOut, int]:
        found = list(self.left_out.values())
        return {reason: n for reason in LeftOut if (n := found.count(reason))}


def reference_of(invitation: Invitation, event_no: str) -> str:
    """How the log of contacts names an invitation."""
    return f"{invitation.survey_id}/{event_no}"


@transaction.atomic
def invite(
    survey: Survey,
    events: Sequence[ServiceEvent],
    *,
    actor: User,
    now: datetime,
    channel: str = Invitation.Channel.EMAIL,
    language: str = "zh-hans",
    valid_days: int | None = None,
) -> Invited:
    """Invite the customers of these events as far as the contact rules let; one set-based pass.

    Whoever served in one of the events may not choose them: Denied. An anonymous questionnaire
    takes no personal links: InvalidInput. Each invitation is logged as a contact now.
    """
    require(may_draw(actor, events))
    _check_open(survey, now)
    if questionnaire_of(survey).anonymous:
        raise InvalidInput(
            _("The questionnaire is anonymous: use a poster, whose link names nobody.")
        )
    if len(events) > MOST_EVENTS:
        raise InvalidInput(
            _("At most %(n)d services at a time: choose fewer days.") % {"n": MOST_EVENTS}
        )
    days = valid_days_of(survey) if valid_days is None else valid_days
    if not 1 <= days <= LONGEST_VALID_DAYS:
        raise InvalidInput(_("A link is valid for 1 to %(n)d days.") % {"n": LONGEST_VALID_DAYS})
    take(Lock.INVITATIONS, survey.pk, wait_ms=20_000)
    planned = plan(survey, events, channel, timezone.localdate(now))
    result = Invited(
        left_out={row.event.pk: row.reason for row in planned.rows if row.reason is not None}
    )
    chosen = _logged(survey, planned.invited, result, now)
    rows = _create(survey, chosen, channel, language, _end(survey, now, days), actor, now)
    if channel == Invitation.Channel.EMAIL:
        result.mails = len(rows)
    else:
        result.issued = _issue(rows, now)
    audit.record(
        actor,
        "invitations.created",
        survey,
        channel=channel,
        invited=len(rows),
        left_out={str(reason): n for reason, n in result.reasons.items()},
    )
    return result


def _logged(
    survey: Survey, events: Sequence[ServiceEvent], result: Invited, now: datetime
) -> list[ServiceEvent]:
    """The events whose customers the log took; another survey may have just been first."""
    references = {event.customer_id: f"{survey.pk}/{event.event_no}" for event in events}
    refused = record_invitations(references, now=now)
    for event in events:
        if event.customer_id in refused:
            result.left_out[event.pk] = BY_RULE[refused[event.customer_id]]
    return [event for event in events if event.customer_id not in refused]


def _create(
    survey: Survey,
    events: Sequence[ServiceEvent],
    channel: str,
    language: str,
    expires_at: datetime,
    actor: User | None,
    now: datetime,
) -> list[Invitation]:
    return Invitation.objects.bulk_create(
        [
            Invitation(
                survey=survey,
                kind=Invitation.Kind.EVENT,
                channel=channel,
                event=event,
                customer_id=event.customer_id,
                language=language,
                expires_at=expires_at,
                created_at=now,
                created_by=actor,
                mail_due=channel == Invitation.Channel.EMAIL,
            )
            for event in events
        ],
        batch_size=1000,
    )


def _issue(rows: Sequence[Invitation], now: datetime) -> list[Issued]:
    issued = [Issued(row, new_token()) for row in rows]
    InvitationLink.objects.bulk_create(
        [
            InvitationLink(invitation=each.invitation, digest=digest(each.token), created_at=now)
            for each in issued
        ],
        batch_size=1000,
    )
    return issued


def _end(survey: Survey, now: datetime, days: int) -> datetime:
    """24:00 of the last day a link is good for, at most the survey's last day."""
    last = min(timezone.localdate(now) + timedelta(days=days), survey.closes_on)
    return datetime.combine(last + timedelta(days=1), time(), timezone.get_default_timezone())


def _check_open(survey: Survey, now: datetime) -> None:
    if survey.status != Survey.Status.OPEN or timezone.localdate(now) > survey.closes_on:
        raise InvalidTransition(_("The survey is closed: nobody can be invited any more."))


@transaction.atomic
def open_poster(
    survey: Survey,
    *,
    actor: User,
    now: datetime,
    department: Department | None = None,
    language: str = "zh-hans",
) -> Issued:
    """A link for many answers, to be printed: they count for the department and for no person.

    Only for questionnaires that rate nobody personally, or anonymous ones, would it be the whole
    truth; for the others the answers enter department and survey figures alone.
    """
    require(may_invite_for(actor, [department.pk if department else None]))
    _check_open(survey, now)
    if questionnaire_of(survey).anonymous and department is not None:
        raise InvalidInput(
            _("The questionnaire is anonymous: its poster is for the whole company.")
        )
    poster = Invitation.objects.create(
        survey=survey,
        kind=Invitation.Kind.OPEN,
        channel=Invitation.Channel.QR,
        department=department,
        language=language,
        expires_at=_end(survey, now, POSTER_DAYS),
        created_at=now,
        created_by=actor,
    )
    audit.record(
        actor,
        "invitation.poster",
        poster,
        survey=survey.code,
        department=department.code if department else "",
    )
    return _issue([poster], now)[0]


@transaction.atomic
def reissue(invitation: Invitation, *, actor: User, now: datetime) -> Issued:
    """A new link for an invitation whose link was lost; those before stop working. No new contact:
    the customer asked for it, or it goes out in the same message."""
    locked = _locked(invitation, actor)
    _check_open(locked.survey, now)
    if locked.expires_at <= now:
        raise InvalidTransition(_("The invitation has expired."))
    InvitationLink.objects.filter(invitation=locked, revoked_at=None).update(revoked_at=now)
    Invitation.objects.filter(pk=locked.pk).update(mail_due=False)
    audit.record(actor, "invitation.reissued", locked)
    return _issue([locked], now)[0]


@transaction.atomic
def revoke(invitation: Invitation, *, actor: User, now: datetime) -> Invitation:
    """The invitation and its links stop working; an answer that was given stays."""
    locked = _locked(invitation, actor)
    locked.revoked_at, locked.mail_due = now, False
    locked.save(update_fields=["revoked_at", "mail_due"])
    audit.record(actor, "invitation.revoked", locked)
    return locked


def _locked(invitation: Invitation, actor: User) -> Invitation:
    """The row, locked, for a change by the actor; answered or revoked: InvalidTransition."""
    locked = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("survey", "event")
        .get(pk=invitation.pk)
    )
    if locked.event:
        require(may_draw(actor, [locked.event]))
    else:
        require(may_invite_for(actor, [locked.department_id]))
    if locked.used_at is not None:
        raise InvalidTransition(_("The invitation has been answered."))
    if locked.revoked_at is not None:
        raise InvalidTransition(_("The invitation has been revoked."))
    return locked


@transaction.atomic
def remind(survey: Survey, *, actor: User, now: datetime) -> int:
    """Remind everybody who got an e-mail some days ago and has not answered, at most twice each,
    as far as the actor's role reaches; returns how many mails are due."""
    require(may_invite(actor))
    _check_open(survey, now)
    take(Lock.INVITATIONS, survey.pk, wait_ms=20_000)
    before = now - timedelta(days=DAYS_BEFORE_REMINDING)
    rows = list(to_remind(survey, actor, now, before).select_related("event")[:MOST_EVENTS])
    denied = may_draw(actor, [row.event for row in rows if row.event])
    if isinstance(denied, Denied):
        raise denied
    by_reference = {
        reference_of(row, row.event.event_no): row for row in rows if row.event is not None
    }
    allowed = record_reminders(
        {
            reference: row.customer_id
            for reference, row in by_reference.items()
            if row.customer_id is not None
        },
        now=now,
    )
    chosen = [by_reference[reference].pk for reference in allowed]
    due = Invitation.objects.filter(pk__in=chosen)
    due.update(mail_due=True, mail_failures=0, mail_retry_at=None, mail_claimed_at=None)
    audit.record(actor, "invitations.reminded", survey, reminded=len(chosen))
    return len(chosen)


def demo_link(
    survey: Survey, event: ServiceEvent, *, actor: User, now: datetime, language: str = "zh-hans"
) -> str | None:
    """The token of a fresh link for one event, as somebody at the counter makes it with a printed
    code; None where the contact rules leave the customer alone."""
    done = invite(
        survey,
        [event],
        actor=actor,
        now=now,
        channel=Invitation.Channel.QR,
        language=language,
    )
    return done.issued[0].token if done.issued else None
