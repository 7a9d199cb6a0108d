"""Taking an answer from its page: kept while it is being typed, stored once when it is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import BadRows, Conflict, InvalidTransition
from customers.services import give_consent, refuse_contact
from surveys.collection.queries.links import Opened
from surveys.collection.rules.form import NOTICE_VERSION, Form
from surveys.collection.rules.typed import CONSENT, given
from surveys.models import (
    AnswerConsent,
    AnswerDraft,
    Channel,
    Invitation,
    ResponseKey,
    ResponsePersonal,
)
from surveys.services import accept_responses
from surveys.services.intake.store import ensure_partitions

CONTACT_PURPOSE = "contact_about_answer"

_SAVE = """INSERT INTO surveys_answerdraft
        (invitation_id, key, answers, page, started_at, updated_at)
    VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (invitation_id, key) DO UPDATE SET
        answers = surveys_answerdraft.answers || EXCLUDED.answers,
        page = EXCLUDED.page, updated_at = EXCLUDED.updated_at
    RETURNING answers, started_at"""


@dataclass(frozen=True)
class Answer:
    """What comes along with an answer. `key` tells the browsers of a poster apart."""

    key: str
    answers: Mapping[str, Any]
    started_at: datetime
    device: str
    network: str
    language: str


def save_draft(
    invitation: Invitation,
    key: str,
    typed: Mapping[str, Any],
    *,
    page: int,
    started_at: datetime,
    now: datetime,
) -> tuple[dict[str, Any], datetime]:
    """Keep what was typed on one page (null: nothing) beside what is kept of the others, and the
    page to go on with. Returns (everything kept, when the first page was opened)."""
    with connection.cursor() as cursor:
        cursor.execute(_SAVE, [invitation.pk, key, json.dumps(dict(typed)), page, started_at, now])
        answers, began = cursor.fetchone()
    return (json.loads(answers) if isinstance(answers, str) else answers), began


def response_no_of(invitation: Invitation, key: str) -> str:
    """The number an answer is stored under: the same for the same link and browser, so that an
    answer sent twice is one."""
    if invitation.kind == Invitation.Kind.EVENT:
        return f"W{invitation.pk:08d}"
    return f"P{invitation.pk}-{hashlib.sha256(key.encode()).hexdigest()[:20]}"


def submit(found: Opened, form: Form, answer: Answer, *, now: datetime) -> str:
    """Store the answer through the intake, which judges and attributes it; returns its number.

    Sent twice, or by many at once: the first is stored, the others meet Conflict. A link that was
    revoked or ended meanwhile: InvalidTransition.
    """
    ensure_partitions([timezone.localdate(now)])
    with transaction.atomic():
        invitation = found.invitation
        if not found.many:
            # The row lock comes before the intake's own locks: nobody takes them the other way.
            invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
            if invitation.used_at is not None:
                raise Conflict(_("This link has been answered already."))
            if invitation.revoked_at is not None or now >= invitation.expires_at:
                raise InvalidTransition(_("This link is no longer valid."))
        number = response_no_of(invitation, answer.key)
        _take_in(found, form, number, answer, now)
        _keep_beside(found, form, number, answer, now)
        drop_draft(invitation, answer.key)
        if not found.many:
            Invitation.objects.filter(pk=invitation.pk).update(used_at=now, mail_due=False)
    return number


def _take_in(found: Opened, form: Form, number: str, answer: Answer, now: datetime) -> None:
    invitation = found.invitation
    item: dict[str, Any] = {
        "response_no": number,
        "channel": Channel.ONLINE,
        "started_at": answer.started_at.isoformat(),
        "submitted_at": now.isoformat(),
        "answers": given(form.items(), answer.answers),
    }
    if invitation.event is not None:
        item["event_no"] = invitation.event.event_no
    if invitation.department is not None:
        item["department_code"] = invitation.department.code
    if not form.anonymous:
        item["device"] = answer.device
    try:
        report = accept_responses(found.survey.code, [item], actor=None)
    except BadRows as error:
        if any(fault.conflict for fault in error.errors):
            raise Conflict(_("This link has been answered already.")) from error
        raise
    if not report.new:
        raise Conflict(_("This link has been answered already."))


def _keep_beside(found: Opened, form: Form, number: str, answer: Answer, now: datetime) -> None:
    """The notice it was given under; the network, which can be erased; a consent to be called."""
    survey = found.survey
    key = ResponseKey.objects.only("answered_on", "response_id").get(
        survey=survey, response_no=number
    )
    contact = bool(answer.answers.get(CONSENT))
    AnswerConsent.objects.create(
        survey=survey,
        answered_on=key.answered_on,
        response_id=key.response_id,
        notice_version=NOTICE_VERSION,
        contact=contact,
        language=answer.language,
    )
    if not form.anonymous:
        ResponsePersonal.objects.filter(
            answered_on=key.answered_on, response_id=key.response_id
        ).update(network=answer.network)
    if contact and found.invitation.customer is not None:
        give_consent(
            found.invitation.customer, purpose=CONTACT_PURPOSE, version=NOTICE_VERSION, now=now
        )


def drop_draft(invitation: Invitation, key: str) -> None:
    """Forget what was typed: the answer it belongs to is stored."""
    AnswerDraft.objects.filter(invitation=invitation, key=key).delete()


def refuse(invitation: Invitation, *, now: datetime) -> bool:
    """The customer's own word: no more surveys, for good. False: the link belongs to nobody."""
    if invitation.customer is None:
        return False
    refuse_contact(invitation.customer, now=now)
    return True
