"""What a link opens: the invitation, its state, the pages, and what was typed before."""

from __future__ import annotations

from collections.abc import Sequence
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
    """An existing link at a moment. `answered_at` None although answered: by another way."""

    invitation: Invitation
    state: State
    answered_at: datetime | None = None

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


def opened(token: str, now: datetime) -> Opened | None:
    """What the token opens; None where there is no such link. Two queries, nothing is recorded."""
    if len(token) > LONGEST:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_LINK, [digest(token)])
        row = cursor.fetchone()
        if row is None:
            return None
        link_revoked_at, has_answer, *values = row
        invitation, survey, version = _built(values, (Invitation, Survey, QuestionnaireVersion))
        survey.version, invitation.survey = version, survey
        if invitation.event_id is not None:
            cursor.execute(_EVENT, [invitation.event_id])
            event, department = _built(cursor.fetchone(), (ServiceEvent, Department))
            event.department, invitation.event = department, event
    answered = invitation.used_at is not None or has_answer
    revoked = link_revoked_at is not None or invitation.revoked_at is not None
    return Opened(invitation, state_of(invitation, now, answered, revoked), invitation.used_at)


# Every customer's page asks this twice. Written out it costs a tenth: the ORM would put the same
# statement together each time, and the server plan a join of nine tables.
_LATER = {"spec"}  # large, and read once a process


def _names(model: type[Model]) -> list[str]:
    fields = model._meta.concrete_fields
    return [field.attname for field in fields if field.attname not in _LATER]


def _columns(alias: str, model: type[Model]) -> str:
    return ", ".join(f"{alias}.{name}" for name in _names(model))


def _built(values: Sequence[Any], models: Sequence[type[Model]]) -> list[Any]:
    """Instances of the models from the columns of one row, in that order."""
    at, found = 0, []
    for model in models:
        names = _names(model)
        found.append(model.from_db("default", names, values[at : at + len(names)]))
        at += len(names)
    return found


_LINK = f"""
SELECT l.revoked_at, EXISTS (SELECT 1 FROM surveys_responsekey k
        WHERE k.survey_id = i.survey_id AND k.event_id = i.event_id),
    {_columns("i", Invitation)}, {_columns("s", Survey)}, {_columns("v", QuestionnaireVersion)}
FROM surveys_invitationlink l
JOIN surveys_invitation i ON i.id = l.invitation_id
JOIN surveys_survey s ON s.id = i.survey_id
JOIN surveys_questionnaireversion v ON v.id = s.version_id
WHERE l.digest = %s"""  # noqa: S608
_EVENT = f"""
SELECT {_columns("e", ServiceEvent)}, {_columns("d", Department)}
FROM customers_serviceevent e JOIN organization_department d ON d.id = e.department_id
WHERE e.id = %s"""  # noqa: S608


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


def company() -> dict[str, Any]:
    """The company's names as customers know it; without, those of the top department."""
    if settings.COMPANY_NAME_ZH:
        return {"name_zh": settings.COMPANY_NAME_ZH, "name_en": settings.COMPANY_NAME_EN}
    found = (
        Department.objects.filter(parent=None, is_active=True)
        .order_by("code")
        .values("name_zh", "name_en")
        .first()
    )
    return dict(found) if found else {"name_zh": "", "name_en": ""}


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
