"""Questionnaires come in as drafts; opening a survey publishes the version it asks."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.api import load_json
from core.errors import Conflict, InvalidInput
from core.locks import Lock, take
from core.models import User
from core.months import EVER
from surveys.models import CleaningRuleSet, Questionnaire, QuestionnaireVersion, Survey
from surveys.rules.reading import BadQuestionnaire, parse

READY = Path(__file__).resolve().parent.parent / "content" / "questionnaires"
MAX_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True)
class Imported:
    version: QuestionnaireVersion
    created: bool


def read_spec(source: Path | bytes) -> Any:
    """The decoded JSON of a questionnaire file; fractions are exact. Unreadable: InvalidInput."""
    try:
        raw = source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise InvalidInput(
            _("%(path)s cannot be read: %(error)s.")
            % {"path": source, "error": error.strerror or error}
        ) from error
    if len(raw) > MAX_BYTES:
        raise InvalidInput(_("The file is larger than %(size)d MB.") % {"size": 5})
    try:
        return load_json(raw)
    except ValueError as error:
        raise InvalidInput(_("The file is not JSON: %(error)s.") % {"error": error}) from error


def content_hash(spec: Any) -> str:
    """SHA-256 of the content: the order of keys and how a number is written do not matter."""
    text = json.dumps(
        _plain(spec), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def import_questionnaire(spec: Any, *, actor: User | None) -> Imported:
    """Store a questionnaire as the next draft version. Content equal to the newest version's
    changes nothing; faults: InvalidInput naming each."""
    try:
        questionnaire = parse(spec)
    except BadQuestionnaire as error:
        raise InvalidInput(
            "\n".join(f"{each.where}: {_(each.message) % each.values}" for each in error.faults)
        ) from error
    take(Lock.QUESTIONNAIRE, questionnaire.code)
    owner, _created = Questionnaire.objects.update_or_create(
        code=questionnaire.code,
        defaults={"name_zh": questionnaire.name_zh, "name_en": questionnaire.name_en},
    )
    newest = owner.versions.order_by("-number").first()
    digest = content_hash(spec)
    if newest is not None and newest.content_hash == digest:
        return Imported(newest, created=False)
    version = QuestionnaireVersion.objects.create(
        questionnaire=owner,
        number=newest.number + 1 if newest else 1,
        spec=spec,
        content_hash=digest,
        created_by=actor,
    )
    audit.record(actor, "questionnaire.imported", version, number=version.number, hash=digest)
    return Imported(version, created=True)


def import_ready_questionnaires(*, actor: User | None) -> list[Imported]:
    """Store the questionnaires that ship with the product, as drafts."""
    return [
        import_questionnaire(read_spec(path), actor=actor) for path in sorted(READY.glob("*.json"))
    ]


@transaction.atomic
def open_survey(
    code: str,
    *,
    questionnaire: str,
    first: date,
    last: date,
    actor: User,
    rule_set: CleaningRuleSet | None = None,
) -> tuple[Survey, bool]:
    """Publish the newest version of a questionnaire and open a survey on it, first..last inclusive.

    The actor is recorded as approver, also of the product's own cleaning rules where no other rule
    set is named. The same call again returns the survey and False; the code
    with another questionnaire or window is a Conflict.
    """
    if last < first:
        raise InvalidInput(_("The last day lies before the first."))
    if min(first, last) < EVER[0] or max(first, last) > EVER[1]:
        raise InvalidInput(_("The days of a survey must be in the years 2000 to 2099."))
    if not _is_code(code):
        raise InvalidInput(
            _(
                "The code of a survey has 1 to 64 visible characters, no slash, no space at its"
                " ends, and is not only dots."
            )
        )
    take(Lock.SURVEY, code)
    existing = Survey.objects.select_related("version__questionnaire").filter(code=code).first()
    if existing is not None:
        same = (existing.version.questionnaire.code, existing.opens_on, existing.closes_on)
        if same == (questionnaire, first, last):
            return existing, False
        raise Conflict(
            _("The survey %(code)s is open already, with other days or another questionnaire.")
            % {"code": code}
        )
    version = _publish(questionnaire, actor)
    if rule_set is None:
        # Cleaning judges with the services of this package, so it is asked for when needed.
        from surveys.cleaning.services import default_rule_set

        rule_set = default_rule_set(actor=actor, now=timezone.now())
    survey = Survey.objects.create(
        code=code,
        version=version,
        rule_set=rule_set,
        opens_on=first,
        closes_on=last,
        created_by=actor,
    )
    audit.record(
        actor,
        "survey.opened",
        survey,
        questionnaire=questionnaire,
        version=version.number,
        first=first,
        last=last,
        rule_set=str(rule_set),
    )
    return survey, True


def _is_code(code: str) -> bool:
    """Whether the text can stand in an address: /surveys/<code>/."""
    plain = code.isprintable() and "/" not in code and code == code.strip()
    return plain and 1 <= len(code) <= 64 and bool(code.strip("."))


def _publish(code: str, actor: User) -> QuestionnaireVersion:
    """The newest version, published by the actor where it was a draft."""
    take(Lock.QUESTIONNAIRE, code)
    version = (
        QuestionnaireVersion.objects.exclude(status=QuestionnaireVersion.Status.RETIRED)
        .filter(questionnaire__code=code)
        .order_by("-number")
        .first()
    )
    if version is None:
        raise InvalidInput(_("There is no questionnaire %(code)s.") % {"code": code})
    if version.status == QuestionnaireVersion.Status.DRAFT:
        version.status = QuestionnaireVersion.Status.PUBLISHED
        version.approved_by, version.approved_at = actor, timezone.now()
        version.save(update_fields=["status", "approved_by", "approved_at"])
        audit.record(actor, "questionnaire.published", version, hash=version.content_hash)
    return version


def _plain(value: Any) -> Any:
    """Numbers as one text each, so that 1, 1.0 and 1.00 are the same content."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | Decimal):
        return f"{Decimal(value).normalize():f}"
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    raise InvalidInput(_("The file holds a value that JSON does not know."))
