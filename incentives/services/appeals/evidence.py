"""Files of evidence: added by the appellant, taken back only while the appeal is a draft."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import InvalidInput, InvalidTransition
from core.models import User
from core.permissions import require
from incentives.models import Appeal, AppealFile
from incentives.models.appeals import EVIDENCE_FILES, EVIDENCE_LIMIT
from incentives.permissions import may_file_appeal
from incentives.rules.evidence import content_type_of, plain_name
from incentives.services.appeals.steps import State, log


@transaction.atomic
def attach_file(
    appeal: Appeal, name: str, content: bytes, *, actor: User, now: datetime | None = None
) -> AppealFile:
    """Add evidence: at most 5 files of 10 MB, typed by their content. The same file again is kept
    once."""
    now = now or timezone.now()
    require(may_file_appeal(actor, appeal.employee))
    appeal = Appeal.objects.select_for_update().get(pk=appeal.pk)
    if State.DECIDED not in _reachable(State(appeal.state)):
        raise InvalidInput(_("%(appeal)s is decided.") % {"appeal": appeal.appeal_no})
    name = plain_name(name)
    if not 0 < len(content) <= EVIDENCE_LIMIT:
        raise InvalidInput(
            _("%(name)s: a file of evidence has at most 10 MB and is not empty.") % {"name": name}
        )
    kind = content_type_of(content)
    if kind is None:
        raise InvalidInput(
            _("%(name)s is not a PDF, picture, Word or Excel file, sound or plain text.")
            % {"name": name}
        )
    digest = hashlib.sha256(content).hexdigest()
    known = AppealFile.objects.filter(appeal=appeal, sha256=digest).first()
    if known is not None:
        return known
    if appeal.files.count() >= EVIDENCE_FILES:
        raise InvalidInput(
            _("%(name)s was not added: an appeal has at most %(n)d files.")
            % {"name": name, "n": EVIDENCE_FILES}
        )
    file = AppealFile.objects.create(
        appeal=appeal,
        name=name,
        content_type=kind,
        size=len(content),
        sha256=digest,
        content=content,
        added_by=actor,
        added_at=now,
    )
    log(appeal, "file_added", actor=actor, now=now, before=appeal.state, sha256=digest)
    return file


@transaction.atomic
def remove_file(file: AppealFile, *, actor: User, now: datetime | None = None) -> None:
    """Take a file out of a draft; what was handed in stays in the file."""
    require(may_file_appeal(actor, file.appeal.employee))
    appeal = Appeal.objects.select_for_update().get(pk=file.appeal_id)
    if appeal.state != State.DRAFT:
        raise InvalidTransition(
            _("%(appeal)s is submitted; its evidence stays with it.") % {"appeal": appeal.appeal_no}
        )
    digest = file.sha256
    file.delete()
    moment = now or timezone.now()
    log(appeal, "file_removed", actor=actor, now=moment, before=appeal.state, sha256=digest)


def _reachable(state: State) -> set[State]:
    """The states an appeal can still come to."""
    found: set[State] = set()
    waiting = [state]
    while waiting:
        for target in Appeal.TRANSITIONS[waiting.pop()] - found:
            found.add(target)
            waiting.append(target)
    return found
