"""What a link opens: the invitation, its state, the pages, and what was typed before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Model
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core.prepared import Prepared, execute
from customers.models import ServiceEvent, Stage
from organization.models import Department
from surveys.collection.rules import form as forms
from surveys.collection.rules.form import Form
from surveys.collection.rules.tokens import LONGEST, digest
from surveys.models import (
    AnswerConsent,
    AnswerDraft,
    Invitation,
    QuestionnaireVersion,
    ResponseKey,
    Survey,
)
from surveys.queries.facts import questionnaire_of


class State(Enum):
    READY = "ready"
    ANSWERED = "answered"
    EXPIRED = "expired"
    REVOKED = "revoked"
    CLOSED = "closed"
    EARLY = "early"


@dataclass(frozen=True)
class Opened:
    """An existing link at a moment. `answered_at` None although answered: by another way. `draft`:
    what was typed so far. `company`: its names as customers know it."""

    invitation: Invitation
    state: State
    answered_at: datetime | None
    draft: AnswerDraft | None
    company: Mapping[str, str]

    @property
    def survey(self) -> Survey:
        return self.invitation.survey

    @property
    def many(self) -> bool:
        return self.invitation.kind == Invitation.Kind.OPEN

    @property
    def stage(self) -> str:
        event = self.invitation.event
        return str(Stage(event.stage).label) if event else ""


def opened(token: str, now: datetime, key: str = "") -> Opened | None:
    """What the token opens; None where there is no such link. `key` tells the browsers of a poster
    apart. One query, nothing is recorded."""
    if len(token) > LONGEST:
        return None
    with connection.cursor() as cursor:
        execute(cursor, _LINK, [digest(token), key])
        row = cursor.fetchone()
    if row is None:
        return None
    link_revoked_at, has_answer, named, *values = row
    invitation, survey, version, event, department, draft = _built(values)
    survey.version, invitation.survey = version, survey
    if event is None:
        invitation.department = department
    else:
        event.department, invitation.event = department, event
    if draft is not None:
        draft.answers = json.loads(draft.answers)
    answered = invitation.used_at is not None or has_answer
    revoked = link_revoked_at is not None or invitation.revoked_at is not None
    state = state_of(invitation, now, answered, revoked)
    return Opened(invitation, state, invitation.used_at, draft, _company(named))


# Every customer's page asks this once, for all it shows and checks.
_LATER = {"spec"}  # large, and read once a process
_BUILT: dict[str, type[Model]] = {
    "i": Invitation, "s": Survey, "v": QuestionnaireVersion, "e": ServiceEvent, "d": Department,
    "a": AnswerDraft,
}  # fmt: skip
_FIELDS = {
    alias: [field.attname for field in model._meta.concrete_fields if field.attname not in _LATER]
    for alias, model in _BUILT.items()
}


def _columns(*aliases: str) -> str:
    return ", ".join(f"{alias}.{name}" for alias in aliases for name in _FIELDS[alias])


def _built(values: Sequence[Any]) -> list[Any]:
    """Instances of the models of _BUILT from the columns of one row, None where nothing is."""
    at, found = 0, []
    for alias, model in _BUILT.items():
        names = _FIELDS[alias]
        own = values[at : at + len(names)]
        found.append(None if own[0] is None else model.from_db("default", names, own))
        at += len(names)
    return found


_LINK = Prepared(
    f"""
SELECT l.revoked_at, EXISTS (SELECT FROM surveys_responsekey k
        WHERE k.survey_id = i.survey_id AND k.event_id = i.event_id),
    (SELECT ARRAY[name_zh, name_en] FROM organization_department
        WHERE parent_id IS NULL AND is_active ORDER BY code LIMIT 1),
    {_columns(*_BUILT)}
FROM surveys_invitationlink l
JOIN surveys_invitation i ON i.id = l.invitation_id
JOIN surveys_survey s ON s.id = i.survey_id
JOIN surveys_questionnaireversion v ON v.id = s.version_id
LEFT JOIN customers_serviceevent e ON e.id = i.event_id
LEFT JOIN organization_department d ON d.id = coalesce(e.department_id, i.department_id)
LEFT JOIN surveys_answerdraft a ON a.invitation_id = i.id
    AND a.key = CASE i.kind WHEN '{Invitation.Kind.OPEN}' THEN $2 ELSE '' END
WHERE l.digest = $1""",  # noqa: S608 - constants only
    2,
)


def state_of(invitation: Invitation, now: datetime, answered: bool, revoked: bool) -> State:
    """What an invitation is good for now. What was answered stays answered, whatever came after."""
    survey, today = invitation.survey, timezone.localdate(now)
    if answered:
        return State.ANSWERED
    if revoked:
        return State.REVOKED
    if survey.status == Survey.Status.CLOSED or today > survey.closes_on:
        return State.CLOSED
    if now >= invitation.expires_at:
        return State.EXPIRED
    return State.EARLY if today < survey.opens_on else State.READY


def form_of(survey: Survey, *, personal: bool) -> Form:
    """The pages in the language that is active. The content of a version never changes, so it is
    read once a process."""
    language = "en" if (translation.get_language() or "").startswith("en") else "zh"
    version = survey.version
    return _form(version.pk, version.content_hash, language, personal, _("I did not experience it"))


@lru_cache(maxsize=64)
def _form(version_id: int, _hash: str, language: str, personal: bool, na_label: str) -> Form:
    version = QuestionnaireVersion.objects.get(pk=version_id)
    survey = Survey(version=version)
    return forms.build(
        questionnaire_of(survey), version.spec, language, personal=personal, na_label=na_label
    )


def form_for(found: Opened) -> Form:
    """The pages of a link: a customer who is known may ask to be called back."""
    return form_of(found.survey, personal=not found.many)


def draft_of(invitation: Invitation, key: str) -> AnswerDraft | None:
    return AnswerDraft.objects.filter(invitation=invitation, key=key).first()


def company() -> Mapping[str, str]:
    """The company's names as customers know it; without, those of the top department."""
    if settings.COMPANY_NAME_ZH:
        return _company(None)
    top = Department.objects.filter(parent=None, is_active=True).order_by("code")
    return _company(top.values_list("name_zh", "name_en").first())


def _company(top: Sequence[str] | None) -> Mapping[str, str]:
    if settings.COMPANY_NAME_ZH:
        return {"name_zh": settings.COMPANY_NAME_ZH, "name_en": settings.COMPANY_NAME_EN}
    return dict(zip(("name_zh", "name_en"), top or ("", ""), strict=True))


def is_answered(survey: Survey, response_no: str) -> bool:
    return ResponseKey.objects.filter(survey=survey, response_no=response_no).exists()


def asked_contact(found: Opened) -> bool:
    """Whether the answer of this link asked to be contacted, with consent."""
    if found.answered_at is None or found.many:
        return False
    return AnswerConsent.objects.filter(
        survey=found.survey,
        answered_on=timezone.localdate(found.answered_at),
        response__event=found.invitation.event,
        contact=True,
    ).exists()
