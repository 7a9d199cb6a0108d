"""A batch for its page: totals that must match, lines by search, who may do the next step."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core.models import User
from core.permissions import Allowed, Denied
from incentives.models import PayrollBatch, PayrollEvent, PayrollLine
from incentives.permissions import may_approve_batch, may_reject_batch, may_run_payroll
from organization.models import Employee, Role
from organization.queries import users_with

State = PayrollBatch.State
WITH_FILE = (State.GENERATED, State.DELIVERED, State.ACKNOWLEDGED, State.CLOSED)


@dataclass(frozen=True)
class Verbs:
    """Which step of the batch is next and whether this account may take it; None: not now."""

    validate: Allowed | Denied | None = None
    approve: Allowed | Denied | None = None
    reject: Allowed | Denied | None = None
    generate: Allowed | Denied | None = None
    download: Allowed | Denied | None = None
    acknowledge: Allowed | Denied | None = None
    close: Allowed | Denied | None = None


def verbs(batch: PayrollBatch, user: User) -> Verbs:
    """What the page offers, from the same permissions the services ask."""
    state, run = State(batch.state), may_run_payroll(user)
    targets = PayrollBatch.TRANSITIONS[state]
    return Verbs(
        validate=run if State.VALIDATED in targets else None,
        approve=may_approve_batch(user, batch) if State.APPROVED in targets else None,
        reject=may_reject_batch(user, batch) if State.REJECTED in targets else None,
        generate=run if State.GENERATED in targets else None,
        download=run if state in WITH_FILE else None,
        acknowledge=run if State.ACKNOWLEDGED in targets else None,
        close=run if State.CLOSED in targets else None,
    )


def approvers(batch: PayrollBatch) -> list[Employee | User]:
    """Who may approve the batch: the management group without its builder."""
    accounts = users_with(Role.GROUP).exclude(pk=batch.built_by_id).select_related("employee")
    return [getattr(user, "employee", None) or user for user in accounts]


def totals(batch: PayrollBatch) -> dict[str, Any]:
    """The control totals with amounts as Decimal."""
    return {
        **batch.totals,
        **_amounts(batch.totals),
        "items": [row | _amounts(row) for row in batch.totals.get("items", [])],
    }


def _amounts(row: dict[str, Any]) -> dict[str, Decimal]:
    return {key: Decimal(row.get(key, "0")) for key in ("add", "deduct", "net")}


def lines(
    batch: PayrollBatch, *, search: str = "", item: str = "", kind: str = ""
) -> QuerySet[PayrollLine]:
    """The lines in their order; search by number, name or source."""
    rows = batch.lines.select_related(
        "employee", "reverses__batch", "entry__scorecard", "entry__appeal", "entry__recovery"
    ).order_by("line_no")
    for word in search.split():
        found = (
            Q(employee__employee_no__icontains=word)
            | Q(employee__name__icontains=word)
            | Q(employee__sort_key__icontains=word)
            | Q(source_no__icontains=word)
        )
        if word.isascii() and word.isdigit() and len(word) < 9:
            found |= Q(line_no=int(word))
        rows = rows.filter(found)
    if item:
        rows = rows.filter(pay_item_code=item)
    if kind == "none":
        rows = rows.filter(kind="")
    elif kind:
        rows = rows.filter(kind=kind)
    return rows


EVENT_NAMES = {
    "built": lambda: _("built"),
    "validated": lambda: _("checked"),
    "approved": lambda: _("approved"),
    "rejected": lambda: _("sent back"),
    "generated": lambda: _("Excel made"),
    "delivered": lambda: _("downloaded"),
    "acknowledged": lambda: _("receipt entered"),
    "closed": lambda: _("closed"),
}


def history(events: Iterable[PayrollEvent]) -> list[dict[str, Any]]:
    """The steps of a batch in words, oldest first."""
    rows = sorted(events, key=lambda event: event.pk)
    return [
        {
            "what": EVENT_NAMES.get(row.verb, lambda: "")() or row.verb,
            "at": row.at,
            "who": row.actor,
        }
        for row in rows
    ]
