"""Taking an answer from its page: kept while it is being typed, stored once when it is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from core.brief import brief_transaction
from core.errors import Conflict, InvalidTransition
from core.locks import or_busy
from core.prepared import Prepared, execute
from customers.services import give_consent, refuse_contact
from surveys.collection.queries.links import Opened
from surveys.collection.rules.form import NOTICE_VERSION, Form
from surveys.collection.rules.typed import CONSENT, given
from surveys.models import AnswerDraft, Channel, Invitation
from surveys.services.bulk import copy_rows, send
from surveys.services.intake import single
from surveys.services.intake.store import Accepted, ensure_partitions

CONTACT_PURPOSE = "contact_about_answer"

_SAVE = Prepared(
    """INSERT INTO surveys_answerdraft
        (invitation_id, key, answers, page, started_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (invitation_id, key) DO UPDATE SET
        answers = surveys_answerdraft.answers || EXCLUDED.answers,
        page = EXCLUDED.page, updated_at = EXCLUDED.updated_at
    RETURNING answers, started_at""",
    6,
)


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
        values = [invitation.pk, key, json.dumps(dict(typed)), page, started_at, now]
        execute(cursor, _SAVE, values)
        answers, began = cursor.fetchone()
    return (json.loads(answers) if isinstance(answers, str) else answers), began


def response_no_of(invitation: Invitation, key: str) -> str:
    """The number an answer is stored under: the same for the same link and browser, so that an
    answer sent twice is one."""
    if invitation.kind == Invitation.Kind.EVENT:
        return f"W{invitation.pk:08d}"
    return f"P{invitation.pk}-{hashlib.sha256(key.encode()).hexdigest()[:20]}"


def submit(found: Opened, form: Form, answer: Answer, *, now: datetime) -> str:
    """Store the answer as the intake does, which judges and attributes it; returns its number.

    Sent twice, or by many at once: the first is stored, the others meet Conflict. A link that was
    revoked or ended meanwhile: InvalidTransition. Somebody else at work on the survey: Busy.
    """
    number = response_no_of(found.invitation, answer.key)
    if not _stored(found, form, number, answer, now):
        # In a transaction of its own: making a table locks its parent.
        ensure_partitions([timezone.localdate(now)])
        if not _stored(found, form, number, answer, now):
            raise RuntimeError("The tables of the month are missing.")
    return number


def _stored(found: Opened, form: Form, number: str, answer: Answer, now: datetime) -> bool:
    """False, and nothing stored, where the month has no tables yet."""
    invitation = found.invitation
    with or_busy(), brief_transaction() as ends:
        day = timezone.localdate(now)
        seen = single.look(found.survey, invitation.pk, number, day, first=ends.first)
        if seen is None:
            raise InvalidTransition(_("This link is no longer valid."))
        if not seen.prepared:
            return False
        if seen.stored or (seen.used_at is not None and not found.many):
            raise Conflict(_("This link has been answered already."))
        if not found.many and (seen.revoked_at is not None or now >= seen.expires_at):
            raise InvalidTransition(_("This link is no longer valid."))

        consenting = invitation.customer if answer.answers.get(CONSENT) else None

        def beside(accepted: Accepted) -> None:
            _keep_beside(found, accepted, answer, now)

        single.keep(
            found.survey,
            _item(found, form, number, answer, now),
            seen,
            event=invitation.event,
            departments=_departments(invitation),
            network="" if form.anonymous else answer.network,
            beside=beside,
            last=ends.last if consenting is None else "",
        )
        if consenting is not None:
            give_consent(consenting, purpose=CONTACT_PURPOSE, version=NOTICE_VERSION, now=now)
    return True


def _departments(invitation: Invitation) -> dict[str, int]:
    department = invitation.department
    return {} if department is None else {department.code: department.pk}


def _item(found: Opened, form: Form, number: str, answer: Answer, now: datetime) -> dict[str, Any]:
    """The answer as the intake takes it."""
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
    return item


_CONSENT = ("survey_id", "answered_on", "response_id", "notice_version", "contact", "language")
_USED = Prepared("UPDATE surveys_invitation SET used_at = $1, mail_due = false WHERE id = $2", 2)
_DROP = Prepared("DELETE FROM surveys_answerdraft WHERE invitation_id = $1 AND key = $2", 2)


def _keep_beside(found: Opened, accepted: Accepted, answer: Answer, now: datetime) -> None:
    """The notice it was given under; the link is used, and what was typed is an answer now."""
    contact = bool(answer.answers.get(CONSENT))
    noted = (accepted.answered_on, accepted.id, NOTICE_VERSION, contact, answer.language)
    copy_rows("surveys_answerconsent", _CONSENT, [(found.survey.pk, *noted)])
    send(_DROP, [found.invitation.pk, answer.key])
    if not found.many:
        send(_USED, [now, found.invitation.pk])


def drop_draft(invitation: Invitation, key: str) -> None:
    """Forget what was typed: the answer it belongs to is stored."""
    AnswerDraft.objects.filter(invitation=invitation, key=key).delete()


def refuse(invitation: Invitation, *, now: datetime) -> bool:
    """The customer's own word: no more surveys, for good. False: the link belongs to nobody."""
    if invitation.customer is None:
        return False
    refuse_contact(invitation.customer, now=now)
    return True
