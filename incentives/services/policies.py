"""Import and activate policies; import local wage rules. Nothing here moves pay."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import InvalidInput, InvalidTransition
from core.locks import Lock, take
from core.models import User
from core.permissions import require
from incentives import permissions
from incentives.models import Jurisdiction, Policy, PolicyVersion, Proposal, Simulation
from incentives.queries import policies as queries
from incentives.rules import chain
from incentives.rules.jurisdiction import WageRule
from incentives.services import policy_checks

Status = PolicyVersion.Status
Evidence = dict[str, Any]


@transaction.atomic
def import_policy(spec: dict[str, Any], *, actor: User) -> tuple[PolicyVersion, bool]:
    """Keep a checked policy as a draft. Returns (version, whether it is new).

    Content already kept, draft or active, stays as it is. Raises policy_checks.BadPolicy.
    """
    require(permissions.may_import_policy(actor))
    policy_checks.check(spec)
    take(Lock.POLICY)
    policy, _created = Policy.objects.get_or_create(code=spec["code"])
    content_hash = chain.digest(spec)
    same = policy.versions.exclude(status=Status.RETIRED).filter(content_hash=content_hash).first()
    if same is not None:
        return same, False
    last = policy.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = PolicyVersion.objects.create(
        policy=policy,
        number=last + 1,
        spec=spec,
        content_hash=content_hash,
        effective_from=date.fromisoformat(spec["effective_from"]),
        imported_by=actor,
    )
    audit.record(actor, "policy.imported", version, content_hash=content_hash)
    return version, True


@transaction.atomic
def activate_policy(
    code: str, evidence: Evidence, *, actor: User, now: datetime | None = None
) -> PolicyVersion:
    """Put the newest draft of a policy in force from its effective date.

    `evidence` has exactly the keys of the policy's activation.required. Periods that began before
    the effective date keep their version; a period already decided under another one is never
    taken over. Older drafts of the policy are retired.
    """
    now = now or timezone.now()
    require(permissions.may_activate_policy(actor))
    take(Lock.POLICY)
    # Whoever proposes or decides reads what is in force under this one: neither sees half.
    take(Lock.PROPOSAL)
    version = queries.newest(code)
    if version.status != Status.DRAFT:
        raise InvalidTransition(
            _("%(policy)s is active since %(date)s; there is no newer draft.")
            % {"policy": version, "date": version.effective_from}
        )
    _check_evidence(version, evidence, actor=actor, today=timezone.localdate(now))
    _check_date(version)
    version.status = Status.ACTIVE
    version.activated_by = actor
    version.activated_at = now
    version.evidence = evidence
    version.save(update_fields=["status", "activated_by", "activated_at", "evidence"])
    drafts = version.policy.versions.filter(status=Status.DRAFT, number__lt=version.number)
    drafts.update(status=Status.RETIRED)
    audit.record(
        actor,
        "policy.activated",
        version,
        content_hash=version.content_hash,
        effective_from=version.effective_from,
        simulation=int(str(evidence["simulation"])),
    )
    return version


def _check_date(version: PolicyVersion) -> None:
    """One active version per date, and none over what was decided under another."""
    active = PolicyVersion.objects.filter(status=Status.ACTIVE)
    same = active.filter(effective_from=version.effective_from).first()
    if same is not None:
        raise InvalidTransition(
            _("%(policy)s is already active from %(date)s; a new version needs a later date.")
            % {"policy": same, "date": same.effective_from}
        )
    decided = Proposal.objects.filter(
        status=Proposal.Status.DECIDED, period__first_day__gte=version.effective_from
    )
    later = active.filter(effective_from__gt=version.effective_from).order_by("effective_from")
    following = later.first()
    if following is not None:
        decided = decided.filter(period__first_day__lt=following.effective_from)
    first = decided.select_related("period").order_by("period__first_day").first()
    if first is not None:
        raise InvalidTransition(
            _("%(period)s is decided under %(policy)s; the new version needs a later date.")
            % {"period": first.period.key, "policy": first.policy_version}
        )


def _check_evidence(
    version: PolicyVersion, evidence: Evidence, *, actor: User, today: date
) -> None:
    """Refuse with every fault at once; the special keys have their own rule, others need text."""
    if not isinstance(evidence, dict):
        raise InvalidInput(_("The evidence file must hold one JSON object."))
    required = version.spec["activation"]["required"]
    faults = [_("%(key)s is missing") % {"key": key} for key in required if key not in evidence]
    faults += [
        _("%(key)s is not asked for") % {"key": key} for key in evidence if key not in required
    ]
    rules: dict[str, Callable[[Any], str | None]] = {
        "publication_date": lambda value: _publication_fault(value, version, today),
        "simulation": lambda value: _simulation_fault(value, version),
        "management_group_approval": lambda value: _approval_fault(value, actor),
    }
    for key in required:
        if key in evidence:
            fault = rules.get(key, _text_fault)(evidence[key])
            faults += [f"{key}: {fault}"] if fault else []
    if faults:
        raise InvalidInput("\n".join(faults))


def _text_fault(value: Any) -> str | None:
    """A record is named by text or a number, or listed; blanks and empty lists name nothing."""
    if isinstance(value, str):
        return None if value.strip() else _("is empty")
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return None if value > 0 else _("is empty")
    if isinstance(value, list | dict):
        values = list(value.values()) if isinstance(value, dict) else value
        faults = [_text_fault(one) for one in values] or [_("is empty")]
        return next((fault for fault in faults if fault), None)
    return _("must be text, a number, a list or an object")


def _publication_fault(value: Any, version: PolicyVersion, today: date) -> str | None:
    try:
        published = date.fromisoformat(value)
    except (TypeError, ValueError):
        return _("%(value)s is not a date (YYYY-MM-DD)") % {"value": value}
    if published > today:
        return _("%(date)s has not come yet") % {"date": published}
    if published > version.effective_from:
        return _("published %(date)s, after the effective date %(effective)s") % {
            "date": published,
            "effective": version.effective_from,
        }
    return None


def _simulation_fault(value: Any, version: PolicyVersion) -> str | None:
    number = str(value)
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,18}", number):
        return _("%(value)s is not the id of a simulation") % {"value": value}
    simulation = Simulation.objects.filter(pk=int(number)).first()
    if simulation is None:
        return _("there is no simulation %(id)s") % {"id": number}
    if simulation.content_hash != version.content_hash:
        return _("simulation %(id)s is of another content than %(policy)s") % {
            "id": number,
            "policy": version,
        }
    return None


def _approval_fault(value: Any, actor: User) -> str | None:
    if value == actor.get_username():
        return None
    return _("%(value)s is not the account that activates (%(actor)s)") % {
        "value": value,
        "actor": actor.get_username(),
    }


@transaction.atomic
def import_jurisdictions(
    rules: Iterable[WageRule], *, actor: User, now: datetime | None = None
) -> dict[str, int]:
    """Keep wage rules by city and date; a changed one becomes a new version.

    Returns {"new": …, "changed": …, "unchanged": …}; absent rows change nothing.
    """
    now = now or timezone.now()
    require(permissions.may_import_policy(actor))
    take(Lock.JURISDICTION)
    current = {
        (row.city, row.effective_from): row
        for row in Jurisdiction.objects.filter(superseded_at__isnull=True)
    }
    counts = {"new": 0, "changed": 0, "unchanged": 0}
    for rule in rules:
        known = current.get((rule.city, rule.effective_from))
        if known is not None and _same(known, rule):
            counts["unchanged"] += 1
            continue
        counts["changed" if known else "new"] += 1
        if known is not None:
            known.superseded_at = now
            known.save(update_fields=["superseded_at"])
        row = Jurisdiction.objects.create(
            **rule._asdict(), version=known.version + 1 if known else 1, imported_by=actor
        )
        audit.record(actor, "jurisdiction.imported", row, city=row.city, version=row.version)
    return counts


def _same(row: Jurisdiction, rule: WageRule) -> bool:
    return all(getattr(row, name) == value for name, value in rule._asdict().items())
