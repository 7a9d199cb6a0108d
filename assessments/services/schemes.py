"""Take a scheme: checked whole, approved by a person, kept as an immutable version."""

import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Indicator, Scheme, SchemeVersion
from assessments.permissions import may_import_scheme
from assessments.rules.canonical import digest, dumps
from assessments.rules.faults import SpecError
from assessments.rules.specs import parse_scheme
from core import audit
from core.errors import InvalidInput
from core.locks import Lock, take
from core.models import User
from core.permissions import require
from organization.models import Position


@transaction.atomic
def import_scheme(
    spec: Any, *, actor: User, now: datetime.datetime | None = None, dry_run: bool = False
) -> tuple[SchemeVersion | None, bool]:
    """Approve a scheme for periods beginning on or after its effective date.

    `spec` is the file's content with exact numbers (int, Decimal). Returns (version, created);
    the content valid already changes nothing. Faults: InvalidInput naming each.
    """
    require(may_import_scheme(actor))
    known = list(Indicator.objects.values_list("code", flat=True))
    try:
        parsed = parse_scheme(spec, known)
    except SpecError as error:
        raise InvalidInput(_worded(error)) from error
    if dry_run:
        return None, False
    take(Lock.SCHEME)
    scheme, _created = Scheme.objects.get_or_create(code=parsed.code)
    latest = scheme.versions.order_by("-number").first()
    content_hash = digest(_exact(spec))
    if latest is not None and latest.content_hash == content_hash:
        return latest, False
    version = SchemeVersion.objects.create(
        scheme=scheme,
        number=latest.number + 1 if latest else 1,
        spec=_exact(spec),
        content_hash=content_hash,
        effective_from=parsed.effective_from,
        applies_to=parsed.applies_to,
        position_codes=list(parsed.position_codes),
        approved_by=actor,
        approved_at=now or timezone.now(),
    )
    version.refresh_from_db()
    facts = {"code": parsed.code, "number": version.number, "hash": content_hash}
    audit.record(actor, "scheme.approved", version, **facts)
    return version, True


def unknown_positions(version: SchemeVersion) -> list[str]:
    """Position codes of a scheme that no roster has brought yet (they may come later)."""
    known = Position.objects.filter(code__in=version.position_codes).values_list("code", flat=True)
    return sorted(set(version.position_codes) - set(known))


def _worded(error: SpecError) -> str:
    lines = [f"{fault.where}: {_(fault.text) % fault.values}" for fault in error.faults]
    return "\n".join(lines)


def _exact(value: Any) -> Any:
    """The content with Decimals as plain text, which a JSON column keeps exactly."""
    if isinstance(value, dict):
        return {key: _exact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_exact(item) for item in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    return dumps(value).strip('"')
